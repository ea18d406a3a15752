/*
 * Scans, of the public header; see include/flowd/scan.h. The scan of lib/query
 * gives batches of some thousand rows, of which those that pass are gathered
 * into a larger one, which the caller gets.
 */
#include <sys/stat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "arena.h"
#include "capture_scan.h"
#include "flowd/scan.h"
#include "flowd_batch.h"
#include "flowd_scan.h"
#include "options_check.h"
#include "parallel.h"
#include "parse.h"
#include "scan_queue.h"
#include "seed.h"

enum {
	TEXTS_MAX = 64 * 1024 * 1024, /* octets of paths and of others */
	FLAGS = FLOWD_SCAN_LEGACY | FLOWD_SCAN_FOLLOW | FLOWD_SCAN_SALVAGE |
	    FLOWD_SCAN_MMAP | FLOWD_SCAN_UTC
};

struct flowd_scan {
	struct arena texts;
	struct flowd_scan_options options; /* texts are in the arena */
	struct column_list columns;
	int64_t now_ns; /* what -15m hangs on */
	struct predicate *predicate; /* NULL: none */
	struct capture_scan captures;
	struct decoder *decoder; /* of these, if it is no owner's */
	struct scan_capture capture;
	struct scan *scan;
	struct scan_owner owner; /* who reads it by a consumer */
	bool begun; /* flows were asked for */
	bool ended; /* and there are no more: result and why say why */
	struct scan_queue *queue; /* several threads read; NULL: the caller */
	struct flowd_batch *batch; /* the last one; NULL: none was given out */
	const struct batch *found; /* at hand, and the next row of it; NULL: */
	size_t row; /* none is */
	bool prompt; /* what is there is not held back, to wait for more */
	int result; /* of the scan: 1, 0 at the end, or a negative FLOWD_E* */
	struct flowd_error why;
	size_t flow; /* of flowd_scan_next_flow() */
	uint64_t warnings;
	struct flowd_error warning; /* the last one */
	/* For progress(), octets: of all files, of those that were read, and
	 * of the one that is being read. */
	uint64_t total, done, size;
};

/* --- Events --- */

/* By the thread of the caller. */
static void
warning_give(void *arg, const char *text)
{
	struct flowd_scan *s = arg;

	s->warnings++;
	(void)flowd_fail(&s->warning, 0, "%s", text);
	if (s->options.warn != NULL)
		s->options.warn(s->options.arg, text);
}

static void
on_warn(void *arg, const char *text)
{
	struct flowd_scan *s = arg;

	if (s->queue != NULL)
		scan_queue_warn(s->queue, text);
	else
		warning_give(s, text);
}

static int
on_idle(void *arg, struct flowd_error *err)
{
	struct flowd_scan *s = arg;
	int bad;

	if (s->options.idle == NULL)
		return 0;
	(void)flowd_fail(err, 0, "ended while it waited");
	bad = s->options.idle(s->options.arg, err);
	err->code = bad > 0 ? FLOWD_EINVAL : bad;
	return err->code;
}

/* Of a regular file; else 0. */
static uint64_t
size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode)
	    ? (uint64_t)st.st_size
	    : 0;
}

/* What comes through a pipe may take long. */
static int
on_file_begin(
    void *arg, const struct scan_file *file, struct flowd_error *err)
{
	struct flowd_scan *s = arg;

	(void)err;
	s->prompt = file->waits || (s->options.flags & FLOWD_SCAN_FOLLOW);
	if (s->options.progress != NULL)
		s->size = size_of(file->path);
	return 0;
}

/* By the thread of the caller. */
static void
progress_give(void *arg, uint64_t done, uint64_t total)
{
	struct flowd_scan *s = arg;

	if (s->options.progress(s->options.arg, done, total) != 0)
		flowd_scan_cancel(s);
}

/* at octets of the file are read, too. */
static void
progress_tell(struct flowd_scan *s, uint64_t at)
{
	uint64_t done = s->done + at;

	if (s->options.progress == NULL)
		return;
	/* Files grow, and segments come. */
	if (done > s->total)
		s->total = done;
	if (s->queue != NULL)
		scan_queue_progress(s->queue, done, s->total);
	else
		progress_give(s, done, s->total);
}

static void
on_progress(void *arg, const char *path, uint64_t at, uint64_t all)
{
	(void)path;
	(void)all;
	progress_tell(arg, at);
}

static void
on_file_end(void *arg, const struct scan_file *file, int result)
{
	struct flowd_scan *s = arg;

	(void)file;
	if (result != 0 || scan_is_cancelled(s->scan))
		return;
	s->done += s->size;
	s->size = 0;
	progress_tell(s, 0);
}

