/* The files of a scan, one after the other; see scan.h and scan_state.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "scan_state.h"

static const struct scan_events no_events;

bool
scan_is_cancelled(const struct scan *s)
{
	return atomic_load_explicit(&s->cancelled, memory_order_relaxed);
}

void
scan_cancel(struct scan *s)
{
	atomic_store_explicit(&s->cancelled, true, memory_order_relaxed);
}

void
scan_warn(const struct scan *s, const char *text)
{
	if (s->plan.events->warn != NULL)
		s->plan.events->warn(s->plan.arg, text);
}

static void
scan_source_warn(void *arg, const char *text)
{
	const struct scan *s = arg;

	scan_warn(s, text);
}

void
scan_progress(const struct scan *s, uint64_t at, uint64_t all)
{
	if (s->plan.events->progress != NULL)
		s->plan.events->progress(s->plan.arg, s->path, at, all);
}

int
scan_idle(void *arg, struct flowd_error *err)
{
	const struct scan *s = arg;

	return s->plan.events->idle != NULL
	    ? s->plan.events->idle(s->plan.arg, err)
	    : 0;
}

/* Pauses before looking for new data again. */
static void
scan_pause(void)
{
	static const struct timespec pause = { 0, 100000000 };

	(void)nanosleep(&pause, NULL);
}

/* --- The plan --- */

/* A range that is not set is unlimited. */
static void
scan_settle_range(struct scan *s)
{
	struct timerange *range = &s->plan.range;

	if (range->after_ns == 0 && range->before_ns == 0)
		*range = (struct timerange){ INT64_MIN, INT64_MAX };
}

static void
scan_settle(struct scan *s)
{
	const struct scan_plan *p = &s->plan;

	scan_settle_range(s);
	s->filter = (struct row_filter){
		.timed = p->range.after_ns != INT64_MIN ||
		    p->range.before_ns != INT64_MAX,
		.after_ns = p->range.after_ns,
		.before_ns = p->range.before_ns,
		.predicate = p->predicate,
		.want = p->columns,
		.numbered = p->numbered,
	};
	row_filter_settle(&s->filter);
	s->options = (struct scan_source_options){
		.legacy = p->flags & SCAN_LEGACY,
		.strict = p->flags & SCAN_STRICT,
		.read = p->flags & SCAN_READ,
		.fds = p->flags & SCAN_FDS,
		.follow = p->flags & SCAN_FOLLOW,
		.left = &s->left,
		.filter = &s->filter,
		.program = p->program != NULL ? p->program : "flowd-reader",
		.capture = p->capture,
		.warn = scan_source_warn,
		.arg = s,
	};
	s->files.follows = p->flags & SCAN_FOLLOW;
}

struct scan *
scan_open(const struct scan_plan *plan, struct flowd_error *err)
{
	struct scan *s;

	if ((plan->flags & SCAN_READ) && (plan->flags & SCAN_FOLLOW)) {
		(void)flowd_fail(err, FLOWD_EINVAL,
		    "files that are followed are mapped");
		return NULL;
	}
	s = calloc(1, sizeof(*s));
	if (s == NULL || (s->batch = batch_new(BATCH_ROWS)) == NULL) {
		free(s);
		(void)flowd_fail(err, FLOWD_ENOMEM, "out of memory");
		return NULL;
	}
	s->plan = *plan;
	if (s->plan.events == NULL)
		s->plan.events = &no_events;
	atomic_init(&s->cancelled, false);
	file_list_init(&s->files);
	scan_settle(s);
	s->batch->unasked = row_filter_unasked(&s->filter);
	if (file_list_find(
		&s->files, s->plan.paths, &s->plan.range, err) == 0)
		return s;
	scan_close(s);
	return NULL;
}

void
scan_close(struct scan *s)
{
	if (s == NULL)
		return;
	scan_source_close(s->source);
	file_list_fini(&s->files);
	batch_free(s->batch);
	free(s);
}

char *const *
scan_paths(const struct scan *s)
{
	return s->files.path;
}

