/* Retention of segments; see retention.h. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "file.h"
#include "human.h"
#include "retention.h"

enum { LOG_AGAIN_MS = 3600000 };

static const char clock_file[] = ".clock";
static const int64_t second_ns = 1000000000;

bool
retention_is_file(const char *name)
{
	return strcmp(name, clock_file) == 0 ||
	    strcmp(name, removed_file) == 0;
}

/* Clock gaps, and the file that stores them. */

/* A file that a power failure truncated or zeroed is invalid. */
static bool
read_text(int fd, char text[CLOCKGAPS_TEXT])
{
	ssize_t len = read(fd, text, CLOCKGAPS_TEXT - 1);

	if (len <= 0)
		return false;
	text[len] = '\0';
	return strlen(text) == (size_t)len;
}

/* The file was removed: the administrator confirms the clock. */
static void
drop_gaps(struct retention *r, const struct retention_look *at)
{
	if (r->gaps.n > 0)
		log_info("logdir %s: %s was removed: trusting the clock",
		    at->path, clock_file);
	r->gaps = (struct clockgaps){ .n = 0 };
}

static void
load_gaps(struct retention *r, const struct retention_look *at)
{
	int fd = file_open_read(at->dirfd, clock_file);
	char text[CLOCKGAPS_TEXT];
	struct clockgaps gaps;

	if (fd == -1 && errno == ENOENT && !r->unsaved) {
		drop_gaps(r, at);
		return;
	}
	if (fd != -1 && read_text(fd, text) &&
	    clockgaps_parse(&gaps, text) == 0)
		r->gaps = gaps;
	else if (!r->unsaved)
		log_limited(LOG_KIND_LOGDIR,
		    "logdir %s: ignoring %s: cannot read it", at->path,
		    clock_file);
	if (fd != -1)
		(void)close(fd);
}

static void
save_gaps(struct retention *r, const struct retention_look *at)
{
	struct buf text;

	buf_init(&text, CLOCKGAPS_TEXT);
	clockgaps_print(&r->gaps, &text);
	r->unsaved = !buf_ok(&text) ||
	    file_replace(at->dirfd, clock_file,
		&(struct file_access){ .mode = 0 }, text.ptr, text.len) != 0;
	if (r->unsaved)
		log_limited(LOG_KIND_LOGDIR, "logdir %s: cannot write %s: %s",
		    at->path, clock_file, strerror(errno));
	buf_fini(&text);
}

/*
 * Record a gap: the clock is ahead of the monotonic clock, or of the newest
 * segment.
 */
static void
add_gap(struct retention *r, const struct retention_look *at,
    int64_t from_sec, const char *of_what)
{
	char text[HUMAN_MAX];

	clockgaps_add(&r->gaps, from_sec, at->now_sec);
	r->gaps.seen_sec = at->now_sec;
	log_warn("logdir %s: the clock is %s ahead of %s and may be wrong: "
		 "\"keep\" ignores this time; if it is right, remove %s/%s",
	    at->path,
	    human_duration(text, (at->now_sec - from_sec) * second_ns),
	    of_what, at->path, clock_file);
	save_gaps(r, at);
}

void
retention_clock(struct retention *r, const struct retention_look *at)
{
	int64_t step = at->now_sec - r->clock_sec -
	    (at->now_ms - r->clock_ms) / 1000;

	if (r->compared && step >= RETENTION_STEP_SEC) {
		load_gaps(r, at);
		add_gap(r, at, at->now_sec - step, "its last value");
	} else if (r->compared && step <= -RETENTION_STEP_SEC) {
		load_gaps(r, at);
		clockgaps_back(&r->gaps, at->now_sec);
		r->gaps.seen_sec = at->now_sec;
		save_gaps(r, at);
	}
	r->clock_sec = at->now_sec;
	r->clock_ms = at->now_ms;
}

static bool
is_named(const struct catalogue_entry *e, const char *name)
{
	return name != NULL && strcmp(e->name, name) == 0;
}