static const struct scan_events events = {
	.file_begin = on_file_begin,
	.file_end = on_file_end,
	.progress = on_progress,
	.warn = on_warn,
	.idle = on_idle,
};

/* --- Options --- */

/* A copy of a text; NULL of NULL. False when out of memory. */
static bool
text_copy(struct arena *a, const char **text)
{
	if (*text == NULL)
		return true;
	*text = arena_strndup(a, *text, strlen(*text));
	return *text != NULL;
}

/* Descriptors are paths, too, by which lib/query knows them: SCAN_FDS. */
static bool
fd_path(struct arena *a, int fd, const char **path)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "/dev/fd/%d", fd);
	*path = text;
	return text_copy(a, path);
}

static size_t
count_paths(const char *const *paths)
{
	size_t n = 0;

	while (paths != NULL && paths[n] != NULL)
		n++;
	return n;
}

/* The paths, and behind them the descriptors. */
static bool
paths_copy(struct arena *a, struct flowd_scan_options *o)
{
	const size_t n = count_paths(o->paths);
	const char **copy = arena_calloc(a, n + o->nfds + 1, sizeof(*copy));

	if (copy == NULL)
		return false;
	for (size_t i = 0; i < n; i++) {
		copy[i] = o->paths[i];
		if (!text_copy(a, &copy[i]))
			return false;
	}
	for (size_t i = 0; i < o->nfds; i++)
		if (!fd_path(a, o->fds[i], &copy[n + i]))
			return false;
	o->paths = copy;
	return true;
}

/* Is there something to read? */
static int
inputs_check(const struct flowd_scan_options *o, struct flowd_error *err)
{
	if (count_paths(o->paths) + o->nfds == 0)
		return flowd_fail(err, FLOWD_EINVAL, "no path to read");
	for (size_t i = 0; i < o->nfds; i++)
		if (o->fds[i] < 0)
			return flowd_fail(err, FLOWD_EINVAL,
			    "%d: is no descriptor", o->fds[i]);
	return 0;
}

static int
options_copy(struct flowd_scan *s, const struct flowd_scan_options *o,
    struct flowd_error *err)
{
	int bad = options_check_bits("flags", o->flags, FLAGS, err);

	if (bad == 0)
		bad = OPTIONS_CHECK_RESERVED(o, err);
	if (bad != 0)
		return bad;
	s->options = *o;
	if ((o->flags & FLOWD_SCAN_FOLLOW) && !(o->flags & FLOWD_SCAN_MMAP))
		return flowd_fail(err, FLOWD_EINVAL,
		    "files that are followed are mapped: FLOWD_SCAN_FOLLOW "
		    "needs FLOWD_SCAN_MMAP");
	if ((bad = inputs_check(o, err)) != 0)
		return bad;
	if (o->rows > FLOWD_BATCH_MAX)
		return flowd_fail(err, FLOWD_ERANGE,
		    "a batch has at most %d rows", FLOWD_BATCH_MAX);
	if (!paths_copy(&s->texts, &s->options) ||
	    !text_copy(&s->texts, &s->options.where) ||
	    !text_copy(&s->texts, &s->options.rules))
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	if (o->columns != NULL)
		return column_list_parse(&s->columns, o->columns, true, err);
	column_list_all(&s->columns, true);
	return 0;
}

static int
options_range(const struct flowd_scan *s, const struct flowd_scan_options *o,
    struct timerange *range, struct flowd_error *err)
{
	bool utc = o->flags & FLOWD_SCAN_UTC;

	if (o->time != NULL && (o->start_ns != 0 || o->end_ns != 0))
		return flowd_fail(err, FLOWD_EINVAL,
		    "a range of time is given as a text and as numbers");
	if (o->time != NULL)
		return timerange_parse(o->time, s->now_ns, utc, range, err);
	*range = (struct timerange) { o->start_ns, o->end_ns };
	if (o->start_ns != 0 && o->end_ns == 0)
		range->before_ns = INT64_MAX;
	if (o->start_ns == 0 && o->end_ns != 0)
		range->after_ns = INT64_MIN;
	return 0;
}

/* The bits of the one for those of the other. */
static unsigned
options_flags(unsigned flags)
{
	return SCAN_STRICT | (flags & FLOWD_SCAN_LEGACY ? SCAN_LEGACY : 0) |
	    (flags & FLOWD_SCAN_FOLLOW ? SCAN_FOLLOW : 0) |
	    (flags & FLOWD_SCAN_SALVAGE ? SCAN_SALVAGE : 0) |
	    (flags & FLOWD_SCAN_MMAP ? 0 : SCAN_READ);
}

