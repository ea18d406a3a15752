/* Scanning segments with several threads; see parallel.h. */
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

#include "block_scan.h"
#include "parallel.h"
#include "segment_index.h"
#include "thread.h"

enum {
	SLOTS = 64, /* ranges that are being read, or wait to be emitted */
	FILES_MAX = 16, /* open files */
	BLOCKS_AHEAD = 4, /* ranges that wait to be read, for each thread */
	WARNINGS_MAX = 64 * 1024 /* octets of warnings about a file */
};

/* A block of flows in which some may match. */
struct row_range {
	size_t from, to; /* octets of the file */
	uint32_t number; /* number of the block in the file */
	bool warned; /* a warning about its damage has been given */
};

/* A segment that is open. */
struct parallel_file {
	struct scan_ahead open;
	struct bytes octets;
	struct segment_index index;
	bool indexed;
	struct row_range *range;
	size_t nranges, cap;
	size_t next; /* range to read */
	/* texts, each ending in 0, until the file is emitted */
	struct buf warnings;
};

/* The result of a range. */
struct slot {
	bool done;
	bool failed; /* the consumer failed; see why */
	int bad; /* why the block is damaged, or the result of the consumer */
	struct flowd_error why;
	void *partial; /* of an ordered consumer */
};

/* The state of a thread. */
struct worker {
	struct parallel *parallel;
	const struct parallel_file *file; /* the current file */
	size_t number; /* number of the file + 1; 0: none */
	/* filter of the plan, with its own copy of the predicate */
	struct row_filter filter;
	struct predicate *predicate;
	struct block_scan rows;
	struct block *block;
	struct batch *batch;
	void *state; /* state of the consumer */
	void *partial; /* partial result of an unordered consumer */
	pthread_t thread;
};

struct parallel {
	struct scan *scan;
	const struct scan_consumer *consumer;
	void *arg;
	struct worker mine; /* the caller's thread */
	struct worker worker[THREADS_AT_ONCE];
	unsigned nworkers, running, threads;
	/*
	 * Files from head to tail are open, in a ring; all ranges of those
	 * before take have been taken. A range has the slot of its number.
	 */
	struct parallel_file file[FILES_MAX];
	size_t head, take, tail;
	/* Why no more files are opened now: */
	bool ended; /* it was the last file */
	/* the next file is not a segment; path NULL: it is */
	struct scan_ahead other;
	int failed; /* out of memory or threads; see why */
	struct flowd_error why;
	struct slot slot[SLOTS];
	size_t nslots;
	size_t found, taken, emitted; /* ranges */
	bool stop;
	/*
	 * protects take, tail, found, taken, emitted, stop, slot[].done and
	 * file[].next
	 */
	pthread_mutex_t lock;
	pthread_cond_t changed;
};

unsigned
parallel_threads(const struct scan *s)
{
	const struct scan_plan *p = &s->plan;

	if (p->limit != 0 || (p->flags & (SCAN_FOLLOW | SCAN_LEGACY)))
		return 0;
	/*
	 * Counting the rows of blocks reads heads only: one thread is enough.
	 */
	if (p->predicate == NULL && !s->filter.timed &&
	    (p->columns.word[0] | p->columns.word[1]) == 0)
		return 1;
	return thread_count(p->threads);
}

/* --- Threads --- */

static bool
worker_init(struct worker *w, struct parallel *p, struct flowd_error *err)
{
	w->parallel = p;
	w->filter = p->scan->filter;
	w->block = block_new();
	w->batch = batch_new(BATCH_ROWS);
	if (!block_scan_init(&w->rows, &w->filter) || w->block == NULL ||
	    w->batch == NULL) {
		(void)flowd_fail(err, FLOWD_ENOMEM, "out of memory");
		return false;
	}
	/*
	 * The caller's thread also fills the batch of the scan, for the same
	 * consumer: no two tables of addresses may have one serial.
	 */
	w->batch->table.serial = UINT64_C(1) << 63;
	return true;
}

