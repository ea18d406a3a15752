/*
 * IP addresses and prefixes, in host byte order.
 *
 * An address is numeric always: no function here asks a resolver.
 */
#ifndef FLOWD_ADDR_H
#define FLOWD_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr;
struct sockaddr_storage;

enum addr_family {
	ADDR_NONE = 0,
	ADDR_V4 = 4,
	ADDR_V6 = 6
};

/* An IPv6 address as two 64-bit numbers: hi holds the first eight octets. */
struct addr6 {
	uint64_t hi;
	uint64_t lo;
};

/* Only the member that family names is meaningful. */
struct addr {
	uint8_t family;		/* enum addr_family */
	uint32_t scope;		/* IPv6 scope id (an interface index), or 0 */
	uint32_t v4;
	struct addr6 v6;
};

/* A prefix; host bits of addr are zero. */
struct prefix {
	struct addr addr;
	uint8_t len;		/* bits, 0-32 or 0-128 */
};

enum {
	ADDR_TEXT_MAX = 64 /* longest text of an address, with scope and 0 */
};

struct addr6 addr6_load(const uint8_t octets[16]);
void addr6_store(uint8_t octets[16], struct addr6 a);

struct addr addr_from_v4(uint32_t v4);
struct addr addr_from_v6(struct addr6 v6);
/* The mask of a prefix length of IPv6. */
struct addr6 addr6_mask(unsigned len);
bool addr_equal(const struct addr *a, const struct addr *b);
/* Is it what was asked for? That without a scope may have any. */
bool addr_answers(const struct addr *asked, const struct addr *a);

/*
 * Read the numeric text of an address; IPv6 with or without [ ] and with or
 * without %scope. IPv4 takes the short forms of inet_aton(3) too.
 * Returns 0, or FLOWD_EINVAL and leaves a untouched.
 */
int addr_parse(const char *text, struct addr *a);
/*
 * What a message adds about a text that is no address, with the punctuation in
 * front of it, or "": for the name of a host what to write instead, where IPv6
 * stands in brackets if so.
 */
const char *addr_hint(const char *text, bool brackets);

/*
 * Read "ADDR", "ADDR/LEN", "[V6]" or "[V6]/LEN". Without a length it is a host.
 * A short IPv4 address is filled up as inet_aton(3) does, "127.1/32", or where
 * bits beyond the length would be set then, with zeros: "10/8". Returns 0,
 * FLOWD_EINVAL for a text that is no prefix, or FLOWD_ERANGE when bits beyond
 * the length are set.
 */
int prefix_parse(const char *text, struct prefix *p);
/* A prefix without a scope matches any scope; with one, only that. */
bool prefix_match(const struct prefix *p, const struct addr *a);

/*
 * Canonical text (RFC 5952, and as getnameinfo(3) writes it: IPv4-mapped and
 * IPv4-compatible with a dotted tail; a scope as %NUMBER or %IFNAME is not
 * written). Returns the length written without the ending 0; buf holds
 * ADDR_TEXT_MAX octets.
 */
size_t addr4_format(uint32_t v4, char *buf);
size_t addr6_format(struct addr6 v6, char *buf);
size_t addr_format(const struct addr *a, char *buf);
/* The same as a string, with the scope as %NUMBER when there is one. */
const char *addr_format_scoped(const struct addr *a, char *buf);

/* Between addr and the system's sockaddr. Port in host order. */
struct addr addr_from_sockaddr(const struct sockaddr *sa, uint16_t *port);
/* Returns the length of the sockaddr, 0 for ADDR_NONE. */
unsigned addr_to_sockaddr(const struct addr *a, uint16_t port,
    struct sockaddr_storage *ss);

#endif
