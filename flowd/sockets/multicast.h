/*
 * Multicast groups of a socket: "join group".
 *
 * Called by listen.c. Test: test/program/flowd/test_networks.py.
 */
#ifndef FLOWD_MULTICAST_H
#define FLOWD_MULTICAST_H

#include "ast.h"
#include "result.h"

/*
 * Join or leave a group, on its interface; if it names none, on iface; if that
 * is "", the routing table decides. Joining twice is no error. Returns 0, or
 * FLOWD_EIO with err set.
 */
int multicast_join(int fd, const struct multicast_group *g, const char *iface,
    struct flowd_error *err);
int multicast_leave(int fd, const struct multicast_group *g, const char *iface,
    struct flowd_error *err);

bool multicast_equal(
    const struct multicast_group *a, const struct multicast_group *b);

enum { MULTICAST_TEXT_MAX = 2 * ADDR_TEXT_MAX + 32 };

/* 239.1.1.1 on eth0 */
const char *multicast_format(const struct multicast_group *g,
    char buf[MULTICAST_TEXT_MAX]);

#endif