int
scan_check_access(const struct scan *s, struct flowd_error *err)
{
	return file_list_check(&s->files, err);
}

bool
scan_is_gone(const struct scan *s, const char *path)
{
	return file_list_gone(&s->files, path);
}

const char *
scan_kind_text(enum scan_kind kind)
{
	static const char *const texts[] = { "version 2", "version 3",
		"version 4", "capture" };

	return texts[kind];
}

/* --- A file --- */

/* Warn of segments that were missed or whose order is unknown. */
static void
scan_warn_watch(struct scan *s, bool last)
{
	struct flowd_error text;

	if (segment_watch_unordered(&s->files.watch, &text))
		scan_warn(s, text.text);
	if (segment_watch_missed(&s->files.watch, last, &text))
		scan_warn(s, text.text);
}

static bool
scan_watches(const struct scan *s)
{
	return s->files.watch.directory != NULL;
}

static void
scan_choose(struct scan *s, const char *path, bool first, uint64_t skip)
{
	if (first)
		s->left = s->plan.limit != 0 ? s->plan.limit : UINT64_MAX;
	s->listed = path;
	s->options.skip = skip;
	s->turn = FOLLOW_WAIT;
}

/*
 * Wait for a segment of the directory that is followed. Returns 1, 0 when none
 * can come any more, or a negative FLOWD_E* with err set.
 */
static int
scan_await_segment(struct scan *s, struct flowd_error *err)
{
	uint64_t skip = 0;
	const char *path;
	bool over;
	int bad;

	for (;;) {
		over = scan_is_cancelled(s) ||
		    follow_is_over(s->filter.before_ns, s->flush_ns);
		if ((bad = segment_watch_look(&s->files.watch, err)) != 0)
			return bad;
		path = segment_watch_next(&s->files.watch, &skip);
		if (path != NULL && !(s->begun && s->left == 0))
			break;
		if (over || (s->begun && s->left == 0))
			return 0;
		scan_pause();
	}
	(void)snprintf(s->segment, sizeof(s->segment), "%s", path);
	scan_choose(s, s->segment, !s->begun, skip);
	s->options.regular = s->follows = s->begun = true;
	return 1;
}

/*
 * Choose the next file. Returns 1, 0 when there is none, or a negative FLOWD_E*
 * with err set.
 */
static int
scan_next_path(struct scan *s, struct flowd_error *err)
{
	const struct file_list *l = &s->files;
	const bool follows = s->plan.flags & SCAN_FOLLOW;

	while (s->next < l->n && !scan_is_cancelled(s)) {
		size_t i = s->next++;

		if (l->place[i] == FILE_LATER && s->left == 0)
			continue;
		scan_choose(s, l->path[i], l->place[i] != FILE_LATER, 0);
		s->options.regular = l->place[i] != FILE_NAMED;
		s->follows = follows && i + 1 == l->n;
		s->begun |= s->options.regular && follows;
		return 1;
	}
	return scan_watches(s) ? scan_await_segment(s, err) : 0;
}

/*
 * Is there no file at the path now? Rotation has renamed the old one, and not
 * yet created the next.
 */
static bool
scan_is_missing(const struct scan *s)
{
	return access(s->path, F_OK) == -1 && errno == ENOENT;
}

static int
scan_file_begin(struct scan *s, struct flowd_error *err)
{
	const struct scan_file file = scan_source_file(s->source);

	return s->plan.events->file_begin != NULL
	    ? s->plan.events->file_begin(s->plan.arg, &file, err)
	    : 0;
}

/* Is another file to be opened after the closed one, or the same one again? */
static bool
scan_reopens(const struct scan *s)
{
	return s->turn == FOLLOW_OTHER || s->turn == FOLLOW_SHORTER;
}

static void
scan_note_opened(struct scan *s)
{
	struct stat st;

	if (scan_watches(s) && scan_source_stat(s->source, &st))
		segment_watch_opened(&s->files.watch, s->listed, &st);
}

/*
 * Open the chosen file, or its successors at the same path, one after the
 * other. Returns 1; 0 if it does not exist yet and the scan is cancelled.
 */
