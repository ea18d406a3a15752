/* Outputs; see output.h. */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "output.h"

enum { PIECE = 256 * 1024, BUFFER_MAX = 64 * 1024 * 1024 };

void
output_init(struct output *out, int fd, const char *name)
{
	*out = (struct output){ .name = name, .fd = fd };
	buf_init(&out->buf, BUFFER_MAX);
}

static int
output_fail(
    const struct output *out, const char *doing, struct flowd_error *err)
{
	return flowd_fail_errno(err, "%s%s", out->name, doing);
}

static int
stat_input(const char *path, struct stat *st)
{
	return strcmp(path, "-") == 0 ? fstat(STDIN_FILENO, st)
				      : stat(path, st);
}

/* Is the open file one of the inputs, by any name? */
static int
check_inputs(const struct output *out, const struct stat *st,
    char *const *inputs, struct flowd_error *err)
{
	struct stat in;

	for (; S_ISREG(st->st_mode) && *inputs != NULL; inputs++)
		if (stat_input(*inputs, &in) == 0 &&
		    in.st_dev == st->st_dev && in.st_ino == st->st_ino)
			return flowd_fail(err, FLOWD_EINVAL,
			    "%s: is also an input", out->name);
	return 0;
}

static int
open_stdout(struct output *out, char *const *inputs, struct flowd_error *err)
{
	struct stat st;

	output_init(out, STDOUT_FILENO, "standard output");
	if (isatty(STDOUT_FILENO))
		return flowd_fail(err, FLOWD_EINVAL,
		    "cannot write a flow log to a terminal");
	if (fstat(STDOUT_FILENO, &st) != 0)
		return output_fail(out, "", err);
	return check_inputs(out, &st, inputs, err);
}

/* Truncate a regular file; devices and pipes are written to as they are. */
static int
open_file(struct output *out, const char *path, mode_t mode,
    char *const *inputs, struct flowd_error *err)
{
	struct stat st;
	int bad;

	output_init(out, open(path, O_WRONLY | O_CREAT | O_CLOEXEC, mode),
	    path);
	out->own = out->fd != -1;
	if (out->fd == -1 || fstat(out->fd, &st) == -1)
		return output_fail(out, "", err);
	if (!S_ISREG(st.st_mode))
		return 0;
	if ((bad = check_inputs(out, &st, inputs, err)) != 0)
		return bad;
	if (ftruncate(out->fd, 0) == -1)
		return output_fail(out, "", err);
	out->truncates = true;
	return 0;
}

/* Close an output that was refused, without writing to it. */
static void
output_abandon(struct output *out)
{
	if (out->own)
		(void)close(out->fd);
	out->fd = -1;
	buf_fini(&out->buf);
}

int
output_open(struct output *out, const char *path, mode_t mode,
    char *const *inputs, struct flowd_error *err)
{
	int bad = strcmp(path, "-") == 0
	    ? open_stdout(out, inputs, err)
	    : open_file(out, path, mode, inputs, err);

	if (bad != 0)
		output_abandon(out);
	return bad;
}

/* Write everything. Returns -1 and errno on failure. */
static int
write_all(int fd, const uint8_t *p, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int
write_octets(
    struct output *out, const uint8_t *p, size_t len, struct flowd_error *err)
{
	int bad;

	if (write_all(out->fd, p, len) == 0) {
		out->written += len;
		return 0;
	}
	out->closed_pipe = errno == EPIPE;
	bad = output_fail(out, ": write", err);
	if (out->truncates && ftruncate(out->fd, (off_t)out->written) == -1)
		return output_fail(out, ": cannot truncate", err);
	return bad;
}

static int
write_buffered(struct output *out, struct flowd_error *err)
{
	if (!buf_ok(&out->buf))
		return flowd_fail(
		    err, FLOWD_ENOMEM, "%s: out of memory", out->name);
	return write_octets(out, out->buf.ptr, out->buf.len, err);
}

int
output_flush(struct output *out, struct flowd_error *err)
{
	int bad = out->failed ? 0 : write_buffered(out, err);

	out->failed |= bad != 0;
	buf_reset(&out->buf);
	return bad;
}

int
output_push(struct output *out, struct flowd_error *err)
{
	if (out->buf.len < PIECE && buf_ok(&out->buf))
		return 0;
	return output_flush(out, err);
}

int
output_write(struct output *out, struct bytes octets, struct flowd_error *err)
{
	int bad;

	if (octets.len < PIECE) {
		buf_append(&out->buf, octets.ptr, octets.len);
		return output_push(out, err);
	}
	bad = output_flush(out, err);
	if (bad == 0 && !out->failed)
		bad = write_octets(out, octets.ptr, octets.len, err);
	out->failed |= bad != 0;
	return bad;
}

int
output_close(struct output *out, struct flowd_error *err)
{
	int bad;

	if (out->fd == -1)
		return 0;
	bad = output_flush(out, err);
	if (out->own && close(out->fd) == -1 && bad == 0)
		bad = output_fail(out, ": close", err);
	buf_fini(&out->buf);
	out->fd = -1;
	return bad;
}
