/* Raw sockets on Linux; see rawsock.h. */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <sys/socket.h>

#include "addr.h"
#include "rawsock.h"

/* IPPROTO_RAW: packets include the IP header, and nothing is received. */
int
rawsock_open(uint8_t family)
{
	return socket(family == ADDR_V6 ? AF_INET6 : AF_INET,
	    SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_RAW);
}

size_t
rawsock_mtu(int fd, uint8_t family)
{
	bool v6 = family == ADDR_V6;
	int mtu = 0;
	socklen_t len = sizeof(mtu);

	if (getsockopt(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP,
		v6 ? IPV6_MTU : IP_MTU, &mtu, &len) != 0 ||
	    mtu < 0)
		return 0;
	return (size_t)mtu;
}