/* Threads other than the caller's have their own state. */
static bool
worker_init_thread(struct worker *w, struct parallel *p,
    struct flowd_error *err)
{
	if (!worker_init(w, p, err))
		return false;
	if (w->filter.predicate != NULL) {
		w->predicate = predicate_copy(w->filter.predicate, err);
		w->filter.predicate = w->predicate;
		if (w->predicate == NULL)
			return false;
	}
	return scan_consumer_begin(p->consumer, p->arg, &w->state, err) == 0 &&
	    (p->consumer->ordered ||
		scan_consumer_partial(
		    p->consumer, p->arg, &w->partial, err) == 0);
}

static void
worker_fini(struct worker *w)
{
	block_scan_fini(&w->rows);
	block_free(w->block);
	batch_free(w->batch);
	predicate_free(w->predicate);
}

/* Blocks are numbered as in the index, if none is missing. */
static void
worker_set_file(struct worker *w, const struct parallel_file *f)
{
	w->file = f;
	w->rows.index = f->indexed ? &f->index : NULL;
	w->rows.group_of = 0;
}

/* Give the rows of a range to the consumer. */
static void
worker_read(
    struct worker *w, const struct row_range *range, struct slot *slot)
{
	const struct scan_consumer *c = w->parallel->consumer;
	void *partial = c->ordered ? slot->partial : w->partial;
	struct bytes in = bytes_behind(w->file->octets, range->from);
	int got = block_parse(in, w->block, &slot->why), bad = 0;
	size_t n = got == 0;

	if (got == 0 && c->head != NULL &&
	    row_filter_takes_all(&w->filter, w->block))
		bad = c->head(w->state, partial, w->block, &slot->why);
	if (bad == 1) {
		n = 0;
		bad = 0;
	} else if (got == 0 && bad == 0)
		got = block_scan_begin(
		    &w->rows, w->block, range->number, &slot->why);
	while (got == 1 && n > 0 && bad == 0) {
		batch_reset(w->batch);
		got = block_scan_next(
		    &w->rows, UINT64_MAX, w->batch, &n, &slot->why);
		if (got == 1)
			bad = c->batch(w->state, partial, w->batch,
			    &slot->why);
		if (got == 0 && n > 0)
			got = 1;
	}
	slot->failed = bad != 0;
	slot->bad = slot->failed ? bad : got < 0 ? got : 0;
}

/*
 * The next range that waits, and its slot. NULL: there is none, or no free
 * slot. Call with the lock held.
 */
static const struct row_range *
worker_take(struct worker *w, struct slot **slot)
{
	struct parallel *p = w->parallel;
	struct parallel_file *f;

	if (p->taken == p->found || p->taken == p->emitted + p->nslots)
		return NULL;
	f = &p->file[p->take % FILES_MAX];
	while (f->next == f->nranges)
		f = &p->file[++p->take % FILES_MAX];
	if (w->number != p->take + 1) {
		worker_set_file(w, f);
		w->number = p->take + 1;
	}
	*slot = &p->slot[p->taken++ % p->nslots];
	return &f->range[f->next++];
}

static void *
worker_run(void *arg)
{
	struct worker *w = arg;
	struct parallel *p = w->parallel;

	(void)pthread_mutex_lock(&p->lock);
	while (!p->stop) {
		struct slot *slot;
		const struct row_range *range = worker_take(w, &slot);

		if (range == NULL) {
			(void)pthread_cond_wait(&p->changed, &p->lock);
			continue;
		}
		(void)pthread_mutex_unlock(&p->lock);
		worker_read(w, range, slot);
		(void)pthread_mutex_lock(&p->lock);
		slot->done = true;
		(void)pthread_cond_broadcast(&p->changed);
	}
	(void)pthread_mutex_unlock(&p->lock);
	return NULL;
}

static int
parallel_add_worker(struct parallel *p, struct flowd_error *err)
{
	struct worker *w = &p->worker[p->nworkers++];

	if (!worker_init_thread(w, p, err))
		return FLOWD_ENOMEM;
	if (thread_start(&w->thread, worker_run, w) == 0)
		p->running++;
	else if (p->running == 0)
		return flowd_fail(
		    err, FLOWD_ENOMEM, "no thread can be had");
	else
		p->threads = p->nworkers;
	return 0;
}

static void
parallel_stop(struct parallel *p)
{
	(void)pthread_mutex_lock(&p->lock);
	p->stop = true;
	(void)pthread_cond_broadcast(&p->changed);
	(void)pthread_mutex_unlock(&p->lock);
	/* A worker whose thread did not start is not counted in running. */
	for (unsigned i = 0; i < p->running; i++)
		(void)pthread_join(p->worker[i].thread, NULL);
	p->running = 0;
}

