/* A columnar log by several threads; see scan.h. */
#include <sys/stat.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "rows.h"
#include "scan.h"
#include "segment.h"

enum {
	THREADS_MAX = 4,
	SLOTS_MAX = THREADS_MAX + 1, /* blocks that are in the works */
	TEXT_OCTETS_MAX = 512 * 1024 * 1024
};

/* A block of the file. */
struct spot {
	size_t from, to;
	uint32_t number; /* among them */
	bool told; /* that it is damaged */
};

/* What was made of a block. */
struct slot {
	bool done;
	struct buf text;
	uint64_t flows;
	int bad; /* the block is damaged, and why */
	struct flowd_error why;
};

/* What a thread has for itself. */
struct worker {
	struct scan *scan;
	pthread_t thread;
	bool running;
	struct query query;
	struct filter *filter;
	struct rows rows;
	struct block *block;
	struct batch *batch;
	struct formatter formatter;
};

struct scan {
	const struct scan_options *options;
	const char *name;
	struct bytes file;
	struct index index;
	bool indexed;
	struct spot *place;
	size_t nplaces, cap;
	unsigned nworkers;
	struct worker worker[THREADS_MAX + 1]; /* the last is the caller's */
	struct slot slot[SLOTS_MAX];
	size_t nslots;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t changed;
	size_t next; /* place to take */
	size_t printed; /* places that are done with */
	bool stop;
};

unsigned
scan_threads(const struct scan_options *o)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	struct stat st;

	if (o->filter.path != NULL &&
	    (stat(o->filter.path, &st) != 0 || !S_ISREG(st.st_mode)))
		return 1;
	return n < 1 ? 1 : n > THREADS_MAX ? THREADS_MAX : (unsigned)n;
}

static bool
worker_init(struct worker *w, struct scan *s, struct flowd_error *err)
{
	const struct scan_options *o = s->options;

	w->scan = s;
	w->query = *o->query;
	w->formatter = *o->formatter;
	w->block = block_new();
	w->batch = batch_new(BATCH_ROWS);
	if (!rows_init(&w->rows, &w->query) || w->block == NULL ||
	    w->batch == NULL) {
		(void)flowd_fail(err, FLOWD_ENOMEM, "out of memory");
		return false;
	}
	if (o->query->filter == NULL)
		return true;
	w->filter = filter_open(&o->filter, err);
	w->query.filter = w->filter;
	return w->filter != NULL;
}

static void
worker_fini(struct worker *w)
{
	rows_fini(&w->rows);
	block_free(w->block);
	batch_free(w->batch);
	filter_close(w->filter);
}

/* What is made of the flows of a block that pass. */
static void
make(struct worker *w, const struct spot *place, struct slot *slot)
{
	const struct scan_options *o = w->scan->options;
	struct bytes in = bytes_behind(w->scan->file, place->from);
	int got = block_parse(in, w->block, &slot->why);
	size_t n = got == 0;

	if (got == 0)
		got = rows_begin(
		    &w->rows, w->block, place->number, &slot->why);
	while (got == 1 && n > 0) {
		batch_reset(w->batch);
		got = rows_next(
		    &w->rows, UINT64_MAX, w->batch, &n, &slot->why);
		if (got == 1) {
			slot->flows += bitmap_count(
			    w->batch->selected, w->batch->nrows);
			if (o->format != NULL)
				o->format->rows(
				    &w->formatter, w->batch, &slot->text);
		}
		if (got == 0 && n > 0)
			got = 1;
	}
	slot->bad = got < 0 ? got : 0;
	if (!buf_ok(&slot->text))
		slot->bad = flowd_fail(&slot->why, FLOWD_ENOMEM,
		    "out of memory");
}

