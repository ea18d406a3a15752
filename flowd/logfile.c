/* The log file; see logfile.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "logfile.h"
#include "v2.h"
#include "v3.h"

static int
check_head(int fd, const char *path, struct flowd_error *err)
{
	uint8_t head[V2_FILE_HEAD];
	uint32_t start_sec;

	if (pread(fd, head, sizeof(head), 0) != sizeof(head) ||
	    v2_check_head(
		(struct bytes){ head, sizeof(head) }, &start_sec, NULL) != 0)
		return 0;
	return flowd_fail(err, FLOWD_EVERSION,
	    "cannot append to %s: it is a version 2 flow log; move it out of "
	    "the way",
	    path);
}

/*
 * O_RDWR, because a FIFO then opens without a reader, and O_NONBLOCK, because
 * its reader may be slow.
 */
static int
open_file(const char *path, struct flowd_error *err)
{
	int fd = open(path,
	    O_RDWR | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
	    0600);
	struct stat st;

	if (fd == -1 || fstat(fd, &st) != 0) {
		(void)flowd_fail(err, FLOWD_EIO, "cannot open logfile %s: %s",
		    path, strerror(errno));
		goto fail;
	}
	if (S_ISREG(st.st_mode) && check_head(fd, path, err) != 0)
		goto fail;
	return fd;
fail:
	if (fd != -1)
		(void)close(fd);
	return -1;
}

/*
 * Where the whole records of the file end, by their lengths. Something else
 * than records is not judged: then it is the end of the file.
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
 * A power failure may have left a record cut: what is appended behind it
 * could not be read.
 */
void
logfile_mend(struct logfile *lf)
{
	struct stat st;
	off_t end;

	if (!lf->regular || fstat(lf->fd, &st) != 0)
		return;
	end = end_of_records(lf->fd, st.st_size);
	if (end >= st.st_size)
		return;
	if (ftruncate(lf->fd, end) == 0)
		log_warn("%s: the last record was cut: %lld octets of it are "
			 "removed",
		    lf->path, (long long)(st.st_size - end));
}

int
logfile_open_fd(const char *path, struct flowd_error *err)
{
	return open_file(path, err);
}

void
logfile_init(struct logfile *lf)
{
	*lf = (struct logfile){ .fd = -1 };
	buf_init(&lf->queue, LOGFILE_QUEUE);
}

int
logfile_open(struct logfile *lf, const char *path, struct flowd_error *err)
{
	int bad;

	logfile_init(lf);
	bad = logfile_reopen(lf, path, err);
	if (bad == 0)
		logfile_mend(lf);
	return bad;
}

/* Is it the file that is open already? A FIFO may be within a record. */
static bool
is_open(const struct logfile *lf, int fd)
{
	struct stat now, then;

	return lf->fd != -1 && fstat(fd, &now) == 0 &&
	    fstat(lf->fd, &then) == 0 && now.st_dev == then.st_dev &&
	    now.st_ino == then.st_ino;
}

int
logfile_adopt(struct logfile *lf, const char *path, int fd,
    struct flowd_error *err)
{
	char *copy = strdup(path);
	struct stat st;

	if (copy == NULL || fstat(fd, &st) != 0) {
		free(copy);
		(void)close(fd);
		return flowd_fail(err, FLOWD_EIO, "cannot take over logfile "
		    "%s: %s", path, strerror(errno));
	}
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
	lf->regular = S_ISREG(st.st_mode);
	lf->sent = 0;
	lf->error = 0;
	return 0;
}

int
logfile_reopen(struct logfile *lf, const char *path, struct flowd_error *err)
{
	int fd = open_file(path, err);

	return fd != -1 ? logfile_adopt(lf, path, fd, err) : FLOWD_EIO;
}

void
logfile_close(struct logfile *lf)
{
	if (lf->queued > 0)
		log_error("%s: %llu flows could not be written", lf->path,
		    (unsigned long long)lf->queued);
	if (lf->fd != -1)
		(void)close(lf->fd);
	lf->fd = -1;
	lf->lost += lf->queued;
	lf->queued = 0;
	buf_fini(&lf->queue);
	free(lf->path);
	lf->path = NULL;
}

