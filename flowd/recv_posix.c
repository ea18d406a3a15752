/* Receiving one datagram a call, anywhere; see recv.h. */
#include <errno.h>

#include "recv.h"

static bool
is_empty(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK;
}

int
recv_drain_posix(int fd, struct inbox *in)
{
	struct sockaddr_storage from;
	socklen_t fromlen;
	uint8_t *slot;
	ssize_t len;

	while (!inbox_full(in)) {
		slot = inbox_slot(in, in->used, 0);
		fromlen = sizeof(from);
		len = recvfrom(fd, slot, INBOX_DATAGRAM, 0,
		    (struct sockaddr *)&from, &fromlen);
		if (len >= 0)
			inbox_add(in, slot, (size_t)len,
			    (struct sockaddr *)&from, recv_clock());
		else if (errno != EINTR)
			return is_empty(errno) ? 0 : -1;
	}
	return 0;
}

#ifdef FLOWD_PORTABLE
int
recv_drain(int fd, struct inbox *in)
{
	return recv_drain_posix(fd, in);
}
#endif