/* The time of the last flows in segments from before this start. */
static int64_t
newest_sec(const struct catalogue *c, const struct retention_look *at)
{
	int64_t newest = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct catalogue_entry *e = &c->entry[i];
		int64_t end = e->start_sec + at->conf->rotate_sec;

		if (is_named(e, at->in_use) || is_named(e, at->begun) ||
		    e->start_sec > at->now_sec + RETAIN_AHEAD_SEC)
			continue;
		if (e->changed_sec < end)
			end = e->changed_sec;
		if (end < e->start_sec)
			end = e->start_sec;
		if (end > newest)
			newest = end;
	}
	return newest;
}

/* At the start: did the clock jump ahead since the last run? */
static void
compare_clock(struct retention *r, const struct retention_look *at,
    const struct catalogue *c)
{
	int64_t last = newest_sec(c, at), seen = r->gaps.seen_sec;

	r->compared = true;
	if (seen > at->now_sec + RETAIN_AHEAD_SEC)
		clockgaps_back(&r->gaps, at->now_sec);
	else if (seen > last)
		last = seen;
	if (last != 0 && at->now_sec - last > RETENTION_AHEAD_SEC)
		add_gap(r, at, last, "the newest segment");
}

/* Store the time once a minute, so that the next start can compare it. */
static void
update_gaps(struct retention *r, const struct retention_look *at,
    const struct catalogue *c)
{
	int64_t since;

	if (at->conf->keep_sec == 0)
		return;
	load_gaps(r, at);
	if (!r->compared)
		compare_clock(r, at, c);
	since = at->now_sec - r->gaps.seen_sec;
	if (!(c->n > 0 && clockgaps_drop(&r->gaps, c->entry[0].start_sec)) &&
	    since >= 0 && since < RETENTION_SEEN_SEC)
		return;
	r->gaps.seen_sec = at->now_sec;
	save_gaps(r, at);
}

/*
 * Touch segments with a start in the future (the clock was ahead): fchmod(2)
 * sets their change time to now even when the mode stays the same.
 */
static void
touch_future_segments(const struct retention_look *at, struct catalogue *c)
{
	struct stat st;
	int fd;

	for (size_t i = 0; i < c->n; i++) {
		if (!retain_is_ahead(&c->entry[i], at->now_sec))
			continue;
		fd = file_open_read(at->dirfd, c->entry[i].name);
		if (fd == -1)
			continue;
		if (fstat(fd, &st) == 0)
			(void)fchmod(fd, st.st_mode & 07777);
		(void)close(fd);
	}
}

/* Removing. */

static void
add_removed(struct retention *r, const struct catalogue_entry *e,
    enum retain_reason why)
{
	struct retention_removed *t = &r->unlogged;

	r->counts.removed++;
	r->counts.removed_octets += e->size;
	if (t->segments++ == 0)
		memcpy(t->first, e->name, sizeof(t->first));
	memcpy(t->last, e->name, sizeof(t->last));
	t->octets += e->size;
	t->reasons[why]++;
}

static void
log_removed(struct retention *r, const char *path)
{
	static const char *const words[RETAIN_REASONS] = {
		[RETAIN_KEEP] = "keep",
		[RETAIN_MAX] = "max",
		[RETAIN_FREE] = "keep free",
	};
	const struct retention_removed *t = &r->unlogged;
	char why[RETAIN_REASONS * 40] = "", size[HUMAN_MAX];
	size_t len = 0;

	for (int i = 0; i < RETAIN_REASONS; i++)
		if (t->reasons[i] > 0)
			len += (size_t)snprintf(why + len, sizeof(why) - len,
			    "%s%llu for \"%s\"", len > 0 ? ", " : "",
			    (unsigned long long)t->reasons[i], words[i]);
	log_info("logdir %s: removed segments: %llu (%s), %s to %s: %s",
	    path, (unsigned long long)t->segments,
	    human_si(size, t->octets, "B"), t->first, t->last, why);
	r->unlogged = (struct retention_removed){ .segments = 0 };
}

/* The first segment that could not be removed, and errno. */
struct failure {
	char name[CATALOGUE_NAME];
	int error;
};

/* Store for readers how many flows were removed. */
static void
save_list(const struct retention_look *at, struct removed *list)
{
	if (removed_save(list, at->dirfd, at->access) != 0)
		log_limited(LOG_KIND_LOGDIR, "logdir %s: cannot write %s: %s",
		    at->path, removed_file, strerror(errno));
}

