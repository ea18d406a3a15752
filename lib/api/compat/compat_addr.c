/* Addresses of the classic library; see include/flowd/compat.h. */
#include <arpa/inet.h>
#include <string.h>

#include "addr.h"
#include "flowd/compat.h"
#include "num.h"
#include "result.h"

enum { V4_OCTETS = 4, V6_OCTETS = 16 };

/* Octets of an address; 0 of a family that is neither. */
static size_t
octets_of(int af)
{
	return af == AF_INET ? V4_OCTETS : af == AF_INET6 ? V6_OCTETS : 0;
}

/* Between this and the addresses of the library. */
static struct addr
addr_of(const struct xaddr *x)
{
	struct addr a = { .family = ADDR_NONE };

	if (x->af == AF_INET) {
		a = addr_from_v4(ntohl(x->v4.s_addr));
	} else if (x->af == AF_INET6) {
		a = addr_from_v6(addr6_load(x->addr8));
		a.scope = x->scope_id;
	}
	return a;
}

static struct xaddr
xaddr_of(const struct addr *a)
{
	struct xaddr x = { .af = AF_UNSPEC };

	if (a->family == ADDR_V4) {
		x.af = AF_INET;
		x.v4.s_addr = htonl(a->v4);
	} else if (a->family == ADDR_V6) {
		x.af = AF_INET6;
		addr6_store(x.addr8, a->v6);
		x.scope_id = a->scope;
	}
	return x;
}

int
addr_unicast_masklen(int af)
{
	size_t n = octets_of(af);

	return n > 0 ? (int)(8 * n) : -1;
}

int
addr_xaddr_to_sa(const struct xaddr *xa, struct sockaddr *sa, socklen_t *len,
    uint16_t port)
{
	struct sockaddr_storage ss;
	struct addr a;
	unsigned n;

	if (xa == NULL || sa == NULL || len == NULL)
		return -1;
	a = addr_of(xa);
	n = addr_to_sockaddr(&a, port, &ss);
	if (n == 0 || n > *len)
		return -1;
	memcpy(sa, &ss, n);
	*len = n;
	return 0;
}

int
addr_sa_to_xaddr(const struct sockaddr *sa, socklen_t slen, struct xaddr *xa)
{
	struct sockaddr_storage ss = { .ss_family = AF_UNSPEC };
	struct addr a;
	uint16_t port;

	if (sa == NULL || xa == NULL || slen > sizeof(ss))
		return -1;
	memcpy(&ss, sa, slen);
	if ((ss.ss_family == AF_INET && slen < sizeof(struct sockaddr_in)) ||
	    (ss.ss_family == AF_INET6 && slen < sizeof(struct sockaddr_in6)))
		return -1;
	a = addr_from_sockaddr((const struct sockaddr *)&ss, &port);
	*xa = xaddr_of(&a);
	return a.family != ADDR_NONE ? 0 : -1;
}

/* --- Masks --- */

int
addr_netmask(int af, unsigned l, struct xaddr *n)
{
	size_t octets = octets_of(af);

	if (n == NULL || octets == 0 || l > 8 * octets)
		return -1;
	*n = (struct xaddr) { .af = (sa_family_t)af };
	for (size_t i = 0; i < octets && l > 0; i++) {
		unsigned bits = l < 8 ? l : 8;

		n->addr8[i] = (uint8_t)(0xff00 >> bits);
		l -= bits;
	}
	return 0;
}

int
addr_invert(struct xaddr *n)
{
	size_t octets = n != NULL ? octets_of(n->af) : 0;

	for (size_t i = 0; i < octets; i++)
		n->addr8[i] = (uint8_t)~n->addr8[i];
	return octets > 0 ? 0 : -1;
}

int
addr_hostmask(int af, unsigned l, struct xaddr *n)
{
	return addr_netmask(af, l, n) == 0 ? addr_invert(n) : -1;
}

/* --- Text --- */

int
addr_pton(const char *p, struct xaddr *n)
{
	struct addr a;

	if (p == NULL || addr_parse(p, &a) != 0)
		return -1;
	if (n != NULL)
		*n = xaddr_of(&a);
	return 0;
}

int
addr_sa_pton(const char *h, const char *s, struct sockaddr *sa, socklen_t slen)
{
	struct xaddr x;
	uint64_t port = 0;

	if (addr_pton(h, &x) != 0 ||
	    (s != NULL && num_parse(s, UINT16_MAX, &port) != 0))
		return -1;
	return sa != NULL ? addr_xaddr_to_sa(&x, sa, &slen, (uint16_t)port)
			  : 0;
}

int
addr_pton_cidr(const char *p, struct xaddr *n, unsigned *l)
{
	struct prefix prefix;
	int bad = p != NULL ? prefix_parse(p, &prefix) : FLOWD_EINVAL;

	if (bad != 0)
		return bad == FLOWD_ERANGE ? -2 : -1;
	if (n != NULL)
		*n = xaddr_of(&prefix.addr);
	if (l != NULL)
		*l = prefix.len;
	return 0;
}

