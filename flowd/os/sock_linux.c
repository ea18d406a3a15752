/* Socket options on Linux; see sock.h. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sock.h"

int
sock_set_rcvbuf(int fd, uint32_t octets)
{
	int size = (int)octets;

	if (octets > INT32_MAX) {
		errno = EINVAL;
		return -1;
	}
	/* CAP_NET_ADMIN */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ==
	    0)
		return 0;
	return setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

/* Linux includes its overhead: it reports twice the value that was set. */
uint32_t
sock_rcvbuf(int fd)
{
	int size = 0;
	socklen_t len = sizeof(size);

	if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, &len) != 0 || size < 0)
		return 0;
	return (uint32_t)size / 2;
}

void
sock_set_sndbuf(int fd, int octets)
{
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &octets,
		sizeof(octets)) != 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &octets,
		    sizeof(octets));
}

int
sock_bind_iface(int fd, const char *iface)
{
	return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, iface,
	    (socklen_t)strlen(iface) + 1);
}

static int
membership4(int fd, int option, uint32_t group, unsigned index)
{
	struct ip_mreqn mreq = { .imr_ifindex = (int)index };

	mreq.imr_multiaddr.s_addr = htonl(group);
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
	int on = 1;

	return setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof(on));
}

size_t
sock_unread(int fd)
{
	int n = 0;

	return ioctl(fd, SIOCOUTQ, &n) == 0 && n > 0 ? (size_t)n : 0;
}

uint64_t
sock_memory(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);

	return pages > 0 && size > 0 ? (uint64_t)pages * (uint64_t)size : 0;
}
