/* The connection to a running flowd; see client.h. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "client.h"
#include "print.h"

enum { PIECE = 64 * 1024 };

/* Print why connecting failed, and what to do about it. */
static void
client_print_error(const char *path, int error)
{
	if (error == ENOENT || error == ECONNREFUSED)
		print_error("flowd is not running: nothing listens at %s",
		    path);
	else if (error == EACCES || error == EPERM)
		print_error("no permission to connect to %s: it is for root "
		    "and the group of the socket", path);
	else
		print_error("%s: %s", path, strerror(error));
}

int
client_open(struct client *c, const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	size_t len = strlen(path);

	*c = (struct client){ .fd = -1 };
	buf_init(&c->in, FRAME_HEAD + FRAME_BODY_MAX + PIECE);
	if (len >= sizeof(un.sun_path)) {
		client_print_error(path, ENAMETOOLONG);
		return -1;
	}
	memcpy(un.sun_path, path, len + 1);
	c->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (c->fd == -1 ||
	    connect(c->fd, (const struct sockaddr *)&un, sizeof(un)) != 0) {
		client_print_error(path, errno);
		return -1;
	}
	return 0;
}

void
client_close(struct client *c)
{
	if (c->fd != -1)
		(void)close(c->fd);
	buf_fini(&c->in);
}

int
client_send(struct client *c, const struct buf *request)
{
	if (buf_ok(request) &&
	    send(c->fd, request->ptr, request->len, MSG_NOSIGNAL) ==
		(ssize_t)request->len)
		return 0;
	print_error("cannot send the request: %s", strerror(errno));
	return -1;
}

/* Wait for input. Returns 1, or 0 as client_next(). */
static int
wait_for_input(const struct client *c, bool watch_stdout)
{
	struct pollfd pfd[2] = {
		{ c->fd, POLLIN, 0 },
		{ watch_stdout ? STDOUT_FILENO : -1, 0, 0 },
	};

	if (poll(pfd, 2, -1) < 0)
		return 0;
	return (pfd[1].revents & (POLLERR | POLLHUP)) == 0;
}

/* Make room behind the unused octets. */
static uint8_t *
make_room(struct client *c)
{
	if (c->used > 0) {
		memmove(c->in.ptr, c->in.ptr + c->used, c->in.len - c->used);
		c->in.len -= c->used;
		c->used = 0;
	}
	return buf_room(&c->in, PIECE);
}

static int
client_receive(struct client *c, bool watch_stdout)
{
	uint8_t *p = make_room(c);
	ssize_t n;

	if (p == NULL) {
		print_error("out of memory");
		return -1;
	}
	if (!wait_for_input(c, watch_stdout))
		return 0;
	n = recv(c->fd, p, PIECE, 0);
	if (n < 0 && errno == EINTR)
		return 0;
	if (n <= 0) {
		print_error("flowd closed the connection");
		return -1;
	}
	c->in.len += (size_t)n;
	return 1;
}

int
client_next(struct client *c, struct frame *f, bool watch_stdout)
{
	for (;;) {
		struct bytes left = bytes_behind(
		    (struct bytes){ c->in.ptr, c->in.len }, c->used);
		int64_t used =
		    left.len > 0 ? frame_next(left, FRAME_BODY_MAX, f) : 0;
		int got;

		if (used < 0) {
			print_error("flowd sent an invalid answer; is its "
			    "version " FLOWD_VERSION "?");
			return -1;
		}
		c->used += (size_t)used;
		if (used > 0)
			return 1;
		got = client_receive(c, watch_stdout);
		if (got <= 0)
			return got;
	}
}
