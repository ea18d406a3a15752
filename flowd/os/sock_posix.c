/* Socket options on POSIX systems; see sock.h. */
/* Strict POSIX does not define multicast. */
#undef _POSIX_C_SOURCE
#define _DEFAULT_SOURCE
#include <sys/types.h>

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "sock.h"

int
sock_set_rcvbuf(int fd, uint32_t octets)
{
	int size = (int)octets;

	if (octets > INT32_MAX) {
		errno = EINVAL;
		return -1;
	}
	return setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

uint32_t
sock_rcvbuf(int fd)
{
	int size = 0;
	socklen_t len = sizeof(size);

	if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, &len) != 0 || size < 0)
		return 0;
	return (uint32_t)size;
}

void
sock_set_sndbuf(int fd, int octets)
{
	for (; octets > 64 * 1024; octets /= 2)
		if (setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &octets,
			sizeof(octets)) == 0)
			return;
}

int
sock_bind_iface(int fd, const char *iface)
{
	(void)fd;
	(void)iface;
	errno = ENOTSUP;
	return -1;
}

/* An IPv4 address of an interface, by which struct ip_mreq names it. */
static bool
find_address(unsigned index, struct in_addr *found)
{
	struct sockaddr_in sin;
	struct ifaddrs *all, *i;

	if (getifaddrs(&all) != 0)
		return false;
	for (i = all; i != NULL; i = i->ifa_next)
		if (i->ifa_addr != NULL && i->ifa_addr->sa_family == AF_INET &&
		    if_nametoindex(i->ifa_name) == index)
			break;
	if (i != NULL) {
		memcpy(&sin, i->ifa_addr, sizeof(sin));
		*found = sin.sin_addr;
	}
	freeifaddrs(all);
	return i != NULL;
}

static int
membership4(int fd, int option, uint32_t group, unsigned index)
{
	struct ip_mreq mreq = { .imr_interface.s_addr = htonl(INADDR_ANY) };

	mreq.imr_multiaddr.s_addr = htonl(group);
	if (index != 0 && !find_address(index, &mreq.imr_interface)) {
		errno = EADDRNOTAVAIL;
		return -1;
	}
	return setsockopt(fd, IPPROTO_IP, option, &mreq, sizeof(mreq));
}

int
sock_join4(int fd, uint32_t group, unsigned index)
{
	return membership4(fd, IP_ADD_MEMBERSHIP, group, index);
}

int
sock_leave4(int fd, uint32_t group, unsigned index)
{
	return membership4(fd, IP_DROP_MEMBERSHIP, group, index);
}

int
sock_count_drops(int fd)
{
	(void)fd;
	errno = ENOTSUP;
	return -1;
}

size_t
sock_unread(int fd)
{
#ifdef FIONWRITE
	int n = 0;

	return ioctl(fd, FIONWRITE, &n) == 0 && n > 0 ? (size_t)n : 0;
#else
	(void)fd;
	return 0;
#endif
}

uint64_t
sock_memory(void)
{
	return 0;
}
