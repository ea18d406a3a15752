/* The log socket; see logsock.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "logsock.h"

enum {
	HEAD = 8, /* octets of a record header; the second counts words */
	RETRY_MS = 50 /* retry interval where poll(2) cannot report room */
};

typedef unsigned long long ull;

void
logsock_init(struct logsock *ls)
{
	*ls = (struct logsock){ .fd = -1, .delay_ms = LOGSOCK_DELAY_LEAST };
	buf_init(&ls->queue, LOGSOCK_QUEUE);
}

static void
close_socket(struct logsock *ls, enum logsock_state state)
{
	if (ls->fd != -1)
		(void)close(ls->fd);
	ls->fd = -1;
	ls->state = state;
}

void
logsock_fini(struct logsock *ls)
{
	if (ls->queued > 0)
		log_warn("logsock %s: %llu flows could not be sent", ls->path,
		    (ull)ls->queued);
	close_socket(ls, LOGSOCK_ABSENT);
	ls->lost += ls->queued;
	ls->queued = 0;
	buf_fini(&ls->queue);
	free(ls->path);
	ls->path = NULL;
}

static void
queue_discard(struct logsock *ls)
{
	ls->lost += ls->queued;
	ls->queued = 0;
	ls->head = 0;
	buf_reset(&ls->queue);
}

int
logsock_set(struct logsock *ls, const char *path, uint32_t bufsize)
{
	char *copy = path != NULL ? strdup(path) : NULL;

	if (path != NULL && copy == NULL)
		return -1;
	close_socket(ls, LOGSOCK_BROKEN);
	free(ls->path);
	ls->path = copy;
	ls->bufsize = bufsize;
	ls->tried_ms = 0;
	ls->delay_ms = 0;
	ls->error = 0;
	if (path == NULL)
		queue_discard(ls);
	return 0;
}

/* Log a failure when it starts, then at a limited rate. */
static void
log_failure(struct logsock *ls, const char *what)
{
	if (!log_due(&ls->limit))
		return;
	ls->failure_logged = true;
	log_warn("logsock %s: %s; flows waiting: %llu, lost: %llu", ls->path,
	    what, (ull)ls->queued, (ull)ls->lost);
}

static void
log_success(struct logsock *ls)
{
	if (ls->failure_logged)
		log_info("logsock %s: its reader reads again; flows lost so "
			 "far: %llu",
		    ls->path, (ull)ls->lost);
	ls->failure_logged = false;
}

/* Disconnect from a reader that has stopped reading. */
static void
check_reader(struct logsock *ls, int64_t now_ms)
{
	if (!logsock_blocked(ls) || ls->sent != ls->seen) {
		ls->stalled &= ls->sent == ls->seen;
		ls->seen = ls->sent;
		ls->seen_ms = now_ms;
	} else if (now_ms - ls->seen_ms >= LOGSOCK_STALL_MS) {
		ls->stalled = true;
		ls->seen_ms = now_ms;
		close_socket(ls, LOGSOCK_BROKEN);
		log_failure(
		    ls, "its reader has stopped reading; connecting again");
	}
}

bool
logsock_due(struct logsock *ls, int64_t now_ms)
{
	check_reader(ls, now_ms);
	return ls->path != NULL && ls->state != LOGSOCK_CONNECTED &&
	    now_ms - ls->tried_ms >= ls->delay_ms;
}

/*
 * The delay doubles with every attempt and is reset when a record was sent.
 * This limits the attempts to reach a program that binds and exits at once.
 */
static void
grow_delay(struct logsock *ls)
{
	ls->delay_ms *= 2;
	if (ls->delay_ms < LOGSOCK_DELAY_LEAST)
		ls->delay_ms = LOGSOCK_DELAY_LEAST;
	if (ls->delay_ms > LOGSOCK_DELAY_MOST)
		ls->delay_ms = LOGSOCK_DELAY_MOST;
}

void
logsock_adopt(struct logsock *ls, int fd, int error, int64_t now_ms)
{
	close_socket(ls, fd != -1 ? LOGSOCK_CONNECTED : LOGSOCK_ABSENT);
	ls->fd = fd;
	ls->tried_ms = ls->seen_ms = now_ms;
	ls->seen = ls->sent;
	grow_delay(ls);
	if (fd != -1) {
		ls->error = 0;
		logsock_flush(ls);
		return;
	}
	ls->error = error;
	queue_discard(ls);
	log_failure(ls, strerror(error));
}

/* Length of the first record, at most b.len. */
static size_t
record_len(struct bytes b)
{
	size_t len = b.len > HEAD ? HEAD + 4 * (size_t)b.ptr[1] : HEAD;

	return len < b.len ? len : b.len;
}

