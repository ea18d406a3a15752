/* A segment by several threads; see parallel.h. */
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "parallel.h"

enum {
	THREADS_MAX = 4,
	SLOTS_MAX = THREADS_MAX + 1 /* blocks that are in the works */
};

/* The rows of a block of flows. */
struct row_range {
	size_t from, to; /* octets of the file */
	uint32_t number; /* of the block, among them */
	bool warned; /* that it is damaged */
};

/* What became of a row range. */
struct slot {
	bool done;
	bool failed; /* the consumer did; why */
	int bad; /* the block is damaged, or result of the consumer, and why */
	struct flowd_error why;
	void *partial; /* of an ordered consumer */
};

struct parallel {
	struct scan *scan;
	const struct scan_consumer *consumer;
	void *arg;
	unsigned nworkers; /* that there are; of at most */
	unsigned threads;
	struct worker mine; /* of the caller's thread */
	struct worker worker[THREADS_MAX];
	pthread_mutex_t lock; /* of next, emitted, stop, slot[].done */
	pthread_cond_t changed;
	/* The segment at hand. */
	struct bytes file;
	struct segment_index index;
	bool indexed;
	struct row_range *range;
	size_t nranges, cap;
	struct slot slot[SLOTS_MAX];
	size_t nslots;
	size_t next; /* range to take */
	size_t emitted; /* ranges that are done with */
	bool stop;
};

unsigned
parallel_threads(const struct scan *s)
{
	const struct scan_plan *p = &s->plan;
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned most = p->threads != 0 ? p->threads
	    : n < 1			? 1
					: (unsigned)n;

	if (p->limit != 0 || (p->flags & (SCAN_FOLLOW | SCAN_LEGACY)))
		return 1;
	/* To count the rows of blocks is nothing to share. */
	if (p->predicate == NULL && !s->filter.timed &&
	    (p->columns.word[0] | p->columns.word[1]) == 0)
		return 1;
	if (p->predicate != NULL && !predicate_can_copy(p->predicate))
		return 1;
	return most < THREADS_MAX ? most : THREADS_MAX;
}

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
	return true;
}

/* Another thread than the caller's has all for itself. */
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
	if (worker_init(&p->mine, p, err)) {
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
	for (unsigned i = 0; i < p->nworkers; i++) {
		struct worker *w = &p->worker[i];

		scan_consumer_end(p->consumer, w->state, w->partial);
		worker_fini(w);
	}
	for (unsigned i = 0; i < SLOTS_MAX; i++)
		scan_consumer_end(p->consumer, NULL, p->slot[i].partial);
	worker_fini(&p->mine);
	(void)pthread_cond_destroy(&p->changed);
	(void)pthread_mutex_destroy(&p->lock);
	free(p->range);
	free(p);
}