/* The length of those records that are whole; n is raised by their number. */
static size_t
whole_records(struct bytes b, uint64_t *n)
{
	size_t off = 0, len;

	while (b.len - off >= V3_HEAD) {
		len = V3_HEAD + 4 * (size_t)b.ptr[off + 1];
		if (len > b.len - off)
			break;
		off += len;
		++*n;
	}
	return off;
}

/*
 * Take back the last octets that were written, unless somebody else has
 * appended since.
 */
static bool
undo(struct logfile *lf, size_t len)
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

/* One write. Returns the octets of the whole records that are out now. */
static size_t
write_once(struct logfile *lf, struct bytes b)
{
	ssize_t n = write_again(lf->fd, b.ptr + lf->sent, b.len - lf->sent);
	size_t whole;

	if (n <= 0) {
		lf->error = n < 0 ? errno : EIO;
		return 0;
	}
	lf->error = 0;
	b.len = lf->sent + (size_t)n;
	whole = whole_records(b, &lf->written);
	lf->sent = b.len - whole;
	if (lf->sent > 0 && undo(lf, lf->sent)) {
		/* Room for a part of it only: the same again if tried now. */
		lf->sent = 0;
		lf->error = ENOSPC;
	}
	return whole;
}

/* Write until all is out or a write fails. Returns what write_once() does. */
static size_t
write_records(struct logfile *lf, struct bytes b)
{
	size_t off = 0;

	do {
		off +=
		    write_once(lf, (struct bytes){ b.ptr + off, b.len - off });
	} while (off < b.len && lf->error == 0);
	return off;
}

static const char *
reason(const struct logfile *lf)
{
	if (logfile_blocked(lf))
		return "its reader does not take it";
	return strerror(lf->error);
}

/* Once when it begins, and then now and again while it lasts. */
static void
tell_failure(struct logfile *lf)
{
	if (!log_due(&lf->limit))
		return;
	lf->told = true;
	log_error("cannot write to %s: %s; flows waiting: %llu, lost: %llu",
	    lf->path, reason(lf), (unsigned long long)lf->queued,
	    (unsigned long long)lf->lost);
}

static void
tell_success(struct logfile *lf)
{
	if (!lf->told)
		return;
	log_info("writing to %s again; flows lost so far: %llu", lf->path,
	    (unsigned long long)lf->lost);
	lf->told = false;
}

/* Move what is left of the queue to its front. */
static void
compact(struct logfile *lf)
{
	if (lf->head == 0)
		return;
	lf->queue.len -= lf->head;
	memmove(lf->queue.ptr, lf->queue.ptr + lf->head, lf->queue.len);
	lf->head = 0;
}

/* Keep as many records as there is room for; count the others. */
static void
enqueue(struct logfile *lf, struct bytes b)
{
	size_t room, kept = 0;
	uint64_t n = 0, all = 0;

	compact(lf);
	room = LOGFILE_QUEUE - lf->queue.len;
	if (room > b.len)
		room = b.len;
	kept = whole_records((struct bytes){ b.ptr, room }, &n);
	buf_append(&lf->queue, b.ptr, kept);
	if (!buf_ok(&lf->queue)) {
		lf->queue.failed = false;
		kept = n = 0;
	}
	lf->queued += n;
	(void)whole_records((struct bytes){ b.ptr + kept, b.len - kept }, &all);
	lf->lost += all;
}

void
logfile_flush(struct logfile *lf)
{
	uint64_t before = lf->written;

	if (!logfile_waits(lf))
		return;
	lf->head += write_records(lf, (struct bytes){ lf->queue.ptr + lf->head,
					  lf->queue.len - lf->head });
	lf->queued -= lf->written - before;
	if (logfile_waits(lf)) {
		tell_failure(lf);
		return;
	}
	lf->head = 0;
	buf_reset(&lf->queue);
	tell_success(lf);
}

void
logfile_put(struct logfile *lf, struct bytes records)
{
	size_t done = 0;

	if (records.len == 0)
		return;
	logfile_flush(lf);
	if (!logfile_waits(lf))
		done = write_records(lf, records);
	if (done == records.len)
		return;
	enqueue(lf, (struct bytes){ records.ptr + done, records.len - done });
	tell_failure(lf);
}

bool
logfile_blocked(const struct logfile *lf)
{
	return logfile_waits(lf) &&
	       (lf->error == EAGAIN || lf->error == EWOULDBLOCK);
}