static int
scan_open_path(struct scan *s, struct flowd_error *err)
{
	bool other = s->turn == FOLLOW_OTHER;

	s->waited = false;
	do {
		s->path = other
		    ? follow_successor(s->listed, &s->ended, s->between)
		    : s->listed;
		s->source = scan_source_open(s->path, &s->options, err);
		if (s->source == NULL && other && scan_is_missing(s)) {
			scan_pause();
			continue;
		}
		s->turn = FOLLOW_WAIT;
		if (s->source == NULL)
			return FLOWD_EIO;
		scan_note_opened(s);
		return 1;
	} while (!scan_is_cancelled(s));
	return 0;
}

/*
 * The result of opening a file: 1 when it is open, 0 when it is skipped, or a
 * negative FLOWD_E*.
 */
static int
scan_file_opened(struct scan *s, int got, struct flowd_error *err)
{
	if (got == 1)
		got = scan_file_begin(s, err);
	return got == 0 && s->source != NULL ? 1
					     : scan_file_close(s, got, err);
}

int
scan_file_open_ahead(
    struct scan *s, struct scan_ahead *ahead, struct flowd_error *err)
{
	struct scan_source *source = s->source;
	const char *listed = s->listed, *path = s->path;
	int got = scan_next_path(s, err);

	*ahead = (struct scan_ahead){ .source = NULL };
	if (got == 1) {
		ahead->result = scan_open_path(s, &ahead->why);
		ahead->path = s->listed;
		ahead->source = s->source;
	}
	s->source = source;
	s->listed = listed;
	s->path = path;
	return got;
}

int
scan_file_attach(struct scan *s, const struct scan_ahead *ahead,
    struct flowd_error *err)
{
	s->source = ahead->source;
	s->listed = s->path = ahead->path;
	if (s->source == NULL)
		*err = ahead->why;
	return scan_file_opened(s, ahead->result, err);
}

int
scan_file_open(struct scan *s, struct flowd_error *err)
{
	int got;

	while ((got = scan_reopens(s) ? 1 : scan_next_path(s, err)) == 1)
		if ((got = scan_file_opened(
			 s, scan_open_path(s, err), err)) != 0)
			return got;
	if (got == 0 && scan_watches(s))
		scan_warn_watch(s, true);
	return got;
}

/* The file was truncated: both old and new flows may be missing. */
static void
scan_warn_shorter(const struct scan *s)
{
	struct flowd_error text;

	(void)flowd_fail(&text, 0, "%s: became shorter while it was followed: "
	    "it is read from its beginning", s->path);
	scan_warn(s, text.text);
}

/* Does the followed directory have another segment to read? */
static bool
scan_has_segment(struct scan *s)
{
	struct flowd_error err;
	uint64_t skip;

	if (!scan_watches(s))
		return false;
	if (segment_watch_look(&s->files.watch, &err) == 0)
		s->blind = false;
	else if (!s->blind) {
		s->blind = true;
		scan_warn(s, err.text);
	}
	return segment_watch_next(&s->files.watch, &skip) != NULL;
}

/*
 * What comes after the end of the file; a sealed segment counts as the same
 * file.
 */
static enum follow_next
scan_look(const struct scan *s)
{
	return follow_look(s->source,
	    scan_watches(s) ? NULL : s->listed, s->filter.before_ns);
}

/*
 * At the end of a followed file: wait for more. When another file follows it,
 * nothing more will be appended: read the rest of it. Returns 1 when there may
 * be more, 0 at the end of the scan, or a negative FLOWD_E*.
 */
static int
scan_wait(struct scan *s, scan_idle_fn *idle, void *arg,
    struct flowd_error *err)
{
	int bad = idle(arg, err);

	if (bad != 0)
		return bad;
	if (s->turn != FOLLOW_WAIT || scan_is_cancelled(s) || s->left == 0 ||
	    !scan_source_grown(s->source))
		return 0;
	scan_pause();
	s->turn = scan_has_segment(s) ? FOLLOW_OVER : scan_look(s);
	s->waited = true;
	return s->turn != FOLLOW_SHORTER && scan_source_grown(s->source);
}

