/*
 * Systems without raw sockets that send whole packets of both families; see
 * rawsock.h.
 */
#include <errno.h>

#include "rawsock.h"

int
rawsock_open(uint8_t family)
{
	(void)family;
	errno = ENOTSUP;
	return -1;
}

size_t
rawsock_mtu(int fd, uint8_t family)
{
	(void)fd;
	(void)family;
	return 0;
}