static int
predicate_make(struct flowd_scan *s, struct flowd_error *err)
{
	const struct predicate_text text = {
		.rules = s->options.rules,
		.parse_rules = parse_config_rules,
		.expression = s->options.where,
		.now_ns = s->now_ns,
		.utc = s->options.flags & FLOWD_SCAN_UTC,
	};

	if (text.rules == NULL && text.expression == NULL)
		return 0;
	s->predicate = predicate_new(&text, err);
	return s->predicate != NULL ? 0 : err->code;
}

/* --- Opening --- */

static int64_t
now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int
scan_begin(struct flowd_scan *s, const struct flowd_scan_options *o,
    const struct scan_owner *owner, struct flowd_error *err)
{
	struct scan_plan plan = {
		.columns = column_list_set(&s->columns),
		.predicate = s->predicate,
		.flags = options_flags(o->flags) | (o->nfds > 0 ? SCAN_FDS : 0),
		.limit = o->flows_max,
		.threads = o->threads,
		.program = "flowd-reader",
		.capture = &s->capture,
		.events = &events,
		.arg = s,
	};
	int bad = options_range(s, o, &plan.range, err);

	if (bad != 0)
		return bad;
	/* lib/query takes them as main() has them, and writes to none. */
	plan.paths = (char *const *)(uintptr_t)s->options.paths;
	s->captures.decoder = owner->decoder;
	if (owner->decoder == NULL)
		s->captures.decoder = s->decoder =
		    decoder_new(NULL, seed_draw());
	if (s->captures.decoder == NULL)
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	s->capture = capture_scan_table(&s->captures);
	if (owner->arg != NULL) {
		plan.columns = (struct colset) { { 0, 0 } };
		owner->want(owner->arg, &plan);
	}
	s->scan = scan_open(&plan, err);
	if (s->scan == NULL)
		return err->code;
	s->owner = *owner;
	for (char *const *p = scan_paths(s->scan);
	     o->progress != NULL && *p != NULL; p++)
		s->total += size_of(*p);
	return 0;
}

struct flowd_scan *
flowd_scan_open(
    const struct flowd_scan_options *options, struct flowd_error *err)
{
	static const struct scan_owner nobody;

	return flowd_scan_open_for(options, &nobody, err);
}

struct flowd_scan *
flowd_scan_open_for(const struct flowd_scan_options *options,
    const struct scan_owner *owner, struct flowd_error *err)
{
	struct flowd_scan *s = calloc(1, sizeof(*s));
	struct flowd_error own;

	if (err == NULL)
		err = &own;
	if (s == NULL) {
		(void)flowd_fail(err, FLOWD_ENOMEM, "out of memory");
		return NULL;
	}
	s->result = 1;
	s->now_ns = now_ns();
	arena_init(&s->texts, TEXTS_MAX);
	if (options_copy(s, options, err) == 0 &&
	    predicate_make(s, err) == 0 &&
	    scan_begin(s, options, owner, err) == 0)
		return s;
	flowd_scan_close(s);
	return NULL;
}

void
flowd_scan_close(struct flowd_scan *s)
{
	if (s == NULL)
		return;
	scan_queue_free(s->queue);
	scan_close(s->scan);
	predicate_free(s->predicate);
	decoder_free(s->decoder);
	flowd_batch_free(s->batch);
	arena_fini(&s->texts);
	if (s->owner.arg != NULL)
		s->owner.drop(s->owner.arg);
	free(s);
}

void
flowd_scan_cancel(struct flowd_scan *s)
{
	scan_cancel(s->scan);
}

const struct column_list *
flowd_scan_columns(const struct flowd_scan *s)
{
	return &s->columns;
}

uint64_t
flowd_scan_warnings(const struct flowd_scan *s, struct flowd_error *last)
{
	if (last != NULL)
		*last = s->warning;
	return s->warnings;
}

/* --- Reading --- */

/* A thread that waits for a pipe could not be stopped. */
static bool
are_files(char *const *paths)
{
	struct stat st;

	for (; *paths != NULL; paths++)
		if (strcmp(*paths, "-") == 0 ||
		    (stat(*paths, &st) == 0 && !S_ISREG(st.st_mode)))
			return false;
	return true;
}

