/* Receiving many datagrams a call with recvmmsg(2); see recv.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>

#include "recv.h"

struct call {
	struct mmsghdr msg[INBOX_BATCH];
	struct iovec iov[INBOX_BATCH];
	struct sockaddr_storage from[INBOX_BATCH];
};

static void
call_prepare(struct call *call, const struct inbox *in)
{
	memset(call->msg, 0, sizeof(call->msg));
	for (size_t i = 0; i < INBOX_BATCH; i++) {
		call->iov[i].iov_base = inbox_slot(in, in->used, i);
		call->iov[i].iov_len = INBOX_DATAGRAM;
		call->msg[i].msg_hdr.msg_iov = &call->iov[i];
		call->msg[i].msg_hdr.msg_iovlen = 1;
		call->msg[i].msg_hdr.msg_name = &call->from[i];
		call->msg[i].msg_hdr.msg_namelen = sizeof(call->from[i]);
	}
}

/* The time of the call is that of all its datagrams. */
static void
call_add(const struct call *call, unsigned n, struct inbox *in)
{
	int64_t now = recv_clock();

	for (unsigned i = 0; i < n; i++)
		inbox_add(in, call->iov[i].iov_base, call->msg[i].msg_len,
		    (const struct sockaddr *)&call->from[i], now);
}

int
recv_drain(int fd, struct inbox *in)
{
	struct call call;
	int n;

	while (!inbox_full(in)) {
		call_prepare(&call, in);
		n = recvmmsg(fd, call.msg, INBOX_BATCH, MSG_DONTWAIT, NULL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -1;
		call_add(&call, (unsigned)n, in);
		if (n < INBOX_BATCH)
			break;
	}
	return 0;
}
