/*
 * Batches of several threads; see scan_queue.h.
 *
 *	workers		gather the rows of a block that pass into a piece
 *	reader		runs the scan: takes the pieces in order, joins small
 *			ones, and queues batches
 *	caller		takes them
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "scan_queue.h"
#include "thread.h"

enum {
	ITEMS = 8, /* that wait, batches and warnings */
	SPARE = 8 /* batches that are kept to be filled again */
};

/* A batch, a warning, or how far the scan is. */
struct queue_item {
	struct flowd_batch *batch; /* NULL: text, which is its own */
	char *text;
	uint64_t done, total; /* total: 0 where it is a batch or a text */
};

struct scan_queue {
	struct scan *scan;
	const struct column_list *columns;
	size_t rows;
	struct scan_queue_events events;
	struct flowd_batch *joined; /* small pieces, of the reader */
	pthread_t thread;
	bool running;
	pthread_mutex_t lock; /* of all that follows */
	pthread_cond_t changed;
	struct queue_item item[ITEMS];
	size_t head, tail;
	struct flowd_batch *spare[SPARE];
	size_t nspare;
	struct queue_item progress; /* the last that was not told; total 0:
				     * none */
	bool stop, ended;
	int result; /* once it has ended, and why */
	struct flowd_error why;
};

/* --- Batches to fill --- */

/* An empty one; NULL when out of memory. By any thread. */
static struct flowd_batch *
queue_take_spare(struct scan_queue *q)
{
	struct flowd_batch *b = NULL;

	(void)pthread_mutex_lock(&q->lock);
	if (q->nspare > 0)
		b = q->spare[--q->nspare];
	(void)pthread_mutex_unlock(&q->lock);
	if (b != NULL && flowd_batch_renew(&b, q->columns, q->rows, NULL) != 0)
		return NULL;
	return b != NULL ? b : flowd_batch_of(q->columns, q->rows, NULL);
}

static void
queue_give_spare(struct scan_queue *q, struct flowd_batch *b)
{
	if (b == NULL)
		return;
	(void)pthread_mutex_lock(&q->lock);
	if (q->nspare < SPARE) {
		q->spare[q->nspare++] = b;
		b = NULL;
	}
	(void)pthread_mutex_unlock(&q->lock);
	flowd_batch_free(b);
}

/* --- The queue --- */

static void
queue_item_free(struct queue_item *item)
{
	flowd_batch_free(item->batch);
	free(item->text);
	*item = (struct queue_item) { .batch = NULL };
}

/* Wait for room. The item is taken over, also when the scan is to stop. */
static int
queue_put(struct scan_queue *q, struct queue_item item,
    struct flowd_error *err)
{
	bool stop;

	(void)pthread_mutex_lock(&q->lock);
	while (!q->stop && q->tail - q->head == ITEMS)
		(void)pthread_cond_wait(&q->changed, &q->lock);
	stop = q->stop;
	if (!stop)
		q->item[q->tail++ % ITEMS] = item;
	(void)pthread_cond_broadcast(&q->changed);
	(void)pthread_mutex_unlock(&q->lock);
	if (!stop)
		return 0;
	queue_item_free(&item);
	return flowd_fail(err, FLOWD_EINVAL, "the scan was closed");
}

/* False at the end. */
static bool
queue_get(struct scan_queue *q, struct queue_item *item)
{
	bool some, told;

	(void)pthread_mutex_lock(&q->lock);
	while (q->head == q->tail && !q->ended && q->progress.total == 0)
		(void)pthread_cond_wait(&q->changed, &q->lock);
	told = q->progress.total != 0;
	some = told || q->head != q->tail;
	if (told) {
		*item = q->progress;
		q->progress.total = 0;
	} else if (some) {
		*item = q->item[q->head++ % ITEMS];
	}
	(void)pthread_cond_broadcast(&q->changed);
	(void)pthread_mutex_unlock(&q->lock);
	return some;
}

