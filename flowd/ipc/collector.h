/*
 * Collectors that copies of datagrams are sent to: shared by the parent, which
 * opens the sockets, and the forwarder, which sends.
 *
 * Called by forward_sockets.c, forward.c and forwarder.c.
 * Tests: test/unit/flowd/ipc/test_endpoint.c,
 * test/program/flowd/test_forward.py.
 */
#ifndef FLOWD_COLLECTOR_H
#define FLOWD_COLLECTOR_H

#include "endpoint.h"

/* 192.0.2.1:2055, as endpoint_format(). Returns buf. */
const char *collector_format(
    const struct collector *c, char buf[ENDPOINT_TEXT_MAX]);

bool collector_equal(const struct collector *a, const struct collector *b);

/* Connect a socket to it: connect(2). Returns 0, or -1 and errno. */
int collector_connect(const struct collector *c, int fd);

#endif
