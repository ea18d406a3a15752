/* The log file; see logfile.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "logfile.h"
#include "v3.h"

/*
 * The offset behind the last complete record, found by record lengths. A file
 * that does not consist of version 3 records is left alone: returns its size.
 */
static off_t
end_of_records(int fd, off_t size)
{
	uint8_t piece[64 * 1024];
	off_t at = 0;

	for (;;) {
		ssize_t got = pread(fd, piece, sizeof(piece), at);
		size_t off = 0;

		if (got < 0)
			return size;
		while ((size_t)got > off) {
			size_t len = (size_t)got - off < V3_HEAD
			    ? V3_HEAD
			    : V3_HEAD + 4 * (size_t)piece[off + 1];

			if (piece[off] != V3_VERSION || len > V3_RECORD_MAX)
				return size;
			if (len > (size_t)got - off)
				break;
			off += len;
		}
		at += (off_t)off;
		if (off == 0)
			return at;
	}
}

/*
 * A power failure may leave a truncated record at the end, which would make
 * everything appended after it unreadable.
 */
void
logfile_repair(struct logfile *lf)
{
	struct stat st;
	off_t end;

	if (!lf->regular || fstat(lf->fd, &st) != 0)
		return;
	end = end_of_records(lf->fd, st.st_size);
	if (end >= st.st_size)
		return;
	if (ftruncate(lf->fd, end) == 0)
		log_warn("%s: removed %lld octets of an incomplete last record",
		    lf->path, (long long)(st.st_size - end));
}

void
logfile_init(struct logfile *lf)
{
	*lf = (struct logfile){ .fd = -1 };
}

/*
 * Is fd the file that is already open? A FIFO may have a partly written unit,
 * so it must not be adopted again.
 */
static bool
is_open(const struct logfile *lf, int fd)
{
	struct stat now, then;

	return lf->fd != -1 && fstat(fd, &now) == 0 &&
	    fstat(lf->fd, &then) == 0 && now.st_dev == then.st_dev &&
	    now.st_ino == then.st_ino;
}

/*
 * The link count is 0 although the file was just opened by name. If this
 * happens twice, the file system does not count links; once may be a race with
 * somebody who removes the file.
 */
static void
settle_links(struct logfile *lf, const struct stat *st)
{
	bool nameless = lf->gone && st->st_nlink == 0;

	lf->linkless = nameless && lf->nameless;
	lf->nameless = nameless;
	lf->gone = false;
	lf->error = 0;
}

bool
logfile_is_removed(struct logfile *lf, const struct stat *st)
{
	if (st->st_nlink > 0 || lf->linkless)
		return false;
	lf->removed += !lf->gone;
	lf->gone = true;
	lf->error = ENOENT;
	return true;
}

int
logfile_adopt(struct logfile *lf, enum unit_kind kind, const char *path,
    int fd, struct flowd_error *err)
{
	char *copy = strdup(path);
	struct stat st;

	if (copy == NULL || fstat(fd, &st) != 0) {
		free(copy);
		(void)close(fd);
		return flowd_fail(err, FLOWD_EIO, "cannot use logfile %s: %s",
		    path, strerror(errno));
	}
	settle_links(lf, &st);
	if (is_open(lf, fd)) {
		(void)close(fd);
		free(copy);
		return 0;
	}
	if (lf->fd != -1)
		(void)close(lf->fd);
	free(lf->path);
	lf->path = copy;
	lf->fd = fd;
	lf->kind = kind;
	lf->regular = S_ISREG(st.st_mode);
	lf->sent = 0;
	return 0;
}

void
logfile_close(struct logfile *lf)
{
	if (lf->fd != -1)
		(void)close(lf->fd);
	lf->fd = -1;
	free(lf->path);
	lf->path = NULL;
	lf->sent = 0;
	lf->gone = false;
	lf->error = 0;
}

/*
 * Truncate the last len octets written, unless another process has appended
 * since.
 */
