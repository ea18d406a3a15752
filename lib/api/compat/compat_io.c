/* Records of files; see include/flowd/compat.h and compat_io.h. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "compat_error.h"
#include "compat_io.h"
#include "flowd/classic.h"
#include "flowd/compat.h"

ssize_t
compat_read(int fd, void *to, size_t len)
{
	size_t n = 0;

	while (n < len) {
		ssize_t got = read(fd, (uint8_t *)to + n, len - n);

		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return -1;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	return (ssize_t)n;
}

void
compat_unread(int fd, size_t len)
{
	if (len > 0)
		(void)lseek(fd, -(off_t)len, SEEK_CUR);
}

/* A record as it is read. */
struct record {
	uint8_t octets[FLOWD_RECORD_MAX];
	size_t len; /* octets read */
	size_t want; /* octets behind the head; more than fit: not read */
};

/* How much more of it is to be read behind its head. */
static size_t
record_rest(struct record *r)
{
	if (r->len < FLOWD_RECORD_HEAD)
		return 0;
	r->want = (size_t)r->octets[1] * 4;
	return r->want <= sizeof(r->octets) - FLOWD_RECORD_HEAD ? r->want : 0;
}

static bool
record_is_cut(const struct record *r)
{
	return r->len < FLOWD_RECORD_HEAD ||
	    (r->len < FLOWD_RECORD_HEAD + r->want &&
		r->want <= sizeof(r->octets) - FLOWD_RECORD_HEAD);
}

int
store_get_flow(int fd, struct store_flow_complete *f, char *ebuf, int elen)
{
	struct record r = { .len = 0 };
	ssize_t n = compat_read(fd, r.octets, FLOWD_RECORD_HEAD);

	if (n > 0) {
		r.len = (size_t)n;
		n = compat_read(fd, r.octets + r.len, record_rest(&r));
	}
	if (n == -1)
		return compat_fail_errno(ebuf, elen, STORE_ERR_IO, "read");
	r.len += r.len > 0 ? (size_t)n : 0;
	if (record_is_cut(&r)) {
		compat_unread(fd, r.len);
		return compat_fail(
		    ebuf, elen, STORE_ERR_EOF, "end of the log");
	}
	return store_flow_deserialise(r.octets, (int)r.len, f, ebuf, elen);
}

int
store_read_flow(
    FILE *in, struct store_flow_complete *f, char *ebuf, int elen)
{
	struct record r = { .len = 0 };

	r.len = fread(r.octets, 1, FLOWD_RECORD_HEAD, in);
	r.len += fread(r.octets + r.len, 1, record_rest(&r), in);
	if (record_is_cut(&r))
		return ferror(in)
		    ? compat_fail_errno(ebuf, elen, STORE_ERR_IO, "read")
		    : compat_fail(ebuf, elen, STORE_ERR_EOF,
			  "end of the log");
	return store_flow_deserialise(r.octets, (int)r.len, f, ebuf, elen);
}

/* --- Writing --- */

/* Take back what was written of a record. Returns the error that remains. */
static int
take_back(int fd, size_t written, char *ebuf, int elen)
{
	int error = errno;
	off_t end = lseek(fd, 0, SEEK_CUR);

	if (written > 0 && (end == -1 || end < (off_t)written ||
	    ftruncate(fd, end - (off_t)written) == -1))
		return compat_fail(ebuf, elen, STORE_ERR_CORRUPT,
		    "write: %s; a part of a record remains", strerror(error));
	if (written > 0 && lseek(fd, end - (off_t)written, SEEK_SET) == -1)
		return compat_fail_errno(
		    ebuf, elen, STORE_ERR_IO_SEEK, "lseek");
	errno = error;
	return compat_fail_errno(ebuf, elen, STORE_ERR_IO, "write");
}

int
store_put_buf(int fd, const char *buf, int len, char *ebuf, int elen)
{
	size_t n = 0;

	while (n < (size_t)len) {
		ssize_t put = write(fd, buf + n, (size_t)len - n);

		if (put == -1 && errno == EINTR)
			continue;
		if (put == -1)
			return take_back(fd, n, ebuf, elen);
		n += (size_t)put;
	}
	return STORE_ERR_OK;
}

int
store_put_flow(int fd, const struct store_flow_complete *flow,
    uint32_t fieldmask, char *ebuf, int elen)
{
	uint8_t record[FLOWD_RECORD_MAX];
	int len = 0, bad;

	bad = store_flow_serialise_masked(
	    flow, fieldmask, record, sizeof(record), &len, ebuf, elen);
	return bad != STORE_ERR_OK
	    ? bad
	    : store_put_buf(fd, (const char *)record, len, ebuf, elen);
}

int
store_write_flow(FILE *out, const struct store_flow_complete *flow,
    uint32_t fieldmask, char *ebuf, int elen)
{
	uint8_t record[FLOWD_RECORD_MAX];
	int len = 0, bad;

	bad = store_flow_serialise_masked(
	    flow, fieldmask, record, sizeof(record), &len, ebuf, elen);
	if (bad != STORE_ERR_OK)
		return bad;
	if (fwrite(record, (size_t)len, 1, out) != 1)
		return compat_fail_errno(ebuf, elen, STORE_ERR_IO, "write");
	return STORE_ERR_OK;
}