/* --- Files --- */

static void
parallel_file_init(struct parallel_file *f, const struct scan_ahead *open)
{
	const struct segment_index *index = scan_source_index(open->source);

	f->open = *open;
	f->octets = scan_source_mapping(open->source)->all;
	f->indexed = index != NULL;
	if (f->indexed)
		f->index = *index;
	f->nranges = f->next = 0;
	buf_init(&f->warnings, WARNINGS_MAX);
}

static bool
parallel_file_add_range(struct parallel_file *f, struct row_range range)
{
	if (f->nranges == f->cap) {
		size_t cap = f->cap == 0 ? 64 : f->cap * 2;
		void *more = realloc(f->range, cap * sizeof(*f->range));

		if (more == NULL)
			return false;
		f->range = more;
		f->cap = cap;
	}
	f->range[f->nranges++] = range;
	return true;
}

static struct flowd_error
damage_text(
    const struct parallel_file *f, size_t from, size_t to, const char *why)
{
	struct flowd_error text;

	(void)flowd_fail(&text, 0,
	    "%s: offset %zu: %s; %zu octets are passed over", f->open.path,
	    from, why, to - from);
	return text;
}

/*
 * Notes damage; the warning is kept until the events of the file are due. If
 * another block begins within the last block, which is damaged, the last block
 * ends there.
 */
static void
parallel_file_note_damage(
    struct parallel_file *f, const struct segment_damage *damage)
{
	struct row_range *last =
	    f->nranges > 0 ? &f->range[f->nranges - 1] : NULL;
	struct flowd_error text =
	    damage_text(f, damage->from, damage->to, damage->why.text);

	buf_append(&f->warnings, text.text, strlen(text.text) + 1);
	f->indexed = false;
	if (last == NULL || last->from != damage->from)
		return;
	last->to = damage->to;
	last->warned = true;
}

/*
 * Finds the blocks in which flows may pass, by their heads. An index may lack
 * damaged blocks. False when out of memory.
 */
static bool
parallel_file_find_ranges(struct parallel_file *f, struct worker *mine)
{
	struct segment_damage damage;
	struct block *b = mine->block;
	struct segment_walk w;
	uint32_t number = 0;
	bool good = true;
	int got;

	worker_set_file(mine, f);
	segment_walk_init(&w, f->octets, true);
	while (good && (got = segment_next(&w, b, &damage)) != 0 &&
	    got != FLOWD_EOF) {
		if (got == FLOWD_EFORMAT) {
			parallel_file_note_damage(f, &damage);
			mine->rows.index = NULL;
		} else if (b->kind == BLOCK_FLOWS) {
			if (block_scan_may_match(&mine->rows, b, number))
				good = parallel_file_add_range(f,
				    (struct row_range){ .from = w.block_at,
					.to = w.at,
					.number = number });
			number++;
		}
	}
	return good;
}

static void
parallel_file_warn(const struct parallel_file *f, const struct scan *s)
{
	const char *text = (const char *)f->warnings.ptr;
	size_t n;

	for (size_t left = f->warnings.len; left > 0; left -= n) {
		scan_warn(s, text);
		n = strlen(text) + 1;
		text += n;
	}
	if (!buf_ok(&f->warnings))
		scan_warn(s, "and at other places");
}

static bool
is_segment(const struct scan_ahead *open)
{
	const struct mapping *m = open->source != NULL
	    ? scan_source_mapping(open->source)
	    : NULL;

	return m != NULL && m->is_file;
}

/* Gives the ranges of a segment to the workers. */
static void
parallel_add_file(struct parallel *p, const struct scan_ahead *open)
{
	struct parallel_file *f = &p->file[p->tail % FILES_MAX];

	parallel_file_init(f, open);
	if (!parallel_file_find_ranges(f, &p->mine))
		p->failed = flowd_fail(&p->why, FLOWD_ENOMEM, "out of memory");
	(void)pthread_mutex_lock(&p->lock);
	p->tail++;
	p->found += f->nranges;
	(void)pthread_cond_broadcast(&p->changed);
	(void)pthread_mutex_unlock(&p->lock);
	while (p->failed == 0 && p->nworkers < p->threads &&
	    p->nworkers < p->found)
		p->failed = parallel_add_worker(p, &p->why);
}

