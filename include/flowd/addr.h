/*
 * IP addresses. No function asks a resolver.
 */
#ifndef LIBFLOWD_ADDR_H
#define LIBFLOWD_ADDR_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
	FLOWD_ADDR_NONE = 0,
	FLOWD_ADDR_V4 = 4,
	FLOWD_ADDR_V6 = 6,
	FLOWD_ADDR_TEXT = 64 /* octets of the longest text, with its 0 */
};

struct flowd_addr {
	uint8_t family;		/* FLOWD_ADDR_NONE, _V4 or _V6 */
	uint8_t reserved[3];	/* 0 */
	uint32_t scope;		/* IPv6: index of an interface, or 0 */
	uint8_t octets[16];	/* network order; of IPv4 the first four */
};

/*
 * Read the numeric text of an address, "192.0.2.1", "2001:db8::1" or
 * "fe80::1%2". Returns 0, or FLOWD_EINVAL and leaves a as it is.
 */
int flowd_addr_parse(const char *text, struct flowd_addr *a);

/*
 * Write the canonical text (RFC 5952) and a 0 into text, of FLOWD_ADDR_TEXT
 * octets; "" for FLOWD_ADDR_NONE. Returns its length.
 */
size_t flowd_addr_format(const struct flowd_addr *a, char *text);

#ifdef __cplusplus
}
#endif

#endif