/* As scan_source_next(), but a file that was truncated is not read further. */
static int
scan_fill(struct scan *s, struct flowd_error *err)
{
	int got;

	batch_reset(s->batch);
	got = scan_source_next(s->source, s->batch, err);
	if (got == FLOWD_EIO && s->waited && scan_look(s) == FOLLOW_SHORTER)
		return 0;
	return got;
}

int
scan_file_read(struct scan *s, scan_idle_fn *idle, void *arg,
    struct flowd_error *err)
{
	uint64_t at, all;
	int got = 0;

	if (scan_is_cancelled(s) && !(s->plan.flags & SCAN_FOLLOW))
		return 0;
	if (scan_source_file(s->source).waits)
		got = idle(arg, err);
	while (got == 0 && (got = scan_fill(s, err)) == 0 &&
	    s->follows && s->path == s->listed) {
		if ((got = scan_wait(s, idle, arg, err)) <= 0)
			return got;
		got = 0;
	}
	if (got > 0 && scan_source_progress(s->source, &at, &all))
		scan_progress(s, at, all);
	return got;
}

static bool
scan_salvages(const struct scan *s, int result)
{
	return (s->plan.flags & SCAN_SALVAGE) &&
	    (result == FLOWD_EFORMAT || result == FLOWD_ECHECKSUM ||
		result == FLOWD_EVERSION);
}

/*
 * The file became shorter. If it lost less than a record or a block, which the
 * writer could not write completely, no flow that was read is missing.
 */
static void
scan_source_end_shorter(struct scan *s)
{
	const struct segment_progress read = scan_source_read(s->source);
	struct stat st;

	if (scan_source_stat(s->source, &st) &&
	    (uint64_t)st.st_size >= read.octets)
		s->options.skip = read.flows;
	else
		scan_warn_shorter(s);
}

/* Stores the read position of the segment, to notice when it grows. */
static void
scan_note_closed(struct scan *s)
{
	struct segment_progress read = scan_source_read(s->source);

	if (!scan_watches(s))
		return;
	s->flush_ns = scan_source_flush_ns(s->source);
	segment_watch_closed(&s->files.watch, &read);
}

/* Close the source, and decide which file is opened next. */
static void
scan_source_end(struct scan *s, int result)
{
	const struct scan_file file = scan_source_file(s->source);

	s->options.skip = 0;
	if (result == 0 && s->turn == FOLLOW_SHORTER)
		scan_source_end_shorter(s);
	if (s->plan.events->file_end != NULL)
		s->plan.events->file_end(s->plan.arg, &file, result);
	/* This file had the path for a while; now another one has it. */
	if (s->path != s->listed)
		s->turn = FOLLOW_OTHER;
	if (!scan_source_stat(s->source, &s->ended) &&
	    s->turn == FOLLOW_OTHER)
		s->turn = FOLLOW_OVER;
	scan_note_closed(s);
	scan_source_close(s->source);
	s->source = NULL;
}

int
scan_file_close(struct scan *s, int result, struct flowd_error *err)
{
	if (s->source != NULL)
		scan_source_end(s, result);
	if (result == 0 && !scan_is_cancelled(s) && scan_reopens(s))
		return 0;
	s->turn = FOLLOW_OVER;
	if (result == FLOWD_EIO && file_list_gone(&s->files, s->listed)) {
		segment_watch_lost(&s->files.watch, s->listed);
		result = 0;
	}
	if (result == 0 && scan_watches(s))
		scan_warn_watch(s, false);
	if (scan_salvages(s, result)) {
		scan_warn(s, err->text);
		result = 0;
	}
	return result;
}

int
scan_next(struct scan *s, const struct batch **batch, struct flowd_error *err)
{
	int got;

	*batch = s->batch;
	for (;;) {
		if (s->source == NULL && (got = scan_file_open(s, err)) <= 0)
			return got;
		if ((got = scan_file_read(s, scan_idle, s, err)) > 0)
			return got;
		if ((got = scan_file_close(s, got, err)) != 0)
			return got;
	}
}