static void
parallel_open_file(struct parallel *p)
{
	struct scan_ahead open;
	int got = scan_file_open_ahead(p->scan, &open, &p->why);

	p->ended = got == 0;
	p->failed = got < 0 ? got : 0;
	if (got == 1 && is_segment(&open))
		parallel_add_file(p, &open);
	else if (got == 1)
		p->other = open;
}

/* Are so few ranges waiting that another file should be opened? */
static bool
parallel_is_short(const struct parallel *p)
{
	return !p->ended && p->other.path == NULL && p->failed == 0 &&
	    p->tail - p->head < FILES_MAX &&
	    p->found - p->taken < (size_t)BLOCKS_AHEAD * p->threads;
}

/* --- Emitting results --- */

static int
slot_emit(struct parallel *p, struct slot *slot, struct flowd_error *err)
{
	if (slot->failed)
		return flowd_fail_again(err, &slot->why);
	return slot->partial != NULL
	    ? p->consumer->emit(p->arg, slot->partial, err)
	    : 0;
}

static void
slot_reset(struct slot *slot)
{
	slot->done = false;
	slot->failed = false;
	slot->bad = 0;
}

/*
 * Searches a damaged block for other blocks that begin within it, and emits
 * these.
 */
static int
parallel_look_within(struct parallel *p, const struct parallel_file *f,
    const struct row_range *range, struct slot *slot, struct flowd_error *err)
{
	struct worker *mine = &p->mine;
	struct bytes in = { f->octets.ptr, range->to };
	struct segment_damage damage;
	struct segment_walk w;
	int bad = 0, got;

	worker_set_file(mine, f);
	mine->rows.index = NULL;
	segment_walk_init(&w, in, true);
	w.block_at = range->from;
	segment_reject(&w);
	got = segment_next(&w, mine->block, &damage);
	if (!range->warned)
		scan_warn(p->scan, damage_text(f, damage.from, damage.to,
				       slot->why.text).text);
	while (bad == 0 && got != 0) {
		got = segment_next(&w, mine->block, &damage);
		if (got != 1 || mine->block->kind != BLOCK_FLOWS) {
			if (got == FLOWD_EOF)
				break;
			continue;
		}
		slot_reset(slot);
		worker_read(
		    mine, &(struct row_range){ .from = w.block_at }, slot);
		bad = slot_emit(p, slot, err);
	}
	return bad;
}

/*
 * Opens one more file if the workers have too little to do. Returns whether
 * they had. Call with the lock held; it is released meanwhile.
 */
static bool
parallel_fill(struct parallel *p)
{
	if (!parallel_is_short(p))
		return false;
	(void)pthread_mutex_unlock(&p->lock);
	parallel_open_file(p);
	(void)pthread_mutex_lock(&p->lock);
	return true;
}

static void
parallel_fill_all(struct parallel *p)
{
	(void)pthread_mutex_lock(&p->lock);
	while (parallel_fill(p))
		;
	(void)pthread_mutex_unlock(&p->lock);
}

static void
parallel_await(struct parallel *p, const struct slot *slot)
{
	(void)pthread_mutex_lock(&p->lock);
	while (!slot->done)
		if (!parallel_fill(p))
			(void)pthread_cond_wait(&p->changed, &p->lock);
	(void)pthread_mutex_unlock(&p->lock);
}

/* Emits the next range of the file in order. */
static int
parallel_emit_range(struct parallel *p, const struct parallel_file *f,
    const struct row_range *range, struct flowd_error *err)
{
	struct slot *slot = &p->slot[p->emitted % p->nslots];
	int bad;

	parallel_await(p, slot);
	bad = slot_emit(p, slot, err);
	if (bad == 0 && slot->bad != 0)
		bad = parallel_look_within(p, f, range, slot, err);
	slot_reset(slot);
	scan_progress(p->scan, range->to, f->octets.len);
	(void)pthread_mutex_lock(&p->lock);
	p->emitted++;
	(void)pthread_cond_broadcast(&p->changed);
	(void)pthread_mutex_unlock(&p->lock);
	return bad;
}

