/* The queue of the forwarder; see forward_queue.h. */
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "forward_queue.h"

enum { QUEUE_OCTETS = 8 * 1024 * 1024 /* send buffer size in octets */ };

/* The header of each payload. */
struct queue_head {
	struct addr src;
	uint16_t port;
	int64_t recv_ns;
};

int
forward_queue_open(int ends[2])
{
	int size = QUEUE_OCTETS;

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) != 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		(void)fcntl(ends[i], F_SETFD, FD_CLOEXEC);
		(void)fcntl(ends[i], F_SETFL, O_NONBLOCK);
#ifdef SO_SNDBUFFORCE
		if (setsockopt(ends[i], SOL_SOCKET, SO_SNDBUFFORCE, &size,
			sizeof(size)) == 0)
			continue;
#endif
		(void)setsockopt(ends[i], SOL_SOCKET, SO_SNDBUF, &size,
		    sizeof(size));
	}
	return 0;
}

static bool
put_one(int fd, const struct datagram *d)
{
	struct queue_head head;
	struct iovec iov[2] = {
		{ &head, sizeof(head) },
		{ (void *)(uintptr_t)d->payload.ptr, d->payload.len },
	};
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };

	memset(&head, 0, sizeof(head));
	head.src = d->src;
	head.port = d->port;
	head.recv_ns = d->recv_ns;
	return sendmsg(fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0;
}

size_t
forward_queue_put(int fd, const struct datagram *const *list, size_t n)
{
	size_t failed = 0;

	for (size_t i = 0; i < n; i++)
		failed += !put_one(fd, list[i]);
	return failed;
}

bool
forward_queue_take(int fd, struct datagram *d, uint8_t *octets)
{
	struct queue_head head;
	struct iovec iov[2] = {
		{ &head, sizeof(head) },
		{ octets, FORWARD_DATAGRAM_MAX },
	};
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
	ssize_t n = recvmsg(fd, &msg, MSG_DONTWAIT);

	if (n < (ssize_t)sizeof(head))
		return false;
	*d = (struct datagram){
		.payload = { octets, (size_t)n - sizeof(head) },
		.src = head.src,
		.port = head.port,
		.recv_ns = head.recv_ns,
	};
	return true;
}
