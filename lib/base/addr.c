/* Addresses and prefixes; see addr.h. Test: test/unit/base/test_addr.c. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "addr.h"
#include "endian_be.h"
#include "result.h"
#include "text.h"

struct addr6
addr6_load(const uint8_t octets[16])
{
	return (struct addr6) { load_be64(octets), load_be64(octets + 8) };
}

void
addr6_store(uint8_t octets[16], struct addr6 a)
{
	store_be64(octets, a.hi);
	store_be64(octets + 8, a.lo);
}

struct addr
addr_from_v4(uint32_t v4)
{
	return (struct addr) { .family = ADDR_V4, .v4 = v4 };
}

struct addr
addr_from_v6(struct addr6 v6)
{
	return (struct addr) { .family = ADDR_V6, .v6 = v6 };
}

bool
addr_equal(const struct addr *a, const struct addr *b)
{
	if (a->family != b->family)
		return false;
	switch (a->family) {
	case ADDR_V4:
		return a->v4 == b->v4;
	case ADDR_V6:
		return a->v6.hi == b->v6.hi && a->v6.lo == b->v6.lo &&
		    a->scope == b->scope;
	default:
		return true;
	}
}

bool
addr_answers(const struct addr *asked, const struct addr *a)
{
	struct addr its = *a;

	if (asked->scope == 0)
		its.scope = 0;
	return addr_equal(asked, &its);
}

/* The scope of fe80::1%eth0: a number, or a name that the system resolves. */
static int
scope_parse(const char *text, uint32_t *scope)
{
	char *end;
	unsigned long n;

	if (text[0] < '0' || text[0] > '9') {
		*scope = if_nametoindex(text);
		return *scope != 0 ? 0 : FLOWD_EINVAL;
	}
	n = strtoul(text, &end, 10);
	if (*end != '\0' || n > UINT32_MAX)
		return FLOWD_EINVAL;
	*scope = (uint32_t)n;
	return 0;
}

static int
addr6_parse(const char *text, size_t len, struct addr *a)
{
	char copy[ADDR_TEXT_MAX], *percent;
	struct in6_addr in6;
	uint32_t scope = 0;

	if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	if (len >= sizeof(copy))
		return FLOWD_EINVAL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	percent = strchr(copy, '%');
	if (percent != NULL) {
		*percent = '\0';
		if (scope_parse(percent + 1, &scope) != 0)
			return FLOWD_EINVAL;
	}
	if (inet_pton(AF_INET6, copy, &in6) != 1)
		return FLOWD_EINVAL;
	*a = addr_from_v6(addr6_load(in6.s6_addr));
	a->scope = scope;
	return 0;
}

/*
 * One to four numbers in C notation, the last of which fills the remaining
 * octets. This is what inet_aton(3) accepts, which is not in POSIX.
 */
static int
addr4_parse(const char *text, size_t len, struct addr *a)
{
	const char *at = text, *end = text + len;
	uint64_t v4 = 0, n;
	unsigned left = 4;
	char *stop;

	for (;;) {
		if (at == end || *at < '0' || *at > '9')
			return FLOWD_EINVAL;
		n = strtoull(at, &stop, 0);
		at = stop;
		if (at > end || (at < end && *at != '.'))
			return FLOWD_EINVAL;
		if (at == end)
			break;
		if (n > 255 || --left == 0)
			return FLOWD_EINVAL;
		v4 = v4 << 8 | n;
		at++;
	}
	if (n >= UINT64_C(1) << 8 * left)
		return FLOWD_EINVAL;
	*a = addr_from_v4((uint32_t)(v4 << 8 * left | n));
	return 0;
}

static int
addr_parse_len(const char *text, size_t len, struct addr *a)
{
	if (memchr(text, ':', len) != NULL)
		return addr6_parse(text, len, a);
	return addr4_parse(text, len, a);
}

int
addr_parse(const char *text, struct addr *a)
{
	return addr_parse_len(text, strlen(text), a);
}

const char *
addr_hint(const char *text, bool brackets)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";

	if (strcmp(text, "localhost") == 0)
		return brackets ? "; write 127.0.0.1 or [::1]"
				: "; write 127.0.0.1 or ::1";
	return strcmp(text, "any") != 0 &&
		text[strspn(text, "0123456789.-_")] != '\0' &&
		strspn(text, letters) == strlen(text)
	    ? "; host names are not looked up"
	    : "";
}