/* Emits the file at the head: 0, also when it is skipped, or < 0. */
static int
parallel_emit_file(struct parallel *p, struct flowd_error *err)
{
	struct parallel_file *f = &p->file[p->head % FILES_MAX];
	int got = scan_file_attach(p->scan, &f->open, err), bad = 0;

	f->open.source = NULL;
	if (got == 1) {
		parallel_file_warn(f, p->scan);
		for (size_t i = 0; bad == 0 && i < f->nranges &&
		     !scan_is_cancelled(p->scan); i++)
			bad = parallel_emit_range(p, f, &f->range[i], err);
	}
	/* Workers may still be reading it. */
	if (got != 1 || bad != 0 || scan_is_cancelled(p->scan))
		parallel_stop(p);
	if (got == 1)
		got = scan_file_close(p->scan, bad, err);
	buf_fini(&f->warnings);
	p->head++;
	return got;
}

/* Close files that were opened ahead and are not read. */
static void
parallel_close_files(struct parallel *p)
{
	for (; p->head < p->tail; p->head++) {
		struct parallel_file *f = &p->file[p->head % FILES_MAX];

		scan_source_close(f->open.source);
		buf_fini(&f->warnings);
	}
	scan_source_close(p->other.source);
}

int
parallel_read(struct parallel *p, struct flowd_error *err)
{
	struct scan_ahead other;
	int got = 0;

	while (got == 0 && !p->stop) {
		parallel_fill_all(p);
		if (p->head < p->tail) {
			got = parallel_emit_file(p, err);
		} else if (p->failed != 0) {
			return flowd_fail_again(err, &p->why);
		} else if (p->other.path != NULL) {
			other = p->other;
			p->other = (struct scan_ahead){ .path = NULL };
			got = scan_file_attach(p->scan, &other, err);
		} else {
			break;
		}
	}
	return got;
}

int
parallel_emit(struct parallel *p, struct flowd_error *err)
{
	int bad = 0;

	for (unsigned i = 0; i < p->nworkers && bad == 0; i++)
		if (p->worker[i].partial != NULL)
			bad = p->consumer->emit(
			    p->arg, p->worker[i].partial, err);
	return bad;
}

/* --- Beginning and end --- */

static bool
parallel_make_slots(struct parallel *p, struct flowd_error *err)
{
	p->nslots = p->consumer->ordered ? p->threads + 1 : SLOTS;
	for (size_t i = 0; i < p->nslots && p->consumer->ordered; i++)
		if (scan_consumer_partial(p->consumer, p->arg,
			&p->slot[i].partial, err) != 0)
			return false;
	return true;
}

struct parallel *
parallel_new(struct scan *s, const struct scan_consumer *consumer, void *arg,
    void *state, void *partial, unsigned threads, struct flowd_error *err)
{
	struct parallel *p = calloc(1, sizeof(*p));

	if (p == NULL) {
		(void)flowd_fail(err, FLOWD_ENOMEM, "out of memory");
		return NULL;
	}
	p->scan = s;
	p->consumer = consumer;
	p->arg = arg;
	p->threads = threads;
	(void)pthread_mutex_init(&p->lock, NULL);
	(void)pthread_cond_init(&p->changed, NULL);
	if (worker_init(&p->mine, p, err) && parallel_make_slots(p, err)) {
		p->mine.state = state;
		p->mine.partial = partial;
		return p;
	}
	parallel_free(p);
	return NULL;
}

void
parallel_free(struct parallel *p)
{
	if (p == NULL)
		return;
	parallel_stop(p);
	parallel_close_files(p);
	for (unsigned i = 0; i < p->nworkers; i++) {
		struct worker *w = &p->worker[i];

		scan_consumer_end(p->consumer, w->state, w->partial);
		worker_fini(w);
	}
	for (unsigned i = 0; i < SLOTS; i++)
		scan_consumer_end(p->consumer, NULL, p->slot[i].partial);
	for (unsigned i = 0; i < FILES_MAX; i++)
		free(p->file[i].range);
	worker_fini(&p->mine);
	(void)pthread_cond_destroy(&p->changed);
	(void)pthread_mutex_destroy(&p->lock);
	free(p);
}