/*
 * Count the flows of the removed segment. Returns false when the budget is used
 * up: continue in the next iteration.
 */
static bool
count_removed(struct retention *r, struct removed *list, unsigned *budget)
{
	struct retention_walk *w = &r->walk;

	if (w->fd != -1 && !removed_walk(&w->walk, w->fd, budget))
		return false;
	removed_add(list, w->name, w->fd != -1 ? w->walk.flows : -1);
	if (w->fd != -1)
		(void)close(w->fd);
	w->name[0] = '\0';
	return true;
}

/* unlinkat(2); a descriptor stays open to count the flows. */
static int
remove_one(struct retention *r, const struct retention_look *at,
    const char *name)
{
	int fd = file_open_read(at->dirfd, name);
	int bad = unlinkat(at->dirfd, name, 0), error = errno;

	if (bad == 0) {
		r->walk = (struct retention_walk){ .fd = fd };
		memcpy(r->walk.name, name, sizeof(r->walk.name));
	} else if (fd != -1) {
		(void)close(fd);
	}
	errno = error;
	return bad;
}

/* Finish counting the last removed segment. False: not finished yet. */
static bool
end_walk(struct retention *r, const struct retention_look *at,
    unsigned *budget)
{
	struct removed list;

	if (r->walk.name[0] == '\0')
		return true;
	removed_load(&list, at->dirfd);
	if (count_removed(r, &list, budget))
		save_list(at, &list);
	removed_fini(&list);
	return r->walk.name[0] == '\0';
}

void
retention_end(struct retention *r, const struct retention_look *at)
{
	unsigned budget = UINT_MAX;

	(void)end_walk(r, at, &budget);
	if (r->unlogged.segments > 0)
		log_removed(r, at->path);
}

static void
remove_some(struct retention *r, const struct retention_look *at,
    struct retain *retain, struct failure *first, unsigned *budget)
{
	struct catalogue_entry *e;
	enum retain_reason why;
	struct removed list;

	r->counts.stuck = 0;
	removed_load(&list, at->dirfd);
	r->more = false;
	while (!r->more && (e = retain_next(retain, &why)) != NULL) {
		int bad = remove_one(r, at, e->name);

		if (bad == -1 && errno != ENOENT) {
			if (r->counts.stuck++ == 0) {
				memcpy(first->name, e->name,
				    sizeof(first->name));
				first->error = errno;
			}
			retain_stuck(retain);
			continue;
		}
		if (bad == 0) {
			add_removed(r, e, why);
			*budget -= *budget > 0;
			r->more = !count_removed(r, &list, budget) ||
			    *budget == 0;
		}
		retain_gone(retain);
		e->name[0] = '\0';
	}
	save_list(at, &list);
	removed_fini(&list);
}

/* Count the remaining segments. */
static void
count_rest(struct retention *r, const struct retention_look *at,
    const struct catalogue *c, const struct retain *retain)
{
	struct retention_counts *n = &r->counts;

	n->segments = n->octets = 0;
	n->oldest_sec = 0;
	n->held = retain->held;
	for (size_t i = 0; i < c->n; i++) {
		const struct catalogue_entry *e = &c->entry[i];

		if (e->name[0] == '\0')
			continue;
		if (n->segments++ == 0)
			n->oldest_sec = e->order_sec;
		if (!is_named(e, at->in_use) && !is_named(e, at->begun))
			n->octets += e->size;
	}
}

/* States, and when they are logged. */

static void
set_state(struct retention *r, const struct retention_look *at,
    enum retention_trouble trouble)
{
	bool again = trouble == r->trouble && at->now_ms < r->log_ms;

	if (trouble == RETENTION_GOOD)
		r->state[0] = '\0';
	else if (!again)
		log_limited(LOG_KIND_LOGDIR, "logdir %s: %s", at->path,
		    r->state);
	if (!again)
		r->log_ms = at->now_ms + LOG_AGAIN_MS;
	r->trouble = trouble;
}

