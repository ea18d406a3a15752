/*
 * Systems that cannot choose the socket by source address; see steer.h.
 * (SO_REUSEPORT_LB of FreeBSD uses ports, too.)
 */
#include <errno.h>

#include "steer.h"

static int
not_here(void)
{
	errno = ENOTSUP;
	return -1;
}

int
steer_share(int fd)
{
	(void)fd;
	return not_here();
}

int
steer_attach(int fd, uint8_t family, unsigned n)
{
	(void)fd;
	(void)family;
	(void)n;
	return not_here();
}

int
steer_no_groups(int fd, uint8_t family)
{
	(void)fd;
	(void)family;
	return not_here();
}
