/*
 * Names for numbers in filters: services and ICMP types. The numbers are from
 * IANA, not from the system, so that a rule means the same everywhere.
 *
 * Test: test/unit/config/test_parse.c.
 */
#ifndef FLOWD_NAME_H
#define FLOWD_NAME_H

#include <stdint.h>

/* The ICMP message with a name of packet filters; -1: the protocol has none. */
struct icmp_name {
	const char *name;
	int16_t type4; /* ICMP, RFC 792 and others */
	int16_t type6; /* ICMPv6, RFC 4443, 4861 and others */
};

/* The port of a service, or -1. */
int service_by_name(const char *name);
const char *service_suggest(const char *name);

/* NULL when there is none of this name. */
const struct icmp_name *icmp_by_name(const char *name);
const char *icmp_suggest(const char *name);

#endif
