/* Multicast groups; see multicast.h. */
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "multicast.h"
#include "sock.h"

const char *
multicast_format(const struct multicast_group *g, char buf[MULTICAST_TEXT_MAX])
{
	char addr[ADDR_TEXT_MAX];

	(void)snprintf(buf, MULTICAST_TEXT_MAX, "%s%s%s",
	    addr_format_scoped(&g->addr, addr),
	    g->on[0] != '\0' ? " on " : "", g->on);
	return buf;
}

bool
multicast_equal(
    const struct multicast_group *a, const struct multicast_group *b)
{
	return addr_equal(&a->addr, &b->addr) && strcmp(a->on, b->on) == 0;
}

/* The index of the interface that has an address, or 0. */
static unsigned
index_of_address(const struct addr *want)
{
	struct ifaddrs *all, *i;
	struct addr has;
	uint16_t port;
	unsigned index = 0;

	if (getifaddrs(&all) != 0)
		return 0;
	for (i = all; i != NULL && index == 0; i = i->ifa_next) {
		if (i->ifa_addr == NULL)
			continue;
		has = addr_from_sockaddr(i->ifa_addr, &port);
		if (want->scope == 0)
			has.scope = 0;
		if (has.family != ADDR_NONE && addr_equal(&has, want))
			index = if_nametoindex(i->ifa_name);
	}
	freeifaddrs(all);
	return index;
}

/*
 * The index of an interface by name or, for text with a dot or colon, by
 * address.
 */
static unsigned
index_of(const char *on)
{
	unsigned index = if_nametoindex(on);
	struct addr addr;

	if (index == 0 && strpbrk(on, ".:") != NULL &&
	    addr_parse(on, &addr) == 0)
		index = index_of_address(&addr);
	return index;
}

static bool
is_multicast(const struct addr *a)
{
	if (a->family == ADDR_V4)
		return a->v4 >> 28 == 0xe;
	return a->v6.hi >> 56 == 0xff;
}

/* The interface to join a group on; 0: the system chooses. */
static int
find_index(const struct multicast_group *g, const char *iface, unsigned *index,
    struct flowd_error *err)
{
	const char *on = g->on[0] != '\0' ? g->on : iface;

	*index = g->addr.scope;
	if (on[0] == '\0' || (*index != 0 && g->on[0] == '\0'))
		return 0;
	*index = index_of(on);
	if (*index != 0)
		return 0;
	return flowd_fail(err, FLOWD_EIO,
	    "no interface has the name or address \"%s\"", on);
}

static int
membership6(int fd, int option, const struct addr *a, unsigned index)
{
	struct ipv6_mreq mreq = { .ipv6mr_interface = index };

	addr6_store(mreq.ipv6mr_multiaddr.s6_addr, a->v6);
	return setsockopt(fd, IPPROTO_IPV6, option, &mreq, sizeof(mreq));
}

int
multicast_join(int fd, const struct multicast_group *g, const char *iface,
    struct flowd_error *err)
{
	unsigned index;
	int rc;

	if (!is_multicast(&g->addr))
		return flowd_fail(
		    err, FLOWD_EIO, "not a multicast address");
	if (find_index(g, iface, &index, err) != 0)
		return FLOWD_EIO;
	rc = g->addr.family == ADDR_V6 ?
	    membership6(fd, IPV6_JOIN_GROUP, &g->addr, index) :
	    sock_join4(fd, g->addr.v4, index);
	if (rc == 0 || errno == EADDRINUSE)
		return 0;
	return flowd_fail(err, FLOWD_EIO, "%s", strerror(errno));
}

int
multicast_leave(int fd, const struct multicast_group *g, const char *iface,
    struct flowd_error *err)
{
	unsigned index;
	int rc;

	if (find_index(g, iface, &index, err) != 0)
		return FLOWD_EIO;
	rc = g->addr.family == ADDR_V6 ?
	    membership6(fd, IPV6_LEAVE_GROUP, &g->addr, index) :
	    sock_leave4(fd, g->addr.v4, index);
	if (rc == 0)
		return 0;
	return flowd_fail(err, FLOWD_EIO, "%s", strerror(errno));
}
