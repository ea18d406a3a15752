/* A sink; see sink.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "sink.h"
#include "write_intent.h"

/* Store a write intent. Returns false when the file was removed. */
static bool
sink_set_intent(struct sink *s, struct ring *m, size_t len)
{
	struct stat st;

	if (!s->log.regular || fstat(s->log.fd, &st) != 0)
		return true;
	if (logfile_is_removed(&s->log, &st))
		return false;
	write_intent_set(m->intent, len, &st);
	return true;
}

static void
sink_log_error(struct sink *s)
{
	struct ring_counts c = { 0, 0, 0, 0 };

	if (s->log.error == 0 && !s->log.failure_logged)
		return;
	for (size_t i = 0; i < s->n; i++)
		ring_count(&s->rings[i], &c);
	logfile_log_state(&s->log, c.waiting, c.lost);
}

struct bytes
sink_next_piece(struct ring *m, uint64_t *flows)
{
	struct bytes piece = ring_peek(m, flows);

	if (piece.len == 0 || *flows != UNIT_UNKNOWN)
		return piece;
	*flows = 0;
	piece.len = unit_whole(m->kind, piece, flows);
	if (piece.len == 0) {
		*flows = ring_discard(m);
		log_limited(LOG_KIND_WRITER, "invalid data in the ring of an "
		    "engine; flows lost: %llu", (unsigned long long)*flows);
	}
	return piece;
}

/*
 * Write one piece of a ring; any is set if there was any. Returns false
 * when the log fails.
 */
static bool
sink_write_piece(struct sink *s, struct ring *m, bool *any)
{
	uint64_t before = s->log.written, flows;
	struct bytes piece = sink_next_piece(m, &flows);
	size_t done;

	if (piece.len == 0)
		return true;
	*any = true;
	if (!sink_set_intent(s, m, piece.len))
		return false;
	done = logfile_write(&s->log, piece, flows);
	ring_take(m, done, s->log.written - before);
	/* The next append to this file may come from another ring. */
	if (done == 0)
		write_intent_clear(m->intent);
	s->partial = logfile_is_partial(&s->log) ? m : NULL;
	return s->log.error == 0;
}

size_t
sink_turns_max(const struct sink *s)
{
	return s->n > 0 ? 2 * s->rings[0].octets / RING_PIECE + 2 : 0;
}

void
sink_write(struct sink *s, size_t most)
{
	bool good = s->log.path != NULL, more = true;

	if (good && s->partial != NULL) {
		more = false;
		good = sink_write_piece(s, s->partial, &more);
	}
	for (size_t turn = 0; good && more && turn < most; turn++) {
		more = false;
		/* Ignore earlier errors: the write may succeed now. */
		for (size_t i = 0; good && i < s->n; i++)
			good = sink_write_piece(s, &s->rings[i], &more);
	}
	sink_log_error(s);
}

/* Read the end of a file. Returns false on error. */
static bool
read_end(int fd, const struct stat *st, uint8_t *to, size_t len)
{
	off_t at = st->st_size - (off_t)len;
	size_t got = 0;

	while (got < len) {
		ssize_t n = pread(fd, to + got, len - got, at + (off_t)got);

		if (n <= 0)
			return false;
		got += (size_t)n;
	}
	return true;
}

/*
 * The last `more` octets of the file were written from this ring. Keep the
 * complete units among them and truncate the rest. Trust the file, not the
 * ring: an engine may have changed the ring since.
 */
static void
sink_settle_end(struct sink *s, struct ring *m, const struct stat *st,
    size_t more)
{
	uint8_t *end = malloc(more);
	uint64_t flows = 0;
	size_t whole;

	if (end != NULL && read_end(s->log.fd, st, end, more)) {
		whole = unit_whole(
		    m->kind, (struct bytes){ end, more }, &flows);
		if (whole == more ||
		    ftruncate(s->log.fd,
			st->st_size - (off_t)(more - whole)) == 0)
			ring_take(m, whole, flows);
	}
	free(end);
}

void
sink_recover(struct sink *s)
{
	struct stat st;

	if (!s->log.regular)
		return;
	for (size_t i = 0; i < s->n; i++) {
		struct ring *m = &s->rings[i];
		size_t more = 0;

		/*
		 * The size changes when the previous ring's unit was truncated.
		 */
		if (fstat(s->log.fd, &st) == 0)
			more = write_intent_written(m->intent, &st);
		if (more > 0)
			sink_settle_end(s, m, &st, more);
	}
}

void
sink_clear_failure(struct sink *s)
{
	free(s->failed);
	s->failed = NULL;
}

void
sink_close_log(struct sink *s)
{
	uint64_t waiting = 0;

	sink_write(s, sink_turns_max(s));
	for (size_t i = 0; i < s->n; i++)
		waiting += ring_discard(&s->rings[i]);
	if (waiting > 0)
		log_error("%s: %llu flows could not be written",
		    s->log.path != NULL ? s->log.path : "no log",
		    (unsigned long long)waiting);
	logfile_close(&s->log);
	s->partial = NULL;
	sink_clear_failure(s);
}
