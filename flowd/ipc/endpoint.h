/*
 * Addresses with ports, and sizes in octets, as text for messages.
 *
 * Called wherever a message names a socket.
 * Test: test/unit/flowd/ipc/test_endpoint.c.
 */
#ifndef FLOWD_ENDPOINT_H
#define FLOWD_ENDPOINT_H

#include "ast.h"

enum { ENDPOINT_TEXT_MAX = ADDR_TEXT_MAX + IFACE_MAX + 32 };

/*
 * 192.0.2.1:2055 or [2001:db8::1%2]:2055, with " on eth0" when it is bound to
 * an interface. Returns buf.
 */
const char *endpoint_format(
    const struct endpoint *e, char buf[ENDPOINT_TEXT_MAX]);

enum { SIZE_TEXT_MAX = 32 };

/* Octets in binary units: 208 KiB, 64 MiB. Returns buf. */
const char *size_format(uint64_t octets, char buf[SIZE_TEXT_MAX]);

#endif
