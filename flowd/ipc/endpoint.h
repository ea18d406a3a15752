/*
 * Addresses with ports as text for people. Called by whoever has something to
 * say of a socket.
 */
#ifndef FLOWD_ENDPOINT_H
#define FLOWD_ENDPOINT_H

#include "ast.h"

enum { ENDPOINT_TEXT_MAX = ADDR_TEXT_MAX + IFACE_MAX + 32 };

/* 192.0.2.1:2055 or [2001:db8::1%2]:2055, and " on eth0" when it says so. */
const char *endpoint_format(
    const struct endpoint *e, char buf[ENDPOINT_TEXT_MAX]);

enum { SIZE_TEXT_MAX = 32 };

/* Octets in the unit of 1024 that people would take: 208 KiB, 64 MiB. */
const char *size_format(uint64_t octets, char buf[SIZE_TEXT_MAX]);

#endif
