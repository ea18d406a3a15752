/*
 * Names of ICMP messages in filters, as packet filters use them.
 *
 * Test: test/unit/syntax/test_names.c.
 */
#ifndef FLOWD_ICMP_NAME_H
#define FLOWD_ICMP_NAME_H

#include <stdint.h>

/* The types with this name; -1: the protocol has none. */
struct icmp_name {
	const char *name;
	int16_t type4; /* ICMP, RFC 792 and others */
	int16_t type6; /* ICMPv6, RFC 4443, 4861 and others */
};

/* NULL when there is none of this name. */
const struct icmp_name *icmp_by_name(const char *name);
/* The nearest known name, or NULL. */
const char *icmp_suggest(const char *name);

#endif
