/*
 * Receives many datagrams per call with recvmmsg(2), and the system's drop
 * counter (SO_RXQ_OVFL); see recv.h.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>

#include "clock.h"
#include "recv.h"

/* An address of either family. */
union name {
	struct sockaddr sa;
	struct sockaddr_in sin;
	struct sockaddr_in6 sin6;
};

union drops_cmsg {
	size_t align; /* alignment of struct cmsghdr */
	char room[CMSG_SPACE(sizeof(uint32_t))];
};

struct call {
	struct mmsghdr msg[RECV_QUEUE_BATCH];
	struct iovec iov[RECV_QUEUE_BATCH][2];
	union name from[RECV_QUEUE_BATCH];
	union drops_cmsg control[RECV_QUEUE_BATCH];
};

_Static_assert(sizeof(struct call) <= RECV_CALL_OCTETS,
    "a call has its place");

static void
call_prepare(struct call *call, const struct recv_queue *in)
{
	struct msghdr *m;

	for (size_t i = 0; i < RECV_QUEUE_BATCH; i++) {
		call->iov[i][0] =
		    (struct iovec){ recv_queue_slot(in, i), RECV_QUEUE_SLOT };
		call->iov[i][1] =
		    (struct iovec){ recv_queue_rest(in, i), RECV_QUEUE_REST };
		m = &call->msg[i].msg_hdr;
		m->msg_iov = call->iov[i];
		m->msg_iovlen = 2;
		m->msg_name = &call->from[i];
		m->msg_namelen = sizeof(call->from[i]);
		m->msg_control = &call->control[i];
		m->msg_controllen = sizeof(call->control[i]);
		m->msg_flags = 0;
	}
}

/*
 * Read the drop counter at the time the datagram was queued; it is absent while
 * it is 0.
 */
static void
call_read_drops(struct msghdr *m, struct recv_counters *c)
{
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(m);
	uint32_t drops;

	if (cmsg == NULL || cmsg->cmsg_level != SOL_SOCKET ||
	    cmsg->cmsg_type != SO_RXQ_OVFL)
		return;
	memcpy(&drops, CMSG_DATA(cmsg), sizeof(drops));
	recv_count_drops(c, drops);
}

/* All datagrams of a call get its time. */
static void
call_add(struct call *call, unsigned n, struct recv_queue *in,
    struct recv_counters *c)
{
	int64_t now = clock_real_ns();

	c->datagrams += n;
	recv_queue_received(in, n);
	for (unsigned i = 0; i < n; i++) {
		recv_queue_add(in, i, call->msg[i].msg_len, &call->from[i].sa,
		    now);
		c->octets += call->msg[i].msg_len;
		call->msg[i].msg_len = 0;
	}
	/* The last one has the highest counter. */
	call_read_drops(&call->msg[n - 1].msg_hdr, c);
}

/* The system sets the length of each datagram that it receives. */
uint64_t
recv_call_received(const struct recv_call *in)
{
	const struct call *call = (const struct call *)(const void *)in;
	uint64_t n = 0;

	for (size_t i = 0; i < RECV_QUEUE_BATCH; i++)
		n += call->msg[i].msg_len != 0;
	return n;
}

int
recv_drain(int fd, struct recv_queue *in, struct recv_counters *c,
    struct recv_call *at)
{
	struct call *call = (struct call *)(void *)at;
	unsigned taken = 0;
	int n;

	while (taken < RECV_TURN && recv_queue_begin(in)) {
		call_prepare(call, in);
		n = recvmmsg(fd, call->msg, RECV_QUEUE_BATCH, MSG_DONTWAIT,
		    NULL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -1;
		call_add(call, (unsigned)n, in, c);
		if (n < RECV_QUEUE_BATCH)
			return 0;
		taken += (unsigned)n;
	}
	return 1;
}

bool
recv_update_drops(int fd, struct recv_counters *c)
{
	uint32_t info[SK_MEMINFO_VARS];
	socklen_t len = sizeof(info);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len) != 0 ||
	    len <= SK_MEMINFO_DROPS * sizeof(info[0]))
		return false;
	recv_count_drops(c, info[SK_MEMINFO_DROPS]);
	return true;
}