static unsigned
family_bits(uint8_t family)
{
	return family == ADDR_V6 ? 128 : 32;
}

/* The lowest n bits of a word of 64, n from 0 to 64. */
static uint64_t
low_bits(unsigned n)
{
	return n == 0 ? 0 : UINT64_MAX >> (64 - n);
}

struct addr6
addr6_mask(unsigned len)
{
	if (len < 64)
		return (struct addr6) { ~low_bits(64 - len), 0 };
	return (struct addr6) { UINT64_MAX, ~low_bits(128 - len) };
}

/* The host bits of an address, behind a prefix of len bits. */
static struct addr6
host_bits(const struct addr *a, unsigned len)
{
	if (a->family == ADDR_V4)
		return (struct addr6) { 0, a->v4 & low_bits(32 - len) };
	if (len < 64)
		return (struct addr6) { a->v6.hi & low_bits(64 - len),
			a->v6.lo };
	return (struct addr6) { 0, a->v6.lo & low_bits(128 - len) };
}

static int
prefix_parse_whole(const char *text, struct prefix *p)
{
	const char *slash = strchr(text, '/');
	size_t len = slash != NULL ? (size_t)(slash - text) : strlen(text);
	struct prefix got;
	struct addr6 host;
	unsigned long bits;
	char *end;

	if (addr_parse_len(text, len, &got.addr) != 0)
		return FLOWD_EINVAL;
	bits = family_bits(got.addr.family);
	if (slash != NULL) {
		if (slash[1] < '0' || slash[1] > '9')
			return FLOWD_EINVAL;
		bits = strtoul(slash + 1, &end, 10);
		if (*end != '\0' || bits > family_bits(got.addr.family))
			return FLOWD_EINVAL;
	}
	got.len = (uint8_t)bits;
	host = host_bits(&got.addr, got.len);
	if (host.hi != 0 || host.lo != 0)
		return FLOWD_ERANGE;
	*p = got;
	return 0;
}

/* Expands 10.1/16 to 10.1.0.0/16; false when there is nothing to expand. */
static bool
fill_network(const char *text, char *out, size_t size)
{
	const char *slash = strchr(text, '/');
	unsigned dots = 0;
	size_t len, n;

	if (slash == NULL || memchr(text, ':', (size_t)(slash - text)) != NULL)
		return false;
	n = len = (size_t)(slash - text);
	for (size_t i = 0; i < len; i++)
		dots += text[i] == '.';
	if (dots >= 3 || len + 2 * (3 - dots) + strlen(slash) >= size)
		return false;
	memcpy(out, text, len);
	for (; dots < 3; dots++) {
		out[n++] = '.';
		out[n++] = '0';
	}
	memcpy(out + n, slash, strlen(slash) + 1);
	return true;
}

int
prefix_parse(const char *text, struct prefix *p)
{
	char filled[ADDR_TEXT_MAX];
	int rc = prefix_parse_whole(text, p);

	/* 10/8 is 0.0.0.10/8 to inet_aton(3), which is no prefix. */
	if (rc == FLOWD_ERANGE && fill_network(text, filled, sizeof(filled)))
		return prefix_parse_whole(filled, p);
	return rc;
}

bool
prefix_match(const struct prefix *p, const struct addr *a)
{
	struct addr6 host;

	if (a->family != p->addr.family)
		return false;
	host = host_bits(a, p->len);
	if (a->family == ADDR_V4)
		return a->v4 - (uint32_t)host.lo == p->addr.v4;
	return a->v6.hi - host.hi == p->addr.v6.hi &&
	    a->v6.lo - host.lo == p->addr.v6.lo &&
	    (p->addr.scope == 0 || p->addr.scope == a->scope);
}

size_t
addr4_format(uint32_t v4, char *buf)
{
	char *out = text_u8(buf, (uint8_t)(v4 >> 24));

	*out++ = '.';
	out = text_u8(out, (uint8_t)(v4 >> 16));
	*out++ = '.';
	out = text_u8(out, (uint8_t)(v4 >> 8));
	*out++ = '.';
	out = text_u8(out, (uint8_t)v4);
	return (size_t)(out - buf);
}

/*
 * The longest run of two or more zero groups, the first of equals; bit i of
 * zero is group i. Returns its length, 0 without one.
 */
