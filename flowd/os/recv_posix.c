/* Receives one datagram per call, on any system; see recv.h. */
#include <errno.h>
#include <sys/uio.h>

#include "clock.h"
#include "recv.h"

static bool
is_empty(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK;
}

static ssize_t
receive_one(int fd, struct recv_queue *in, struct sockaddr_storage *from)
{
	struct iovec iov[2] = {
		{ recv_queue_slot(in, 0), RECV_QUEUE_SLOT },
		{ recv_queue_rest(in, 0), RECV_QUEUE_REST },
	};
	struct msghdr m = {
		.msg_name = from,
		.msg_namelen = sizeof(*from),
		.msg_iov = iov,
		.msg_iovlen = 2,
	};

	return recvmsg(fd, &m, 0);
}

int
recv_drain_posix(int fd, struct recv_queue *in, struct recv_counters *c)
{
	struct sockaddr_storage from;
	unsigned taken = 0;
	ssize_t len;

	while (taken < RECV_TURN && recv_queue_begin(in)) {
		len = receive_one(fd, in, &from);
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return is_empty(errno) ? 0 : -1;
		recv_queue_received(in, 1);
		recv_queue_add(in, 0, (size_t)len, (struct sockaddr *)&from,
		    clock_real_ns());
		c->datagrams++;
		c->octets += (uint64_t)len;
		taken++;
	}
	return 1;
}

#ifdef FLOWD_PORTABLE
int
recv_drain(int fd, struct recv_queue *in, struct recv_counters *c,
    struct recv_call *call)
{
	(void)call;
	return recv_drain_posix(fd, in, c);
}

uint64_t
recv_call_received(const struct recv_call *call)
{
	(void)call;
	return 0;
}

bool
recv_update_drops(int fd, struct recv_counters *c)
{
	(void)fd;
	(void)c;
	return false;
}
#endif