static void
retention_set_trouble(struct retention *r, const struct retention_look *at,
    const struct retain *retain, const struct failure *first)
{
	enum retention_trouble trouble = RETENTION_GOOD;
	char *text = r->state;

	if (r->counts.stuck > 0) {
		trouble = RETENTION_STUCK;
		(void)snprintf(text, RETENTION_TEXT, "cannot remove segments: "
		    "%llu, first %s: %s",
		    (unsigned long long)r->counts.stuck, first->name,
		    strerror(first->error));
	} else if (retain->held > 0) {
		trouble = RETENTION_HELD;
		(void)snprintf(text, RETENTION_TEXT, "segments that \"keep\" "
		    "retains because the clock jumped ahead: %zu; if it is "
		    "right, remove %s", retain->held, clock_file);
	} else if (retain->others) {
		trouble = RETENTION_OTHERS;
		(void)snprintf(text, RETENTION_TEXT, "\"keep free\" cannot "
		    "free more: other files fill the file system");
	} else if (retain_exceeds(retain)) {
		trouble = RETENTION_LARGE;
		(void)snprintf(text, RETENTION_TEXT, "the segments in use "
		    "exceed \"max\"");
	}
	set_state(r, at, trouble);
}

/* Read the free space. Returns false when it is below "keep free". */
static bool
read_free_space(const struct retention_look *at, struct retain_state *state)
{
	struct statvfs vfs;

	if (at->conf->free_percent == 0 || fstatvfs(at->dirfd, &vfs) != 0)
		return true;
	state->fs_octets = (uint64_t)vfs.f_blocks * vfs.f_frsize;
	state->fs_free = (uint64_t)vfs.f_bavail * vfs.f_frsize;
	return state->fs_free >=
	    state->fs_octets / 100 * at->conf->free_percent;
}

static void
remove_from(struct retention *r, const struct retention_look *at,
    const struct retain_state *state, struct catalogue *c,
    unsigned *budget)
{
	const struct retain_policy policy = {
		.keep_sec = at->conf->keep_sec,
		.max_octets = at->conf->max_octets,
		.free_percent = at->conf->free_percent,
		.least_percent = at->conf->least_percent,
	};
	struct failure first = { .error = 0 };
	struct retain retain;

	retain_begin(&retain, c, &policy, state);
	remove_some(r, at, &retain, &first, budget);
	count_rest(r, at, c, &retain);
	if (!r->more)
		retention_set_trouble(r, at, &retain, &first);
}

static void
retention_examine(struct retention *r, const struct retention_look *at,
    struct retain_state *state, unsigned *budget)
{
	struct flowd_error err;
	struct catalogue c;

	catalogue_init(&c);
	if (catalogue_read(&c, at->dirfd, &err) == 0) {
		update_gaps(r, at, &c);
		touch_future_segments(at, &c);
		remove_from(r, at, state, &c, budget);
	} else {
		(void)snprintf(r->state, sizeof(r->state), "%.200s", err.text);
		set_state(r, at, RETENTION_UNREADABLE);
	}
	catalogue_fini(&c);
}

/* With "keep free", check the free space more often. */
int64_t
retention_due_ms(const struct retention *r, const struct logdir_conf *conf,
    bool changed, int64_t now_ms)
{
	if (r->more)
		return now_ms;
	if (conf->free_percent != 0)
		return now_ms + RETENTION_SHORT_MS;
	return changed ? r->run_ms : r->run_ms + RETENTION_MS;
}

void
retention_run(
    struct retention *r, const struct retention_look *at, bool changed)
{
	struct retain_state state = { .now_sec = at->now_sec,
		.in_use = at->in_use, .begun = at->begun, .gaps = &r->gaps };
	bool has_space = read_free_space(at, &state);
	int64_t pause = has_space ? RETENTION_MS : RETENTION_SHORT_MS;
	unsigned budget = RETENTION_BLOCKS;

	if (!end_walk(r, at, &budget) ||
	    (r->run_ms != 0 && !r->more && !(has_space && changed) &&
		at->now_ms < r->run_ms + pause))
		return;
	r->run_ms = at->now_ms;
	retention_examine(r, at, &state, &budget);
	if (r->unlogged.segments > 0 && log_due(&r->limit))
		log_removed(r, at->path);
}
