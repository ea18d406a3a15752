/* Connections; see conn.h. Test: test/unit/flowd/ipc/test_conn.c. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conn.h"
#include "sock.h"

enum {
	RECEIVE = 16 * 1024, /* octets per read */
	RECEIVES = 64, /* reads per iteration */
	KEEP = 64 * 1024 /* larger buffers are freed when empty */
};

int
conn_pair(int ends[2])
{
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		(void)fcntl(ends[i], F_SETFD, FD_CLOEXEC);
		(void)fcntl(ends[i], F_SETFL, O_NONBLOCK);
	}
	return 0;
}

void
conn_init(struct conn *c, int fd, size_t body_max, size_t out_max)
{
	*c = (struct conn){ .fd = fd, .body_max = body_max };
	buf_init(&c->in, FRAME_HEAD + body_max + RECEIVE);
	buf_init(&c->out, out_max);
}

void
conn_close(struct conn *c)
{
	if (c->fd != -1)
		(void)close(c->fd);
	buf_fini(&c->in);
	buf_fini(&c->out);
	c->used = c->sent = 0;
	c->fd = -1;
}

/* Empty a buffer; free it if it is large. */
static void
conn_empty(struct buf *b)
{
	size_t max = b->max;

	if (b->cap > KEEP) {
		buf_fini(b);
		buf_init(b, max);
	} else {
		buf_reset(b);
	}
}

/* Move unread octets to the front. */
static void
conn_shift(struct buf *b, size_t *used)
{
	if (*used == b->len)
		conn_empty(b);
	else if (*used > 0) {
		memmove(b->ptr, b->ptr + *used, b->len - *used);
		b->len -= *used;
	}
	*used = 0;
}

static bool
is_temporary(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

static bool
conn_receive(struct conn *c)
{
	conn_shift(&c->in, &c->used);
	for (int i = 0; i < RECEIVES; i++) {
		uint8_t *p;
		ssize_t n;

		/* Full: the caller must read frames first. */
		if (c->in.max - c->in.len < RECEIVE)
			return true;
		p = buf_room(&c->in, RECEIVE);
		if (p == NULL)
			return false;
		n = recv(c->fd, p, RECEIVE, 0);
		if (n < 0)
			return is_temporary();
		if (n == 0)
			return false;
		c->in.len += (size_t)n;
		if (n < RECEIVE)
			break;
	}
	return true;
}

static bool
conn_send(struct conn *c)
{
	while (conn_waiting(c) > 0) {
		ssize_t n = send(c->fd, c->out.ptr + c->sent,
		    conn_waiting(c), MSG_NOSIGNAL);

		if (n < 0)
			return is_temporary();
		c->sent += (size_t)n;
		c->total += (size_t)n;
	}
	conn_empty(&c->out);
	c->sent = 0;
	return true;
}

bool
conn_handle(struct conn *c)
{
	if (c->fd != -1 && conn_send(c) && conn_receive(c))
		return true;
	conn_close(c);
	return false;
}

bool
conn_flush(struct conn *c)
{
	if (c->fd != -1 && conn_send(c))
		return true;
	conn_close(c);
	return false;
}

int
conn_next(struct conn *c, struct frame *f)
{
	struct bytes left = bytes_behind(
	    (struct bytes){ c->in.ptr, c->in.len }, c->used);
	int64_t used;

	if (left.len == 0)
		return 0;
	used = frame_next(left, c->body_max, f);
	if (used <= 0)
		return (int)used;
	c->used += (size_t)used;
	return 1;
}

/* May decrease: the system's own overhead counts as well. */
int64_t
conn_delivered(const struct conn *c)
{
	return (int64_t)c->total - (int64_t)sock_unread(c->fd);
}

bool
conn_is_drained(const struct conn *c)
{
	return conn_waiting(c) == 0 && sock_unread(c->fd) == 0;
}

/* Reclaims the space of octets already sent. */
size_t
conn_mark(struct conn *c)
{
	if (c->sent > c->out.len / 2)
		conn_shift(&c->out, &c->sent);
	return c->out.len;
}

bool
conn_commit(struct conn *c, size_t mark)
{
	if (buf_ok(&c->out))
		return true;
	c->out.len = mark;
	c->out.failed = false;
	return false;
}

/* Receives only when there is room. */
short
conn_events(const struct conn *c)
{
	size_t left = c->in.max - (c->in.len - c->used);

	if (c->fd == -1)
		return 0;
	return (short)((left >= RECEIVE ? POLLIN : 0) |
	    (conn_waiting(c) > 0 ? POLLOUT : 0));
}