void
scan_queue_warn(struct scan_queue *q, const char *text)
{
	struct queue_item item = { .text = strdup(text) };

	/* Without memory for a text that something is missing is still said. */
	(void)queue_put(q, item, NULL);
}

void
scan_queue_progress(struct scan_queue *q, uint64_t done, uint64_t total)
{
	(void)pthread_mutex_lock(&q->lock);
	q->progress.done = done;
	q->progress.total = total;
	(void)pthread_cond_broadcast(&q->changed);
	(void)pthread_mutex_unlock(&q->lock);
}

/* Tell the caller of an item that is no batch. */
static void
queue_tell(struct scan_queue *q, const struct queue_item *item)
{
	const struct scan_queue_events *e = &q->events;

	if (item->total != 0)
		e->progress(e->arg, item->done, item->total);
	else
		e->warn(e->arg,
		    item->text != NULL ? item->text : "out of memory");
}

int
scan_queue_next(struct scan_queue *q, struct flowd_batch **batch,
    struct flowd_error *err)
{
	struct queue_item item;

	queue_give_spare(q, *batch);
	*batch = NULL;
	while (queue_get(q, &item)) {
		if (item.batch != NULL) {
			*batch = item.batch;
			return 1;
		}
		queue_tell(q, &item);
		free(item.text);
	}
	return q->result < 0 ? flowd_fail_again(err, &q->why) : 0;
}

/* --- The consumer: a piece is a list of batches --- */

struct piece {
	struct scan_queue *queue;
	struct flowd_batch **batch;
	size_t n, cap;
};

static void *
piece_begin(void *arg, struct flowd_error *err)
{
	(void)err;
	return arg;
}

static void *
piece_new(void *arg, struct flowd_error *err)
{
	struct piece *p = calloc(1, sizeof(*p));

	if (p == NULL)
		(void)flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	else
		p->queue = arg;
	return p;
}

static void
piece_free(void *partial)
{
	struct piece *p = partial;

	while (p->n > 0)
		flowd_batch_free(p->batch[--p->n]);
	free(p->batch);
	free(p);
}

/* Another batch at the end. */
static int
piece_grow(struct piece *p, struct flowd_error *err)
{
	struct flowd_batch *b = queue_take_spare(p->queue);

	if (b != NULL && p->n == p->cap) {
		size_t cap = p->cap == 0 ? 4 : 2 * p->cap;
		void *more = realloc(p->batch, cap * sizeof(*p->batch));

		if (more == NULL) {
			flowd_batch_free(b);
			b = NULL;
		} else {
			p->batch = more;
			p->cap = cap;
		}
	}
	if (b == NULL)
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	p->batch[p->n++] = b;
	return 0;
}

static int
piece_add(void *state, void *partial, const struct batch *rows,
    struct flowd_error *err)
{
	struct piece *p = partial;
	size_t row = bitmap_next(rows->selected, 0, rows->nrows);
	int bad = 0;

	(void)state;
	while (bad == 0 && row < rows->nrows) {
		if (p->n > 0)
			row = batch_copy(p->batch[p->n - 1]->rows, rows, row);
		if (row < rows->nrows)
			bad = piece_grow(p, err);
	}
	return bad;
}

/* Queue what was joined. */
static int
queue_put_joined(struct scan_queue *q, struct flowd_error *err)
{
	struct queue_item item = { .batch = q->joined };

	q->joined = NULL;
	return item.batch != NULL ? queue_put(q, item, err) : 0;
}

/* Is it so small that it is worth a copy to have fewer batches? */
static bool
is_small(const struct scan_queue *q, const struct flowd_batch *b)
{
	return b->rows->nrows < q->rows / 4;
}

/* A batch in its turn; it is taken over. */
static int
queue_join(
    struct scan_queue *q, struct flowd_batch *b, struct flowd_error *err)
{
	size_t row = 0;
	int bad = 0;

