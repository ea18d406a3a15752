/*
 * Systems that cannot choose the socket by source address; see steer.h.
 * (SO_REUSEPORT_LB of FreeBSD uses ports, too.)
 */
#include <errno.h>

#include "steer.h"

static int
steer_unsupported(void)
{
	errno = ENOTSUP;
	return -1;
}

int
steer_share(int fd)
{
	(void)fd;
	return steer_unsupported();
}

int
steer_attach(int fd, uint8_t family, unsigned n)
{
	(void)fd;
	(void)family;
	(void)n;
	return steer_unsupported();
}

int
steer_no_groups(int fd, uint8_t family)
{
	(void)fd;
	(void)family;
	return steer_unsupported();
}