/*
 * Send one record. Returns true when it was sent or lost; false when it must
 * wait (error says for what) or the socket was closed.
 */
static bool
send_record(struct logsock *ls, struct bytes record)
{
	ssize_t n;

	do {
		n = send(ls->fd, record.ptr, record.len, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	ls->error = n < 0 ? errno : 0;
	switch (ls->error) {
	case 0:
		ls->sent++;
		ls->delay_ms = LOGSOCK_DELAY_LEAST;
		return true;
	case EMSGSIZE:
		ls->lost++;
		return true;
	case EAGAIN:
	case ENOBUFS:
	case ENOMEM:
		return false;
	default:
		close_socket(ls, LOGSOCK_BROKEN);
		return false;
	}
}

/* Returns the octets of the records that were sent or lost. */
static size_t
send_records(struct logsock *ls, struct bytes b)
{
	size_t off = 0, len;

	for (; off < b.len && ls->state == LOGSOCK_CONNECTED; off += len) {
		len = record_len(bytes_behind(b, off));
		if (!send_record(ls, (struct bytes){ b.ptr + off, len }))
			break;
	}
	return off;
}

static uint64_t
count_records(struct bytes b)
{
	uint64_t n = 0;

	for (; b.len > 0; b = bytes_behind(b, record_len(b)))
		n++;
	return n;
}

/* Move the rest of the queue to the front, if enough space is gained. */
static void
queue_compact(struct logsock *ls)
{
	if (ls->head < LOGSOCK_QUEUE / 4)
		return;
	ls->queue.len -= ls->head;
	memmove(ls->queue.ptr, ls->queue.ptr + ls->head, ls->queue.len);
	ls->head = 0;
}

/* Queue the records that fit; count the others as lost. */
static void
queue_append(struct logsock *ls, struct bytes b)
{
	size_t off = 0, len;

	queue_compact(ls);
	for (; off < b.len; off += len, ls->queued++) {
		len = record_len(bytes_behind(b, off));
		buf_append(&ls->queue, b.ptr + off, len);
		if (!buf_ok(&ls->queue))
			break;
	}
	ls->queue.failed = false;
	ls->lost += count_records(bytes_behind(b, off));
}

void
logsock_flush(struct logsock *ls)
{
	uint64_t before = ls->sent + ls->lost;

	if (ls->queued > 0)
		ls->head += send_records(ls,
		    (struct bytes){ ls->queue.ptr + ls->head,
			ls->queue.len - ls->head });
	ls->queued -= ls->sent + ls->lost - before;
	if (ls->queued > 0)
		return;
	ls->head = 0;
	buf_reset(&ls->queue);
	if (ls->sent + ls->lost != before)
		log_success(ls);
}

static void
log_lag(struct logsock *ls)
{
	if (ls->error == EAGAIN || ls->error == ENOBUFS)
		log_failure(ls, "its reader is too slow");
	else
		log_failure(ls, strerror(ls->error));
}

void
logsock_put(struct logsock *ls, struct bytes records)
{
	uint64_t lost = ls->lost;
	size_t done = 0;

	if (ls->path == NULL || records.len == 0)
		return;
	logsock_flush(ls);
	if (ls->queued == 0)
		done = send_records(ls, records);
	if (done == records.len) {
		log_success(ls);
		return;
	}
	records = bytes_behind(records, done);
	if (ls->state == LOGSOCK_ABSENT)
		ls->lost += count_records(records);
	else
		queue_append(ls, records);
	/* A short delay without loss is not logged. */
	if (ls->lost != lost)
		log_lag(ls);
}

const char *
logsock_problem(const struct logsock *ls)
{
	if (ls->stalled)
		return "its reader has stopped reading";
	return ls->state != LOGSOCK_CONNECTED && ls->error != 0
	    ? strerror(ls->error) : NULL;
}

bool
logsock_blocked(const struct logsock *ls)
{
	return ls->state == LOGSOCK_CONNECTED && ls->queued > 0 &&
	    ls->error == EAGAIN;
}

int
logsock_timeout(const struct logsock *ls, int64_t now_ms)
{
	int64_t left = ls->tried_ms + ls->delay_ms - now_ms;

	if (ls->path == NULL)
		return -1;
	if (logsock_blocked(ls))
		left = ls->seen_ms + LOGSOCK_STALL_MS - now_ms;
	else if (ls->state == LOGSOCK_CONNECTED)
		return ls->queued > 0 ? RETRY_MS : -1;
	return left > 0 ? (int)left : 0;
}