static unsigned
longest_zeros(unsigned zero, unsigned *first)
{
	unsigned ends = 0, len = 0;

	/* What is left after n rounds are the ends of runs of n + 1. */
	for (; zero != 0; zero &= zero << 1) {
		ends = zero;
		len++;
	}
	if (len < 2)
		return 0;
	*first = (unsigned)__builtin_ctz(ends) + 1 - len;
	return len;
}

/* Writes four octets, of which the returned number counts. */
static char *
group_format(char *out, unsigned group)
{
	static const char digits[] = "0123456789abcdef";
	unsigned zeros = (unsigned)(__builtin_clz(group | 1) - 16) / 4;
	uint32_t four = (uint32_t)digits[group >> 12] << 24 |
	    (uint32_t)digits[group >> 8 & 0xf] << 16 |
	    (uint32_t)digits[group >> 4 & 0xf] << 8 |
	    (uint32_t)digits[group & 0xf];

	store_be32((uint8_t *)out, four << 8 * zeros);
	return out + 4 - zeros;
}

/* ::ffff:192.0.2.1 and ::192.0.2.1, as getnameinfo(3) writes them. */
static bool
has_dotted_tail(struct addr6 v6)
{
	uint64_t top = v6.lo >> 32;

	return v6.hi == 0 &&
	    (top == 0xffff || (top == 0 && v6.lo > 0xffff));
}

size_t
addr6_format(struct addr6 v6, char *buf)
{
	unsigned first = 8, zero = 0, len, end = has_dotted_tail(v6) ? 6 : 8;
	uint16_t group[8];
	char *out = buf;

	for (unsigned i = 0; i < 8; i++) {
		group[i] = (uint16_t)((i < 4 ? v6.hi : v6.lo) >>
		    (48 - 16 * (i % 4)));
		zero |= (unsigned)(group[i] == 0) << i;
	}
	len = longest_zeros(zero, &first);
	for (unsigned i = 0; i < end; i++) {
		if (i == first) {
			*out++ = ':';
			if (i + len >= 8)
				*out++ = ':';
			i += len - 1;
			continue;
		}
		if (i > 0)
			*out++ = ':';
		out = group_format(out, group[i]);
	}
	if (end == 6) {
		*out++ = ':';
		out += addr4_format((uint32_t)v6.lo, out);
	}
	return (size_t)(out - buf);
}

const char *
addr_format_scoped(const struct addr *a, char *buf)
{
	size_t len = addr_format(a, buf);

	buf[len] = '\0';
	if (a->family == ADDR_V6 && a->scope != 0)
		(void)snprintf(buf + len, ADDR_TEXT_MAX - len, "%%%" PRIu32,
		    a->scope);
	return buf;
}

size_t
addr_format(const struct addr *a, char *buf)
{
	switch (a->family) {
	case ADDR_V4:
		return addr4_format(a->v4, buf);
	case ADDR_V6:
		return addr6_format(a->v6, buf);
	default:
		return 0;
	}
}

struct addr
addr_from_sockaddr(const struct sockaddr *sa, uint16_t *port)
{
	struct sockaddr_in sin;
	struct sockaddr_in6 sin6;
	struct addr a = { .family = ADDR_NONE };

	*port = 0;
	if (sa->sa_family == AF_INET) {
		memcpy(&sin, sa, sizeof(sin));
		a = addr_from_v4(ntohl(sin.sin_addr.s_addr));
		*port = ntohs(sin.sin_port);
	} else if (sa->sa_family == AF_INET6) {
		memcpy(&sin6, sa, sizeof(sin6));
		a = addr_from_v6(addr6_load(sin6.sin6_addr.s6_addr));
		a.scope = sin6.sin6_scope_id;
		*port = ntohs(sin6.sin6_port);
	}
	return a;
}

unsigned
addr_to_sockaddr(const struct addr *a, uint16_t port,
    struct sockaddr_storage *ss)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };

	memset(ss, 0, sizeof(*ss));
	switch (a->family) {
	case ADDR_V4:
		sin.sin_port = htons(port);
		sin.sin_addr.s_addr = htonl(a->v4);
		memcpy(ss, &sin, sizeof(sin));
		return sizeof(sin);
	case ADDR_V6:
		sin6.sin6_port = htons(port);
		sin6.sin6_scope_id = a->scope;
		addr6_store(sin6.sin6_addr.s6_addr, a->v6);
		memcpy(ss, &sin6, sizeof(sin6));
		return sizeof(sin6);
	default:
		return 0;
	}
}
