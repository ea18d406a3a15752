/* Sending with sendmmsg(2); see sendmany.h. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/socket.h>

#include "sendmany.h"

int
sendmany(int fd, struct sendmany_datagram *list, size_t n)
{
	struct mmsghdr msg[SENDMANY_MAX];

	if (n > SENDMANY_MAX)
		n = SENDMANY_MAX;
	memset(msg, 0, n * sizeof(msg[0]));
	for (size_t i = 0; i < n; i++) {
		msg[i].msg_hdr.msg_iov = list[i].iov;
		msg[i].msg_hdr.msg_iovlen = 2;
	}
	return sendmmsg(fd, msg, (unsigned)n, MSG_DONTWAIT);
}