/* Take places until there are no more, but not too far ahead. */
static void *
work(void *arg)
{
	struct worker *w = arg;
	struct scan *s = w->scan;

	(void)pthread_mutex_lock(&s->lock);
	while (!s->stop && s->next < s->nplaces) {
		struct slot *slot = &s->slot[s->next % s->nslots];
		const struct spot *place = &s->place[s->next];

		if (s->next >= s->printed + s->nslots) {
			(void)pthread_cond_wait(&s->changed, &s->lock);
			continue;
		}
		s->next++;
		(void)pthread_mutex_unlock(&s->lock);
		make(w, place, slot);
		(void)pthread_mutex_lock(&s->lock);
		slot->done = true;
		(void)pthread_cond_broadcast(&s->changed);
	}
	(void)pthread_mutex_unlock(&s->lock);
	return NULL;
}

static bool
add_place(struct scan *s, struct spot place)
{
	if (s->nplaces == s->cap) {
		size_t cap = s->cap == 0 ? 256 : s->cap * 2;
		void *more = realloc(s->place, cap * sizeof(*s->place));

		if (more == NULL)
			return false;
		s->place = more;
		s->cap = cap;
	}
	s->place[s->nplaces++] = place;
	return true;
}

static void
complain(const struct scan *s, size_t from, size_t to, const char *why)
{
	struct flowd_error text;

	(void)flowd_fail(&text, 0,
	    "%s: offset %zu: %s; %zu octets are passed over", s->name, from,
	    why, to - from);
	s->options->complain(s->options->arg, text.text);
}

/*
 * It was told what is damaged. If that is the last block, which another one
 * cuts, it ends where that one begins.
 */
static void
cut_place(struct scan *s, const struct segment_damage *damage)
{
	struct spot *last = s->nplaces > 0 ? &s->place[s->nplaces - 1] : NULL;

	if (last == NULL || last->from != damage->from)
		return;
	last->to = damage->to;
	last->told = true;
}

/*
 * Where the blocks are in which flows may pass, by their heads. What is
 * damaged may be in no index.
 */
static bool
find_places(struct scan *s, struct worker *mine)
{
	struct segment_damage damage;
	struct block *b = mine->block;
	struct segment_walk w;
	uint32_t number = 0;
	bool good = true;
	int got;

	segment_walk_init(&w, s->file, true);
	while (good && (got = segment_next(&w, b, &damage)) != 0 &&
	    got != FLOWD_EOF) {
		if (got == FLOWD_EFORMAT) {
			complain(s, damage.from, damage.to, damage.why.text);
			cut_place(s, &damage);
			s->indexed = false;
			mine->rows.index = NULL;
		} else if (b->kind == BLOCK_FLOWS) {
			if (rows_may_match(&mine->rows, b, number))
				good = add_place(s, (struct spot){
							.from = w.block_at,
							.to = w.at,
							.number = number });
			number++;
		}
	}
	return good;
}

static int
print(struct scan *s, struct slot *slot, uint64_t *flows,
    struct flowd_error *err)
{
	*flows += slot->flows;
	if (slot->bad == FLOWD_ENOMEM)
		return flowd_fail(err, FLOWD_ENOMEM, "%s", slot->why.text);
	if (slot->text.len == 0)
		return 0;
	return s->options->print(s->options->arg,
	    (struct bytes){ slot->text.ptr, slot->text.len }, err);
}

static void
slot_reset(struct slot *slot)
{
	slot->done = false;
	slot->flows = 0;
	slot->bad = 0;
	buf_reset(&slot->text);
}

/* A block is damaged: others may begin within it. */
static int
look_within(struct scan *s, const struct spot *place, struct slot *slot,
    uint64_t *flows, struct flowd_error *err)
{
	struct worker *mine = &s->worker[s->nworkers];
	struct bytes in = { s->file.ptr, place->to };
	struct segment_damage damage;
	struct segment_walk w;
	int bad = 0, got;

	mine->rows.index = NULL;
	segment_walk_init(&w, in, true);
	w.block_at = place->from;
	segment_reject(&w);
	got = segment_next(&w, mine->block, &damage);
	if (!place->told)
		complain(s, damage.from, damage.to, slot->why.text);
	while (bad == 0 && got != 0) {
		got = segment_next(&w, mine->block, &damage);
		if (got != 1 || mine->block->kind != BLOCK_FLOWS) {
			if (got == FLOWD_EOF)
				break;
			continue;
		}
		slot_reset(slot);
		make(mine, &(struct spot){ .from = w.block_at }, slot);
		bad = print(s, slot, flows, err);
	}
	return bad;
}