/* Have several threads read where that is faster. */
static int
scan_begin_reading(struct flowd_scan *s, struct flowd_error *err)
{
	s->begun = true;
	if (parallel_threads(s->scan) <= 1 || !are_files(scan_paths(s->scan)))
		return 0;
	s->queue = scan_queue_new(s->scan, &s->columns, s->options.rows,
	    &(struct scan_queue_events) { warning_give, progress_give, s },
	    err);
	return s->queue != NULL ? scan_queue_start(s->queue, err)
				: FLOWD_ENOMEM;
}

/* The next rows of the scan are at hand, or result says why there are none. */
static bool
scan_find(struct flowd_scan *s)
{
	if (s->found == NULL && s->result > 0) {
		s->result = scan_next(s->scan, &s->found, &s->why);
		s->row = 0;
		if (s->result <= 0)
			s->found = NULL;
	}
	return s->found != NULL;
}

/* Gather rows until the batch is full, or more may take long. */
static void
scan_gather(struct flowd_scan *s)
{
	struct batch *to = s->batch->rows;

	while (scan_find(s)) {
		s->row = batch_copy(to, s->found, s->row);
		if (s->row < s->found->nrows)
			return;
		s->found = NULL;
		if (batch_room(to) == 0 || (s->prompt && to->nrows > 0))
			return;
	}
}

/* Did the caller end it, before it was done? Of one that follows it is done. */
static bool
is_cut_short(const struct flowd_scan *s)
{
	return scan_is_cancelled(s->scan) &&
	    !(s->options.flags & FLOWD_SCAN_FOLLOW);
}

/* There are no more flows. Returns the result of the scan. */
static int
scan_end(struct flowd_scan *s, int result)
{
	s->ended = true;
	s->result = result;
	if (result == 0 && is_cut_short(s))
		s->result = flowd_fail(&s->why, FLOWD_ECANCELED,
		    "canceled before all was read");
	return s->result;
}

/* A batch with rows in s->batch: 1, 0 at the end, or a negative FLOWD_E*. */
static int
scan_read(struct flowd_scan *s)
{
	int bad;

	if (is_cut_short(s))
		return 0;
	if (!s->begun && (bad = scan_begin_reading(s, &s->why)) != 0)
		return bad;
	if (s->queue != NULL)
		return scan_queue_next(s->queue, &s->batch, &s->why);
	bad = flowd_batch_renew(
	    &s->batch, &s->columns, s->options.rows, &s->why);
	if (bad != 0)
		return bad;
	scan_gather(s);
	return s->batch->rows->nrows > 0 ? 1 : s->result;
}

int
flowd_scan_next(struct flowd_scan *s, const struct flowd_batch **batch,
    struct flowd_error *err)
{
	int got;

	s->flow = 0;
	*batch = NULL;
	if (s->owner.arg != NULL)
		return flowd_fail(
		    err, FLOWD_EINVAL, "the scan is one of a query");
	if (!s->ended && (got = scan_read(s)) <= 0)
		(void)scan_end(s, got);
	if (s->ended)
		return s->result < 0 ? flowd_fail_again(err, &s->why) : 0;
	*batch = s->batch;
	return (int)s->batch->rows->nrows;
}

int
flowd_scan_next_flow(
    struct flowd_scan *s, struct flowd_flow *flow, struct flowd_error *err)
{
	const struct flowd_batch *batch = s->batch;
	int got = 1;

	if (batch == NULL || s->ended || s->flow == batch->rows->nrows)
		got = flowd_scan_next(s, &batch, err);
	if (got <= 0)
		return got;
	*flow = (struct flowd_flow) { batch, s->flow++ };
	return 1;
}

int
flowd_scan_run_for(struct flowd_scan *s, const void *owner,
    const struct scan_consumer *consumer, void *arg, struct flowd_error *err)
{
	if (s->owner.arg != owner)
		return flowd_fail(err, FLOWD_EINVAL,
		    "the scan was not opened for this query");
	if (s->begun)
		return flowd_fail(err, FLOWD_EINVAL,
		    "the flows of the scan were read before");
	s->begun = true;
	return scan_end(s, scan_run(s->scan, consumer, arg, &s->why)) < 0
	    ? flowd_fail_again(err, &s->why)
	    : 0;
}

int
flowd_scan_count(
    struct flowd_scan *s, uint64_t *flows, struct flowd_error *err)
{
	*flows = 0;
	if (s->owner.arg != NULL)
		return flowd_fail(
		    err, FLOWD_EINVAL, "the scan is one of a query");
	if (s->begun)
		return flowd_fail(err, FLOWD_EINVAL,
		    "flows of the scan were read before they are counted");
	s->begun = true;
	return scan_end(s, scan_count(s->scan, flows, &s->why)) < 0
	    ? flowd_fail_again(err, &s->why)
	    : 0;
}
