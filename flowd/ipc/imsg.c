/* Channels; see imsg.h. Test: test/unit/flowd/ipc/test_imsg.c. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "imsg.h"

enum {
	SEND_WAIT_MS = 5000,
	BUFFER_OCTETS = 1024 * 1024
};

/* The header of a message. */
struct head {
	uint32_t type;
	uint32_t nfds;
};

union fds_cmsg {
	struct cmsghdr align;
	char octets[CMSG_SPACE(IMSG_FDS * sizeof(int))];
};

int
imsg_pair(int ends[2])
{
	int size = BUFFER_OCTETS;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) != 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		(void)fcntl(ends[i], F_SETFD, FD_CLOEXEC);
		(void)fcntl(ends[i], F_SETFL, O_NONBLOCK);
		(void)setsockopt(ends[i], SOL_SOCKET, SO_SNDBUF, &size,
		    sizeof(size));
	}
	return 0;
}

static void
attach_fds(struct msghdr *hdr, union fds_cmsg *control,
    const struct imsg *msg)
{
	struct cmsghdr *c;

	if (msg->nfds == 0)
		return;
	memset(control, 0, sizeof(*control));
	hdr->msg_control = control->octets;
	hdr->msg_controllen = CMSG_SPACE(msg->nfds * sizeof(int));
	c = CMSG_FIRSTHDR(hdr);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(msg->nfds * sizeof(int));
	memcpy(CMSG_DATA(c), msg->fds, msg->nfds * sizeof(int));
}

int
imsg_send(int fd, const struct imsg *msg)
{
	struct head head = { msg->type, msg->nfds };
	struct iovec iov[2] = {
		{ &head, sizeof(head) },
		{ (void *)(uintptr_t)msg->data, msg->len },
	};
	struct msghdr hdr = { .msg_iov = iov, .msg_iovlen = 2 };
	struct pollfd pfd = { fd, POLLOUT, 0 };
	union fds_cmsg control;

	attach_fds(&hdr, &control, msg);
	for (;;) {
		if (sendmsg(fd, &hdr, MSG_NOSIGNAL) >= 0)
			return 0;
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN && errno != EWOULDBLOCK &&
		    errno != ENOBUFS)
			return -1;
		if (poll(&pfd, 1, SEND_WAIT_MS) == 0) {
			errno = ETIMEDOUT;
			return -1;
		}
	}
}

int
imsg_send_type(int fd, enum imsg_type type)
{
	struct imsg msg;

	msg.type = type;
	msg.nfds = 0;
	msg.len = 0;
	return imsg_send(fd, &msg);
}

/* Extract descriptors; those beyond IMSG_FDS are closed. */
static void
detach_fds(struct msghdr *hdr, struct imsg *msg)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(hdr); c != NULL;
	     c = CMSG_NXTHDR(hdr, c)) {
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int),
			    sizeof(fd));
			(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
			if (msg->nfds < IMSG_FDS)
				msg->fds[msg->nfds++] = fd;
			else
				(void)close(fd);
		}
	}
}

int
imsg_receive(int fd, struct imsg *msg)
{
	struct head head = { 0, 0 };
	struct iovec iov[2] = {
		{ &head, sizeof(head) },
		{ msg->data, sizeof(msg->data) },
	};
	union fds_cmsg control;
	struct msghdr hdr = {
		.msg_iov = iov,
		.msg_iovlen = 2,
		.msg_control = control.octets,
		.msg_controllen = sizeof(control.octets),
	};
	ssize_t n;

	do {
		n = recvmsg(fd, &hdr, 0);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return 0;
	if (n < (ssize_t)sizeof(head))
		return -1;
	msg->type = head.type;
	msg->nfds = 0;
	msg->len = (size_t)n - sizeof(head);
	detach_fds(&hdr, msg);
	return 1;
}