/* Print what was made, in its order. */
static int
print_places(struct scan *s, uint64_t *flows, struct flowd_error *err)
{
	int bad = 0;

	for (size_t i = 0; bad == 0 && i < s->nplaces; i++) {
		struct slot *slot = &s->slot[i % s->nslots];

		(void)pthread_mutex_lock(&s->lock);
		while (!slot->done)
			(void)pthread_cond_wait(&s->changed, &s->lock);
		(void)pthread_mutex_unlock(&s->lock);
		bad = print(s, slot, flows, err);
		if (bad == 0 && slot->bad != 0)
			bad = look_within(s, &s->place[i], slot, flows, err);
		slot_reset(slot);
		s->options->progress(
		    s->options->arg, s->place[i].to, s->file.len);
		(void)pthread_mutex_lock(&s->lock);
		s->printed = i + 1;
		s->stop = bad != 0;
		(void)pthread_cond_broadcast(&s->changed);
		(void)pthread_mutex_unlock(&s->lock);
	}
	return bad;
}

static int
run(struct scan *s, uint64_t *flows, struct flowd_error *err)
{
	struct worker *mine = &s->worker[s->nworkers];
	unsigned running = 0;

	if (!worker_init(mine, s, err))
		return FLOWD_ENOMEM;
	mine->rows.index = s->indexed ? &s->index : NULL;
	if (!find_places(s, mine))
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	for (unsigned i = 0; i < s->nworkers && i < s->nplaces; i++) {
		struct worker *w = &s->worker[i];

		if (!worker_init(w, s, err))
			return FLOWD_ENOMEM;
		/* Blocks are numbered as in the index, if none is missing. */
		w->rows.index = s->indexed ? &s->index : NULL;
		w->running = pthread_create(&w->thread, NULL, work, w) == 0;
		running += w->running;
	}
	if (running == 0 && s->nplaces > 0)
		return flowd_fail(err, FLOWD_ENOMEM, "no thread can be had");
	return print_places(s, flows, err);
}

int
scan_log(const struct scan_options *o, unsigned threads, const char *name,
    struct bytes file, uint64_t *flows, struct flowd_error *err)
{
	struct scan *s = calloc(1, sizeof(*s));
	int bad;

	if (s == NULL)
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	s->options = o;
	s->name = name;
	s->file = file;
	s->indexed = index_find(file, &s->index, NULL) == 0;
	s->nworkers = threads < THREADS_MAX ? threads : THREADS_MAX;
	s->nslots = s->nworkers + 1;
	for (size_t i = 0; i < s->nslots; i++)
		buf_init(&s->slot[i].text, TEXT_OCTETS_MAX);
	(void)pthread_mutex_init(&s->lock, NULL);
	(void)pthread_cond_init(&s->changed, NULL);
	bad = run(s, flows, err);
	(void)pthread_mutex_lock(&s->lock);
	s->stop = true;
	(void)pthread_cond_broadcast(&s->changed);
	(void)pthread_mutex_unlock(&s->lock);
	for (unsigned i = 0; i <= s->nworkers; i++) {
		if (s->worker[i].running)
			(void)pthread_join(s->worker[i].thread, NULL);
		worker_fini(&s->worker[i]);
	}
	for (size_t i = 0; i < s->nslots; i++)
		buf_fini(&s->slot[i].text);
	(void)pthread_cond_destroy(&s->changed);
	(void)pthread_mutex_destroy(&s->lock);
	free(s->place);
	free(s);
	return bad;
}
