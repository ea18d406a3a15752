/* Outputs; see output.h. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "output.h"

enum {
	PIECE = 256 * 1024,
	BUFFER_MAX = 64 * 1024 * 1024
};

void
output_init(struct output *out, int fd, const char *name)
{
	*out = (struct output) { .name = name, .fd = fd };
	buf_init(&out->buf, BUFFER_MAX);
}

int
output_open(struct output *out, const char *path, struct flowd_error *err)
{
	int fd;

	if (strcmp(path, "-") == 0) {
		if (isatty(STDOUT_FILENO))
			return flowd_fail(err, FLOWD_EINVAL,
			    "Refusing to write a binary flow log to a "
			    "terminal");
		output_init(out, STDOUT_FILENO, "standard output");
		return 0;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd == -1)
		return flowd_fail(err, FLOWD_EIO, "%s: %s", path,
		    strerror(errno));
	output_init(out, fd, path);
	return 0;
}

int
output_flush(struct output *out, struct flowd_error *err)
{
	const uint8_t *p = out->buf.ptr;
	size_t left = out->buf.len;

	if (!buf_ok(&out->buf))
		return flowd_fail(err, FLOWD_ENOMEM, "%s: out of memory",
		    out->name);
	while (left > 0) {
		ssize_t n = write(out->fd, p, left);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1) {
			out->closed_pipe = errno == EPIPE;
			return flowd_fail(err, FLOWD_EIO, "%s: write: %s",
			    out->name, strerror(errno));
		}
		p += n;
		left -= (size_t)n;
	}
	buf_reset(&out->buf);
	return 0;
}

int
output_push(struct output *out, struct flowd_error *err)
{
	if (out->buf.len < PIECE && buf_ok(&out->buf))
		return 0;
	return output_flush(out, err);
}

int
output_close(struct output *out, struct flowd_error *err)
{
	int bad;

	if (out->fd == -1)
		return 0;
	bad = output_flush(out, err);
	if (out->fd > STDERR_FILENO && close(out->fd) == -1 && bad == 0)
		bad = flowd_fail(err, FLOWD_EIO, "%s: close: %s", out->name,
		    strerror(errno));
	buf_fini(&out->buf);
	out->fd = -1;
	return bad;
}