	if (q->joined != NULL && is_small(q, b))
		row = batch_copy(q->joined->rows, b->rows, 0);
	if (row == b->rows->nrows) {
		queue_give_spare(q, b);
		return 0;
	}
	bad = queue_put_joined(q, err);
	if (bad != 0 || row == 0) {
		q->joined = b;
		return bad != 0 || is_small(q, b) ? bad
						  : queue_put_joined(q, err);
	}
	/* The rest of one that did not fit. */
	q->joined = queue_take_spare(q);
	if (q->joined != NULL)
		(void)batch_copy(q->joined->rows, b->rows, row);
	queue_give_spare(q, b);
	return q->joined != NULL
	    ? 0
	    : flowd_fail(err, FLOWD_ENOMEM, "out of memory");
}

static int
piece_emit(void *arg, void *partial, struct flowd_error *err)
{
	struct scan_queue *q = arg;
	struct piece *p = partial;
	size_t done = 0;
	int bad = 0;

	while (bad == 0 && done < p->n)
		bad = queue_join(q, p->batch[done++], err);
	/* The others are still the piece's. */
	for (size_t i = done; i < p->n; i++)
		p->batch[i - done] = p->batch[i];
	p->n -= done;
	return bad;
}

static const struct scan_consumer queue_consumer = {
	.ordered = true,
	.begin = piece_begin,
	.batch = piece_add,
	.partial = piece_new,
	.emit = piece_emit,
	.drop = piece_free,
};

/* --- The reader --- */

static void *
queue_run(void *arg)
{
	struct scan_queue *q = arg;
	struct flowd_error why = { .text = "" };
	int bad = scan_run(q->scan, &queue_consumer, q, &why);
	int also = queue_put_joined(q, bad == 0 ? &why : NULL);

	(void)pthread_mutex_lock(&q->lock);
	q->ended = true;
	q->result = bad != 0 ? bad : also;
	q->why = why;
	(void)pthread_cond_broadcast(&q->changed);
	(void)pthread_mutex_unlock(&q->lock);
	return NULL;
}

struct scan_queue *
scan_queue_new(struct scan *scan, const struct column_list *columns,
    size_t rows, const struct scan_queue_events *events,
    struct flowd_error *err)
{
	struct scan_queue *q = calloc(1, sizeof(*q));

	if (q == NULL) {
		(void)flowd_fail(err, FLOWD_ENOMEM, "out of memory");
		return NULL;
	}
	q->scan = scan;
	q->columns = columns;
	q->rows = rows != 0 ? rows : (size_t)FLOWD_BATCH_ROWS;
	q->events = *events;
	(void)pthread_mutex_init(&q->lock, NULL);
	(void)pthread_cond_init(&q->changed, NULL);
	return q;
}

int
scan_queue_start(struct scan_queue *q, struct flowd_error *err)
{
	q->running = thread_start(&q->thread, queue_run, q) == 0;
	if (q->running)
		return 0;
	/* Who asks again is told the same, and does not wait. */
	q->ended = true;
	q->result =
	    flowd_fail(&q->why, FLOWD_ENOMEM, "no thread can be had");
	return flowd_fail_again(err, &q->why);
}

void
scan_queue_free(struct scan_queue *q)
{
	if (q == NULL)
		return;
	(void)pthread_mutex_lock(&q->lock);
	q->stop = true;
	(void)pthread_cond_broadcast(&q->changed);
	(void)pthread_mutex_unlock(&q->lock);
	scan_cancel(q->scan);
	if (q->running)
		(void)pthread_join(q->thread, NULL);
	for (; q->head < q->tail; q->head++)
		queue_item_free(&q->item[q->head % ITEMS]);
	while (q->nspare > 0)
		flowd_batch_free(q->spare[--q->nspare]);
	flowd_batch_free(q->joined);
	(void)pthread_cond_destroy(&q->changed);
	(void)pthread_mutex_destroy(&q->lock);
	free(q);
}