/* Give the rows of a block that pass to the consumer. */
static void
worker_read(struct worker *w, const struct row_range *range, struct slot *slot)
{
	const struct scan_consumer *c = w->parallel->consumer;
	void *partial = c->ordered ? slot->partial : w->partial;
	struct bytes in = bytes_behind(w->parallel->file, range->from);
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

/* Take ranges until there are no more, but not too far ahead. */
static void *
worker_run(void *arg)
{
	struct worker *w = arg;
	struct parallel *p = w->parallel;

	(void)pthread_mutex_lock(&p->lock);
	while (!p->stop && p->next < p->nranges) {
		struct slot *slot = &p->slot[p->next % p->nslots];
		const struct row_range *range = &p->range[p->next];

		if (p->next >= p->emitted + p->nslots) {
			(void)pthread_cond_wait(&p->changed, &p->lock);
			continue;
		}
		p->next++;
		(void)pthread_mutex_unlock(&p->lock);
		worker_read(w, range, slot);
		(void)pthread_mutex_lock(&p->lock);
		slot->done = true;
		(void)pthread_cond_broadcast(&p->changed);
	}
	(void)pthread_mutex_unlock(&p->lock);
	return NULL;
}

static bool
parallel_add_range(struct parallel *p, struct row_range range)
{
	if (p->nranges == p->cap) {
		size_t cap = p->cap == 0 ? 256 : p->cap * 2;
		void *more = realloc(p->range, cap * sizeof(*p->range));

		if (more == NULL)
			return false;
		p->range = more;
		p->cap = cap;
	}
	p->range[p->nranges++] = range;
	return true;
}

static void
parallel_warn(
    const struct parallel *p, size_t from, size_t to, const char *why)
{
	struct flowd_error text;

	(void)flowd_fail(&text, 0,
	    "%s: offset %zu: %s; %zu octets are passed over", p->scan->path,
	    from, why, to - from);
	scan_warn(p->scan, text.text);
}

/*
 * It was said what is damaged. If that is the last block, which another one
 * cuts, it ends where that one begins.
 */
static void
parallel_cut_range(struct parallel *p, const struct segment_damage *damage)
{
	struct row_range *last =
	    p->nranges > 0 ? &p->range[p->nranges - 1] : NULL;

	if (last == NULL || last->from != damage->from)
		return;
	last->to = damage->to;
	last->warned = true;
}

/*
 * Where the blocks are in which flows may pass, by their heads. What is
 * damaged may be in no index.
 */
static bool
parallel_find_ranges(struct parallel *p)
{
	struct worker *mine = &p->mine;
	struct segment_damage damage;
	struct block *b = mine->block;
	struct segment_walk w;
	uint32_t number = 0;
	bool good = true;
	int got;

	segment_walk_init(&w, p->file, true);
	while (good && (got = segment_next(&w, b, &damage)) != 0 &&
	    got != FLOWD_EOF) {
		if (got == FLOWD_EFORMAT) {
			parallel_warn(p, damage.from, damage.to,
			    damage.why.text);
			parallel_cut_range(p, &damage);
			p->indexed = false;
			mine->rows.index = NULL;
		} else if (b->kind == BLOCK_FLOWS) {
			if (block_scan_may_match(&mine->rows, b, number))
				good = parallel_add_range(p,
				    (struct row_range){ .from = w.block_at,
					.to = w.at,
					.number = number });
			number++;
		}
	}
	return good;
}

static int
slot_emit(struct parallel *p, struct slot *slot, struct flowd_error *err)
{
	if (slot->failed)
		return flowd_fail(err, slot->bad, "%s", slot->why.text);
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

/* A block is damaged: others may begin within it. */
static int
parallel_look_within(struct parallel *p, const struct row_range *range,
    struct slot *slot, struct flowd_error *err)
{
	struct worker *mine = &p->mine;
	struct bytes in = { p->file.ptr, range->to };
	struct segment_damage damage;
	struct segment_walk w;
	int bad = 0, got;

	mine->rows.index = NULL;
	segment_walk_init(&w, in, true);
	w.block_at = range->from;
	segment_reject(&w);
	got = segment_next(&w, mine->block, &damage);
	if (!range->warned)
		parallel_warn(p, damage.from, damage.to, slot->why.text);
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

/* Emit what is done, in its order. */
static int
parallel_emit_ranges(struct parallel *p, struct flowd_error *err)
{
	int bad = 0;

	for (size_t i = 0; bad == 0 && i < p->nranges; i++) {
		struct slot *slot = &p->slot[i % p->nslots];

		(void)pthread_mutex_lock(&p->lock);
		while (!slot->done)
			(void)pthread_cond_wait(&p->changed, &p->lock);
		(void)pthread_mutex_unlock(&p->lock);
		bad = slot_emit(p, slot, err);
		if (bad == 0 && slot->bad != 0)
			bad = parallel_look_within(p, &p->range[i], slot, err);
		slot_reset(slot);
		scan_progress(p->scan, p->range[i].to, p->file.len);
		if (scan_is_cancelled(p->scan))
			break;
		(void)pthread_mutex_lock(&p->lock);
		p->emitted = i + 1;
		(void)pthread_cond_broadcast(&p->changed);
		(void)pthread_mutex_unlock(&p->lock);
	}
	return bad;
}

static bool
parallel_make_slots(struct parallel *p, struct flowd_error *err)
{
	p->nslots = p->threads + 1;
	for (size_t i = 0; i < p->nslots; i++) {
		struct slot *slot = &p->slot[i];

		slot_reset(slot);
		if (p->consumer->ordered && slot->partial == NULL &&
		    scan_consumer_partial(
			p->consumer, p->arg, &slot->partial, err) != 0)
			return false;
	}
	return true;
}

/* Make those that are missing and that the ranges can occupy. */
static bool
parallel_make_workers(struct parallel *p, struct flowd_error *err)
{
	while (p->nworkers < p->threads && p->nworkers < p->nranges)
		if (!worker_init_thread(&p->worker[p->nworkers++], p, err))
			return false;
	return true;
}

/* Have so many threads read the ranges, while this one emits. */
static int
parallel_run(struct parallel *p, struct flowd_error *err)
{
	pthread_t thread[THREADS_MAX];
	unsigned running = 0;
	int bad = 0;

	for (unsigned i = 0; i < p->nworkers && i < p->nranges; i++) {
		struct worker *w = &p->worker[i];

		/* Blocks are numbered as in the index, if none is missing. */
		w->rows.index = p->indexed ? &p->index : NULL;
		running += pthread_create(
			       &thread[running], NULL, worker_run, w) == 0;
	}
	if (running == 0 && p->nranges > 0)
		bad = flowd_fail(err, FLOWD_ENOMEM, "no thread can be had");
	else
		bad = parallel_emit_ranges(p, err);
	(void)pthread_mutex_lock(&p->lock);
	p->stop = true;
	(void)pthread_cond_broadcast(&p->changed);
	(void)pthread_mutex_unlock(&p->lock);
	while (running > 0)
		(void)pthread_join(thread[--running], NULL);
	return bad;
}

int
parallel_read(
    struct parallel *p, const struct mapping *m, struct flowd_error *err)
{
	p->file = m->all;
	p->indexed = segment_index_find(p->file, &p->index, NULL) == 0;
	p->mine.rows.index = p->indexed ? &p->index : NULL;
	p->mine.rows.group_of = 0;
	p->nranges = 0;
	p->next = p->emitted = 0;
	p->stop = false;
	for (unsigned i = 0; i < p->nworkers; i++)
		p->worker[i].rows.group_of = 0;
	if (!parallel_find_ranges(p))
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	if (!parallel_make_slots(p, err) || !parallel_make_workers(p, err))
		return FLOWD_ENOMEM;
	return parallel_run(p, err);
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