static bool
write_undo(struct logfile *lf, size_t len)
{
	struct stat st;
	off_t end;

	if (!lf->regular)
		return false;
	end = lseek(lf->fd, 0, SEEK_CUR);
	return end != -1 && fstat(lf->fd, &st) == 0 && st.st_size == end &&
	       ftruncate(lf->fd, end - (off_t)len) == 0;
}

static ssize_t
write_again(int fd, const uint8_t *p, size_t len)
{
	ssize_t n;

	do {
		n = write(fd, p, len);
	} while (n < 0 && errno == EINTR);
	return n;
}

/* The length of the complete units that fit below the size limit. */
static size_t
limit_units(const struct logfile *lf, struct bytes b)
{
	uint64_t room, flows = 0;
	struct stat st;

	if (lf->max_octets == 0 || !lf->regular || fstat(lf->fd, &st) != 0)
		return b.len;
	room = (uint64_t)st.st_size < lf->max_octets
	    ? lf->max_octets - (uint64_t)st.st_size : 0;
	if (b.len <= room)
		return b.len;
	b.len = (size_t)room;
	return room > 0 ? unit_whole(lf->kind, b, &flows) : 0;
}

/* One write(2). Returns the octets of the units that are now complete. */
static size_t
write_once(struct logfile *lf, struct bytes b, uint64_t flows)
{
	size_t whole;
	ssize_t n;

	/*
	 * The units shrank during a partial write: only a compromised engine
	 * does that.
	 */
	if (lf->sent >= b.len) {
		lf->sent = 0;
		return b.len;
	}
	whole = limit_units(lf, b);
	lf->full = whole == 0;
	if (lf->full) {
		lf->error = EFBIG;
		return 0;
	}
	if (whole < b.len)
		flows = UNIT_UNKNOWN;
	b.len = whole;
	n = write_again(lf->fd, b.ptr + lf->sent, b.len - lf->sent);
	if (n <= 0) {
		lf->error = n < 0 ? errno : EIO;
		return 0;
	}
	lf->error = 0;
	if (lf->sent + (size_t)n == b.len && flows != UNIT_UNKNOWN) {
		lf->sent = 0;
		lf->written += flows;
		return b.len;
	}
	b.len = lf->sent + (size_t)n;
	whole = unit_whole(lf->kind, b, &lf->written);
	lf->sent = b.len - whole;
	/*
	 * Octets of an earlier write may be followed by another process's data,
	 * so only this write can be undone.
	 */
	if (lf->sent > 0 && lf->sent <= (size_t)n && write_undo(lf, lf->sent)) {
		/* The disk is full: an immediate retry would fail again. */
		lf->sent = 0;
		lf->error = ENOSPC;
	}
	return whole;
}

size_t
logfile_write(struct logfile *lf, struct bytes b, uint64_t flows)
{
	size_t off = write_once(lf, b, flows);

	while (off < b.len && lf->error == 0)
		off += write_once(lf, bytes_behind(b, off), UNIT_UNKNOWN);
	return off;
}

const char *
logfile_reason(const struct logfile *lf)
{
	if (lf->gone)
		return "the file was removed";
	if (logfile_blocked(lf))
		return "its reader is too slow";
	if (lf->full)
		return "the file has reached \"max\": move it away, then run "
		       "flowctl rotate";
	return strerror(lf->error);
}

void
logfile_log_state(struct logfile *lf, uint64_t waiting, uint64_t lost)
{
	if (lf->error != 0 && log_due(&lf->limit)) {
		lf->failure_logged = true;
		log_error("cannot write to %s: %s; flows waiting: %llu, "
			  "lost: %llu",
		    lf->path, logfile_reason(lf), (unsigned long long)waiting,
		    (unsigned long long)lost);
	} else if (lf->error == 0 && lf->failure_logged) {
		lf->failure_logged = false;
		log_info("writing to %s again; flows lost so far: %llu",
		    lf->path, (unsigned long long)lost);
	}
}

bool
logfile_blocked(const struct logfile *lf)
{
	return lf->error == EAGAIN || lf->error == EWOULDBLOCK;
}
