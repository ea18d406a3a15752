/*
 * Where there is no raw socket that takes whole packets of both families; see
 * spoof.h.
 */
#include <errno.h>

#include "spoof.h"

int
spoof_open(uint8_t family)
{
	(void)family;
	errno = ENOTSUP;
	return -1;
}

size_t
spoof_mtu(int fd, uint8_t family)
{
	(void)fd;
	(void)family;
	return 0;
}
