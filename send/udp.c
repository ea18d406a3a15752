/* UDP; see udp.h. sendmmsg(2) exists on Linux only. */
#ifdef __linux__
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "udp.h"

enum {
	SEND_BUFFER = 4 * 1024 * 1024,
	AT_ONCE = 64
};

static int
udp_fail(struct flowd_error *err, const char *what)
{
	return flowd_fail_errno(err, "%s", what);
}

static int
udp_connect(struct udp *u, const struct endpoint *to,
    const struct endpoint *from, struct flowd_error *err)
{
	struct sockaddr_storage ss;
	int size = SEND_BUFFER;
	socklen_t len;

	/* As large as is allowed; it is not an error if it is refused. */
	(void)setsockopt(u->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	if (from->addr.family != ADDR_NONE) {
		len = addr_to_sockaddr(&from->addr, from->port, &ss);
		if (bind(u->fd, (struct sockaddr *)&ss, len) != 0)
			return udp_fail(err, "cannot send from that address");
	}
	len = addr_to_sockaddr(&to->addr, to->port, &ss);
	if (connect(u->fd, (struct sockaddr *)&ss, len) != 0)
		return udp_fail(err, "cannot send to that address");
	return 0;
}

int
udp_open(struct udp *u, const struct endpoint *to, const struct endpoint *from,
    struct flowd_error *err)
{
	int result;

	*u = (struct udp) { .fd = -1 };
	u->fd = socket(to->addr.family == ADDR_V6 ? AF_INET6 : AF_INET,
	    SOCK_DGRAM, 0);
	if (u->fd == -1)
		return udp_fail(err, "socket");
	result = udp_connect(u, to, from, err);
	if (result != 0)
		udp_close(u);
	return result;
}

void
udp_close(struct udp *u)
{
	socklen_t len = sizeof(int);
	int pending = 0;

	if (u->fd == -1)
		return;
	if (getsockopt(u->fd, SOL_SOCKET, SO_ERROR, &pending, &len) == 0 &&
	    pending == ECONNREFUSED)
		u->refused++;
	(void)close(u->fd);
	u->fd = -1;
}

/*
 * Sends up to n datagrams with one call. Returns how many the system accepted,
 * or -1 with errno set if none.
 */
static int
send_some(int fd, const struct iovec *iov, unsigned n)
{
#ifdef __linux__
	struct mmsghdr msg[AT_ONCE];

	memset(msg, 0, n * sizeof(msg[0]));
	for (unsigned i = 0; i < n; i++) {
		msg[i].msg_hdr.msg_iov = (struct iovec *)(uintptr_t)&iov[i];
		msg[i].msg_hdr.msg_iovlen = 1;
	}
	return sendmmsg(fd, msg, n, 0);
#else
	(void)n;
	return send(fd, iov->iov_base, iov->iov_len, 0) < 0 ? -1 : 1;
#endif
}

/*
 * Whether to send the same datagram again. ECONNREFUSED is about an earlier
 * datagram; the current one has not been sent.
 */
static bool
send_again(struct udp *u)
{
	static const struct timespec pause = { 0, 1000000 };

	switch (errno) {
	case ECONNREFUSED:
		u->refused++;
		return true;
	case EINTR:
		return true;
	case EAGAIN:
	case ENOBUFS:
		(void)nanosleep(&pause, NULL);
		return true;
	default:
		return false;
	}
}

int
udp_send(struct udp *u, const struct outgoing *d, unsigned n,
    struct flowd_error *err)
{
	struct iovec iov[AT_ONCE];

	while (n > 0) {
		unsigned part = n < AT_ONCE ? n : AT_ONCE;
		int taken;

		for (unsigned i = 0; i < part; i++)
			iov[i] = (struct iovec) {
				(void *)(uintptr_t)d[i].payload.ptr,
				d[i].payload.len
			};
		taken = send_some(u->fd, iov, part);
		if (taken < 0 && !send_again(u))
			return udp_fail(err, "cannot send");
		if (taken > 0) {
			u->sent += (unsigned)taken;
			d += taken;
			n -= (unsigned)taken;
		}
	}
	return 0;
}