/* As much as fits would be another address: all of it, or nothing. */
static int
text_put(char *to, size_t size, const char *text)
{
	size_t len = strlen(text);

	if (to == NULL || len >= size)
		return -1;
	memcpy(to, text, len + 1);
	return 0;
}

int
addr_ntop(const struct xaddr *n, char *p, size_t len)
{
	char text[ADDR_TEXT_MAX];
	struct addr a;

	if (n == NULL || octets_of(n->af) == 0)
		return -1;
	a = addr_of(n);
	return text_put(p, len, addr_format_scoped(&a, text));
}

int
addr_sa_ntop(const struct sockaddr *sa, socklen_t slen, char *h, size_t hlen,
    char *p, size_t plen)
{
	struct xaddr x;
	uint16_t port;
	char text[8];

	if (addr_sa_to_xaddr(sa, slen, &x) != 0)
		return -1;
	(void)addr_from_sockaddr(sa, &port);
	(void)snprintf(text, sizeof(text), "%u", port);
	if (h != NULL && addr_ntop(&x, h, hlen) != 0)
		return -1;
	return p != NULL ? text_put(p, plen, text) : 0;
}

const char *
addr_ntop_buf(const struct xaddr *a)
{
	static _Thread_local char text[ADDR_TEXT_MAX];

	return addr_ntop(a, text, sizeof(text)) == 0 ? text : NULL;
}

/* --- Bits --- */

int
addr_and(struct xaddr *dst, const struct xaddr *a, const struct xaddr *b)
{
	size_t octets;

	if (dst == NULL || a == NULL || b == NULL || a->af != b->af)
		return -1;
	octets = octets_of(a->af);
	*dst = *a;
	for (size_t i = 0; i < octets; i++)
		dst->addr8[i] &= b->addr8[i];
	return octets > 0 ? 0 : -1;
}

int
addr_or(struct xaddr *dst, const struct xaddr *a, const struct xaddr *b)
{
	size_t octets;

	if (dst == NULL || a == NULL || b == NULL || a->af != b->af)
		return -1;
	octets = octets_of(a->af);
	*dst = *a;
	for (size_t i = 0; i < octets; i++)
		dst->addr8[i] |= b->addr8[i];
	return octets > 0 ? 0 : -1;
}

int
addr_cmp(const struct xaddr *a, const struct xaddr *b)
{
	int order;

	if (a->af != b->af)
		return a->af < b->af ? -1 : 1;
	order = memcmp(a->addr8, b->addr8, octets_of(a->af));
	if (order != 0 || a->af != AF_INET6 || a->scope_id == b->scope_id)
		return order;
	return a->scope_id < b->scope_id ? -1 : 1;
}

/* Are the bits of n that are set in mask all those of want? */
static int
bits_are(const struct xaddr *n, const struct xaddr *mask, uint8_t want)
{
	for (size_t i = 0; i < octets_of(n->af); i++)
		if ((n->addr8[i] & mask->addr8[i]) !=
		    (want & mask->addr8[i]))
			return -1;
	return 0;
}

static int
host_bits_are(const struct xaddr *n, unsigned masklen, uint8_t want)
{
	struct xaddr mask;

	if (n == NULL || addr_hostmask(n->af, masklen, &mask) != 0)
		return -1;
	return bits_are(n, &mask, want);
}

int
addr_is_all0s(const struct xaddr *n)
{
	return host_bits_are(n, 0, 0);
}

int
addr_host_is_all0s(const struct xaddr *n, unsigned masklen)
{
	return host_bits_are(n, masklen, 0);
}

int
addr_host_is_all1s(const struct xaddr *n, unsigned masklen)
{
	return host_bits_are(n, masklen, UINT8_MAX);
}

int
addr_host_to_all0s(struct xaddr *a, unsigned masklen)
{
	struct xaddr mask, from;

	if (a == NULL || addr_netmask(a->af, masklen, &mask) != 0)
		return -1;
	from = *a;
	return addr_and(a, &from, &mask);
}

int
addr_host_to_all1s(struct xaddr *a, unsigned masklen)
{
	struct xaddr mask, from;

	if (a == NULL || addr_hostmask(a->af, masklen, &mask) != 0)
		return -1;
	from = *a;
	return addr_or(a, &from, &mask);
}

int
addr_netmatch(
    const struct xaddr *host, const struct xaddr *net, unsigned masklen)
{
	struct xaddr mask;

	if (host == NULL || net == NULL || host->af != net->af ||
	    addr_netmask(net->af, masklen, &mask) != 0)
		return -1;
	for (size_t i = 0; i < octets_of(net->af); i++)
		if (((host->addr8[i] ^ net->addr8[i]) & mask.addr8[i]) != 0)
			return -1;
	return net->scope_id == 0 || host->scope_id == net->scope_id ? 0 : -1;
}
