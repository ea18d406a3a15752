/* Following a directory of segments; see segment_watch.h. */
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "segment_index.h"
#include "segment_watch.h"

enum {
	LOOK_MS = 1000, /* interval of reading a directory without changes */
	/* delay until a removed segment is in the list "removed" */
	LIST_MS = 2000,
	CLOCK_BACK_MS = 1000, /* smaller differences are not a clock step */
	AHEAD_SEC = 10 /* a segment may begin this early */
};

static int64_t
now_ms(clockid_t clock)
{
	struct timespec t = { 0, 0 };

	(void)clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
segment_watch_init(struct segment_watch *w)
{
	*w = (struct segment_watch){ .next_order = 1 };
}

void
segment_watch_fini(struct segment_watch *w)
{
	if (w->directory != NULL)
		removed_fini(&w->removed);
	free(w->directory);
	free(w->segment);
	segment_watch_init(w);
}

/* --- Known segments --- */

static int
watched_compare(const void *a, const void *b)
{
	const struct watched_segment *x = a, *y = b;

	if (x->start_sec != y->start_sec)
		return x->start_sec < y->start_sec ? -1 : 1;
	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static bool
segment_watch_grow(struct segment_watch *w)
{
	size_t cap = w->cap == 0 ? 64 : w->cap * 2;
	void *more;

	if (w->n < w->cap)
		return true;
	more = realloc(w->segment, cap * sizeof(*w->segment));
	if (more == NULL)
		return false;
	w->segment = more;
	w->cap = cap;
	return true;
}

/* Appends a segment; the caller sorts the array again. NULL: out of memory. */
static struct watched_segment *
segment_watch_add(struct segment_watch *w, const struct catalogue_entry *e)
{
	struct watched_segment *s;

	if (!segment_watch_grow(w))
		return NULL;
	s = &w->segment[w->n++];
	*s = (struct watched_segment){ .start_sec = e->start_sec,
		.number = e->number, .size = e->size, .dev = e->dev,
		.ino = e->ino };
	memcpy(s->name, e->name, sizeof(s->name));
	return s;
}

/* The segment of this name in the directory, or the last one that was there. */
static struct watched_segment *
segment_watch_find(struct segment_watch *w, const char *name)
{
	for (size_t i = w->n; i > 0; i--)
		if (strcmp(w->segment[i - 1].name, name) == 0)
			return &w->segment[i - 1];
	return NULL;
}

static struct watched_segment *
segment_watch_find_path(struct segment_watch *w, const char *path)
{
	const char *slash = strrchr(path, '/');

	return w->directory != NULL && slash != NULL
	    ? segment_watch_find(w, slash + 1)
	    : NULL;
}

/* Counts the whole segment as read. */
static void
watched_set_read(struct watched_segment *s)
{
	s->read.octets = s->read.seen = s->size;
}

/*
 * Does the segment have unread data? A file that ends within a block is not
 * read again before it changes.
 */
static bool
watched_is_unread(const struct watched_segment *s)
{
	return s->size > s->read.octets && s->size != s->read.seen;
}

/* --- Reading the directory --- */

static int
segment_watch_open(const struct segment_watch *w, struct flowd_error *err)
{
	int fd = open(w->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd == -1)
		(void)flowd_fail_errno(err, "%s", w->directory);
	return fd;
}

/*
 * Stores the time of this look. True: the clock went back since the last one.
 */
static bool
segment_watch_note_clock(struct segment_watch *w)
{
	int64_t even = now_ms(CLOCK_MONOTONIC), clock = now_ms(CLOCK_REALTIME);
	bool back = clock - w->clock_ms <
	    even - w->looked_ms - CLOCK_BACK_MS;

	w->looked_ms = even;
	w->clock_ms = clock;
	return back;
}

int
segment_watch_begin(struct segment_watch *w, const char *directory,
    const struct catalogue *c, size_t first, size_t n, int64_t limit_sec)
{
	struct flowd_error ignored;
	int fd;

	segment_watch_fini(w);
	w->limit_sec = limit_sec;
	w->directory = strdup(directory);
	if (w->directory == NULL)
		return FLOWD_ENOMEM;
	w->removed = (struct removed){ .changed = false };
	if ((fd = segment_watch_open(w, &ignored)) != -1) {
		removed_load(&w->removed, fd);
		(void)close(fd);
	}
	for (size_t i = 0; i < c->n; i++) {
		struct watched_segment *s = segment_watch_add(w, &c->entry[i]);

		if (s == NULL)
			return FLOWD_ENOMEM;
		s->skipped = i < first || i - first >= n;
		if (s->skipped)
			watched_set_read(s);
	}
	(void)segment_watch_note_clock(w);
	return 0;
}

/* Does the file end with an index? */
static bool
is_sealed(int fd, uint64_t size)
{
	uint8_t tail[INDEX_TAIL];

	return size >= INDEX_TAIL &&
	    pread(fd, tail, INDEX_TAIL, (off_t)(size - INDEX_TAIL)) ==
		INDEX_TAIL &&
	    segment_index_ends(tail);
}

/*
 * Another file has the name of a segment that was read. True if it is the same
 * segment, sealed: it has the same flows, and maybe more after them. flows is
 * set to the number of its flows.
 */
static bool
segment_was_sealed(int dirfd, const char *name, int64_t *flows)
{
	int fd = file_open_read(dirfd, name);
	struct removed_walk walk = { .flows = 0 };
	unsigned budget = UINT_MAX;
	struct stat st;
	bool sealed = false;

	*flows = 0;
	if (fd == -1)
		return false;
	if (fstat(fd, &st) == 0 && is_sealed(fd, (uint64_t)st.st_size)) {
		sealed = true;
		(void)removed_walk(&walk, fd, &budget);
		*flows = walk.flows;
	}
	(void)close(fd);
	return sealed;
}

static void
watched_set_gone(struct watched_segment *s, int64_t at_ms)
{
	s->gone = true;
	s->gone_ms = at_ms;
}

/* The same name, but another file. False: it is another segment. */
static bool
watched_replace(
    struct watched_segment *s, const struct catalogue_entry *e, int dirfd)
{
	bool was_read = s->read.seen > 0 || s->open;
	int64_t flows;

	if (was_read && !segment_was_sealed(dirfd, e->name, &flows))
		return false;
	/* The open file is read to its end first. */
	if (s->open)
		return true;
	s->dev = e->dev;
	s->ino = e->ino;
	s->size = e->size;
	s->read.octets = s->read.seen = 0;
	if (was_read && (s->skipped || (flows >= 0 &&
			    (uint64_t)flows <= s->read.flows)))
		watched_set_read(s);
	return true;
}

/* Updates a known segment. False: this is a new one with the same name. */
static bool
watched_update(
    struct watched_segment *s, const struct catalogue_entry *e, int dirfd)
{
	if (s->dev != e->dev || s->ino != e->ino)
		return watched_replace(s, e, dirfd);
	s->size = e->size;
	/* Truncated and written again. */
	if (!s->open && s->size < s->read.octets)
		s->read = (struct segment_progress){ 0, 0, 0 };
	if (s->skipped && watched_is_unread(s)) {
		s->skipped = false;
		s->read = (struct segment_progress){ 0, 0, 0 };
	}
	return true;
}

/*
 * Compare the directory with the segments that are known; both are sorted.
 * New segments are appended. Returns their number, or FLOWD_ENOMEM.
 */
static int
segment_watch_compare(
    struct segment_watch *w, const struct catalogue *c, int dirfd)
{
	const size_t known = w->n;
	size_t at = 0;

	for (size_t i = 0; i <= c->n; i++) {
		const struct catalogue_entry *e =
		    i < c->n ? &c->entry[i] : NULL;
		bool is_new = e != NULL;

		for (; at < known; at++) {
			struct watched_segment *s = &w->segment[at];
			struct watched_segment key = { .order = UINT64_MAX };

			if (e != NULL) {
				key.start_sec = e->start_sec;
				key.number = e->number;
				if (watched_compare(s, &key) > 0)
					break;
			}
			if (s->gone)
				continue;
			if (e != NULL && strcmp(s->name, e->name) == 0 &&
			    watched_update(s, e, dirfd))
				is_new = false;
			else
				watched_set_gone(s, w->looked_ms);
		}
		if (is_new && segment_watch_add(w, e) == NULL)
			return FLOWD_ENOMEM;
	}
	return (int)(w->n - known);
}

/* --- The order of new segments --- */

/* Is its start ahead of the clock, because the clock has been set back? */
static bool
watched_is_ahead(
    const struct segment_watch *w, const struct watched_segment *s)
{
	return s->start_sec > w->clock_ms / 1000 + AHEAD_SEC;
}

/* The newest of the known segments, or one that may be. */
static const struct watched_segment *
segment_watch_newest(const struct segment_watch *w, size_t known)
{
	const struct watched_segment *newest = NULL;

	for (size_t i = 0; i < known; i++) {
		const struct watched_segment *s = &w->segment[i];

		if ((newest == NULL || s->order >= newest->order) &&
		    (s->order > 0 || !watched_is_ahead(w, s)))
			newest = s;
	}
	return newest;
}

/*
 * Is the order of creation of the new segments unknown, because the clock may
 * have gone back? They are sorted by name.
 */
static bool
segment_watch_doubts(const struct segment_watch *w, size_t known, bool back)
{
	const struct watched_segment *first = &w->segment[known];
	const struct watched_segment *last = &w->segment[w->n - 1];
	const struct watched_segment *before =
	    segment_watch_newest(w, known);

	if (first == last)
		return false;
	if (back || watched_is_ahead(w, first) != watched_is_ahead(w, last) ||
	    (before != NULL && watched_compare(before, first) > 0))
		return true;
	/* A segment with a number may be newer than later names. */
	for (const struct watched_segment *s = first; s < last; s++)
		if (s->number > 0 && last->start_sec > s->start_sec)
			return true;
	return false;
}

/*
 * Numbers the new segments in the order of their creation. If that is unknown,
 * segments of a future time count as older than the step of the clock.
 */
static void
segment_watch_order(struct segment_watch *w, size_t known, bool back)
{
	struct watched_segment *first = &w->segment[known];
	struct watched_segment *end = &w->segment[w->n];
	bool doubts;

	qsort(first, w->n - known, sizeof(*first), watched_compare);
	doubts = segment_watch_doubts(w, known, back);
	if (doubts)
		w->unordered += w->n - known;
	for (struct watched_segment *s = first; doubts && s < end; s++)
		if (watched_is_ahead(w, s))
			s->order = w->next_order++;
	for (struct watched_segment *s = first; s < end; s++)
		if (s->order == 0)
			s->order = w->next_order++;
	qsort(w->segment, w->n, sizeof(*w->segment), watched_compare);
}

/* --- Missed segments --- */

static void
segment_watch_miss(struct segment_watch *w, uint64_t flows, bool more)
{
	w->missed++;
	w->missed_flows += flows;
	w->missed_more |= more;
}

/* The first segment with this name whose removal has not been counted. */
static struct watched_segment *
segment_watch_find_removed(struct segment_watch *w, const char *name)
{
	for (size_t i = 0; i < w->n; i++)
		if (!w->segment[i].counted &&
		    strcmp(w->segment[i].name, name) == 0)
			return &w->segment[i];
	return NULL;
}

/* An open segment can be read although it is removed. */
static void
segment_watch_count(struct segment_watch *w, const struct removed_line *line)
{
	struct watched_segment *s = segment_watch_find_removed(w, line->name);
	int64_t start_sec = 0;
	uint32_t number;

	if (s == NULL) {
		if (catalogue_parse(line->name, &start_sec, &number) &&
		    start_sec < w->limit_sec)
			segment_watch_miss(w, line->flows, !line->has_flows);
		return;
	}
	s->counted = true;
	if (s->skipped || s->open || s->start_sec >= w->limit_sec)
		return;
	if (line->has_flows && line->flows > s->read.flows)
		segment_watch_miss(w, line->flows - s->read.flows, false);
	else if (!line->has_flows && watched_is_unread(s))
		segment_watch_miss(w, 0, true);
}

static void
segment_watch_read_list(struct segment_watch *w, int dirfd)
{
	struct removed_line line;
	struct removed now;
	bool cut = false;
	size_t at;

	removed_load(&now, dirfd);
	at = removed_since(&now, &w->removed, &cut);
	while (removed_next(&now, &at, &line))
		if (line.earlier)
			w->missed_more |= cut;
		else
			segment_watch_count(w, &line);
	removed_fini(&w->removed);
	w->removed = now;
}

/* Counts segments that are gone but not in the list "removed". */
static void
segment_watch_count_gone(struct segment_watch *w, bool last)
{
	for (size_t i = 0; i < w->n; i++) {
		struct watched_segment *s = &w->segment[i];

		if (!s->gone || s->counted || s->open ||
		    (!last && w->looked_ms - s->gone_ms < LIST_MS))
			continue;
		if (!s->skipped && watched_is_unread(s)) {
			s->counted = true;
			segment_watch_miss(w, 0, true);
		}
	}
}

/*
 * Forgets removed segments that have been counted, and the oldest if there are
 * too many.
 */
static void
segment_watch_forget(struct segment_watch *w)
{
	size_t gone = 0, kept = 0;

	for (size_t i = 0; i < w->n; i++)
		gone += w->segment[i].gone && !w->segment[i].open;
	for (size_t i = 0; i < w->n; i++) {
		const struct watched_segment *s = &w->segment[i];

		if (s->gone && !s->open &&
		    (s->counted || gone > SEGMENT_WATCH_GONE))
			gone--;
		else
			w->segment[kept++] = *s;
	}
	w->n = kept;
}

/* --- The interface --- */

/*
 * Should the directory be read? Its modification time is as coarse as a tick
 * of the clock, so it is read every second in any case.
 */
static bool
segment_watch_is_due(struct segment_watch *w, int dirfd)
{
	struct stat st;
	bool due = now_ms(CLOCK_MONOTONIC) - w->looked_ms >= LOOK_MS;

	if (fstat(dirfd, &st) != 0)
		return true;
	due |= st.st_mtim.tv_sec != w->changed.tv_sec ||
	    st.st_mtim.tv_nsec != w->changed.tv_nsec;
	w->changed = st.st_mtim;
	return due;
}

static int
segment_watch_read(struct segment_watch *w, int dirfd, struct flowd_error *err)
{
	bool back = segment_watch_note_clock(w);
	const size_t known = w->n;
	struct catalogue c;
	int got;

	catalogue_init(&c);
	got = catalogue_read(&c, dirfd, err);
	if (got == 0 && (got = segment_watch_compare(w, &c, dirfd)) < 0)
		(void)flowd_fail(err, got, "out of memory");
	if (got > 0)
		segment_watch_order(w, known, back);
	catalogue_fini(&c);
	if (got < 0)
		return got;
	segment_watch_read_list(w, dirfd);
	segment_watch_count_gone(w, false);
	segment_watch_forget(w);
	return 0;
}

int
segment_watch_look(struct segment_watch *w, struct flowd_error *err)
{
	int fd, bad = 0;

	if (w->directory == NULL)
		return 0;
	fd = segment_watch_open(w, err);
	if (fd == -1)
		return FLOWD_EIO;
	if (segment_watch_is_due(w, fd))
		bad = segment_watch_read(w, fd, err);
	(void)close(fd);
	return bad;
}

const char *
segment_watch_next(struct segment_watch *w, uint64_t *skip)
{
	const struct watched_segment *best = NULL;

	for (size_t i = 0; i < w->n; i++) {
		const struct watched_segment *s = &w->segment[i];

		if (!s->gone && !s->open && watched_is_unread(s) &&
		    s->start_sec < w->limit_sec &&
		    (best == NULL || s->order < best->order))
			best = s;
	}
	if (best == NULL)
		return NULL;
	*skip = best->read.flows;
	(void)snprintf(w->path, sizeof(w->path), "%s/%s", w->directory,
	    best->name);
	return w->path;
}

void
segment_watch_opened(
    struct segment_watch *w, const char *path, const struct stat *st)
{
	struct watched_segment *s = segment_watch_find_path(w, path);

	if (s == NULL)
		return;
	s->open = true;
	s->dev = st->st_dev;
	s->ino = st->st_ino;
}

void
segment_watch_lost(struct segment_watch *w, const char *path)
{
	struct watched_segment *s = segment_watch_find_path(w, path);

	if (s != NULL && !s->gone)
		watched_set_gone(s, now_ms(CLOCK_MONOTONIC));
}

void
segment_watch_closed(
    struct segment_watch *w, const struct segment_progress *read)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->segment[i].open) {
			w->segment[i].open = false;
			w->segment[i].skipped = false;
			w->segment[i].read = *read;
		}
}

bool
segment_watch_missed(
    struct segment_watch *w, bool last, struct flowd_error *text)
{
	if (last)
		segment_watch_count_gone(w, true);
	if (w->missed == 0)
		return false;
	(void)flowd_fail(text, 0,
	    "%s: %s%" PRIu64 " segments with %" PRIu64 " flows were removed "
	    "before they were read", w->directory,
	    w->missed_more ? "at least " : "", w->missed, w->missed_flows);
	w->missed = w->missed_flows = 0;
	w->missed_more = false;
	return true;
}

bool
segment_watch_unordered(struct segment_watch *w, struct flowd_error *text)
{
	if (w->unordered == 0)
		return false;
	(void)flowd_fail(text, 0, "%s: the clock went back: %zu segments are "
	    "maybe not read in the order in which they were begun",
	    w->directory, w->unordered);
	w->unordered = 0;
	return true;
}
