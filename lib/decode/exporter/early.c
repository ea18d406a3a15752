/* Early data; see early.h. Test: test/unit/decode/test_early.c. */
#include <stdlib.h>
#include <string.h>

#include "template_store.h"
#include "early.h"
#include "limit_hit.h"

enum {
	/* Queues tried when a stream may borrow templates. */
	RETRY_MAX = 32
};

static uint64_t
queue_hash(const struct exporters *all, const struct stream *s, uint16_t id)
{
	uint64_t key[2] = { (uint64_t)(uintptr_t)s, id };

	return map_hash(key, sizeof(key), all->seed);
}

static struct early_queue *
queue_find(const struct exporters *all, const struct stream *s, uint16_t id)
{
	uint64_t hash = queue_hash(all, s, id);

	for (struct map_node *n = map_first(&all->queues, hash); n != NULL;
	    n = map_same(n)) {
		struct early_queue *q = LIST_ENTRY(n, struct early_queue,
		    node);

		if (q->stream == s && q->id == id)
			return q;
	}
	return NULL;
}

static struct early_queue *
queue_get(struct exporters *all, struct stream *s, uint16_t id)
{
	struct early_queue *q = queue_find(all, s, id);

	if (q != NULL)
		return q;
	q = calloc(1, sizeof(*q));
	if (q == NULL)
		return NULL;
	q->stream = s;
	q->id = id;
	list_init(&q->sets);
	list_init(&q->ready);
	list_insert_first(&s->queues, &q->of_stream);
	map_insert(&all->queues, &q->node, queue_hash(all, s, id));
	return q;
}

/* Frees a queue when it is empty. */
static void
queue_release(struct exporters *all, struct early_queue *q)
{
	if (!list_empty(&q->sets))
		return;
	map_remove(&all->queues, &q->node);
	list_remove(&q->of_stream);
	list_remove(&q->ready);
	free(q);
}

/* Removes a set from the buffer. */
static void
early_remove(struct exporters *all, struct early *e)
{
	struct early_queue *q = e->queue;

	list_remove(&e->age);
	list_remove(&e->of_exporter);
	list_remove(&e->of_queue);
	pool_sub(&all->pool[POOL_EARLY],
	    &e->stream->exporter->usage[POOL_EARLY], e->octets);
	all->nearly--;
	e->queue = NULL;
	queue_release(all, q);
}

static void
early_evict(struct exporters *all, const struct exporter *x, unsigned limit)
{
	struct early *e = LIST_ENTRY(x->early.prev, struct early, of_exporter);

	e->stream->counters.early_evicted++;
	limit_hit(all, x, &e->stream->counters, limit);
	early_remove(all, e);
	free(e);
}

/* Evicts the oldest sets: of the exporter, or of the one that has most. */
static bool
early_make_room(struct exporters *all, struct stream *s, size_t octets)
{
	struct exporter *x = s->exporter;
	struct pool *pool = &all->pool[POOL_EARLY];
	struct pool_usage *usage = &x->usage[POOL_EARLY], *victim;
	size_t most = all->limits.exporter_early_octets;

	if (octets > most) {
		limit_hit(all, x, &s->counters,
		    DECODER_LIMIT_exporter_early_octets);
		return false;
	}
	while (usage->amount > most - octets)
		early_evict(all, x, DECODER_LIMIT_exporter_early_octets);
	while (!pool_has_room(pool, usage, octets)) {
		victim = pool_victim(pool, usage, octets);
		if (victim == NULL) {
			limit_hit(all, x, &s->counters,
			    DECODER_LIMIT_early_octets);
			return false;
		}
		early_evict(all, victim->owner, DECODER_LIMIT_early_octets);
	}
	return true;
}

static struct early *
early_new(struct exporters *all, struct stream *s, const struct message *m,
    uint16_t id, struct bytes set)
{
	/* Assumes a queue for each set. */
	size_t octets = sizeof(struct early) + sizeof(struct early_queue) +
	    set.len;
	struct early *e;

	if (!early_make_room(all, s, octets))
		return NULL;
	e = malloc(sizeof(*e) + set.len);
	if (e == NULL)
		return NULL;
	*e = (struct early) {
		.stream = s, .message = *m, .id = id, .octets = octets,
		.len = set.len,
	};
	memcpy(e->data, set.ptr, set.len);
	e->queue = queue_get(all, s, id);
	if (e->queue == NULL) {
		free(e);
		return NULL;
	}
	return e;
}

void
early_hold(struct exporters *all, struct stream *s, const struct message *m,
    uint16_t id, struct bytes set)
{
	struct early *e = NULL;

	if (set.len > 0)
		e = early_new(all, s, m, id, set);
	if (e == NULL) {
		s->counters.early_refused++;
		return;
	}
	s->counters.early_held++;
	list_insert_first(&all->early, &e->age);
	list_insert_first(&s->exporter->early, &e->of_exporter);
	list_insert_first(&e->queue->sets, &e->of_queue);
	pool_add(&all->pool[POOL_EARLY], &s->exporter->usage[POOL_EARLY],
	    e->octets);
	all->nearly++;
}

static void
queue_ready(struct exporters *all, struct early_queue *q)
{
	list_remove(&q->ready);
	list_insert_first(&all->ready, &q->ready);
}

/* The queue is emptied at once, so this costs no more than filling it did. */
void
early_ready(struct exporters *all, const struct stream *s, uint16_t id)
{
	struct early_queue *q;

	if (list_empty(&s->queues))
		return;
	q = queue_find(all, s, id);
	if (q != NULL)
		queue_ready(all, q);
}

static void
queue_move(struct exporters *all, struct early_queue *q, struct stream *to)
{
	struct early_queue *its = queue_get(all, to, q->id);
	struct list *link, *next;

	if (its == NULL)
		return;
	LIST_FOREACH(link, next, &q->sets) {
		struct early *e = LIST_ENTRY(link, struct early, of_queue);

		e->stream = to;
		e->queue = its;
		list_remove(link);
		/* Older than the sets of the stream itself. */
		list_insert_first(its->sets.prev, link);
	}
	queue_release(all, q);
}

void
early_move(struct exporters *all, struct stream *from, struct stream *to)
{
	struct list *link, *next;

	LIST_FOREACH(link, next, &from->queues)
		queue_move(all, LIST_ENTRY(link, struct early_queue, of_stream),
		    to);
}

void
early_retry(struct exporters *all, struct stream *s)
{
	struct list *link = s->queues.prev;

	/* Oldest first. */
	for (int i = 0; i < RETRY_MAX && link != &s->queues; i++) {
		queue_ready(all, LIST_ENTRY(link, struct early_queue,
				     of_stream));
		link = link->prev;
	}
}

/* The stream's own template, or that of another stream. */
static struct template *
queue_template(struct exporters *all, const struct early_queue *q)
{
	struct template *t = template_get(all, q->stream, q->id);

	if (t == NULL)
		t = template_borrow(all, q->stream, q->id);
	if (t == NULL && q->assumed)
		t = template_assume(all, q->stream, q->id);
	return t;
}

struct early *
early_take(struct exporters *all, struct template **t)
{
	struct early_queue *q;
	struct early *e;

	while (!list_empty(&all->ready)) {
		q = LIST_ENTRY(all->ready.prev, struct early_queue, ready);
		*t = queue_template(all, q);
		if (*t == NULL) {
			/* There is none after all, or it was removed. */
			list_remove(&q->ready);
			continue;
		}
		e = LIST_ENTRY(q->sets.prev, struct early, of_queue);
		early_remove(all, e);
		e->stream->counters.early_decoded++;
		return e;
	}
	return NULL;
}

void
early_free(struct early *e)
{
	free(e);
}

static void
early_drop(struct exporters *all, struct early *e)
{
	struct stream *s = e->stream;

	s->counters.early_expired++;
	limit_hit(all, s->exporter, &s->counters, DECODER_LIMIT_early_ms);
	early_remove(all, e);
	free(e);
}

/* A ready set is taken before the next one gets here. */
void
early_expire(struct exporters *all, int64_t now_ns)
{
	while (!list_empty(&all->early)) {
		struct early *e = LIST_ENTRY(all->early.prev, struct early,
		    age);
		struct early_queue *q = e->queue;

		if (now_ns - e->message.recv_ns <=
		    ms_to_ns(all->limits.early_ms))
			break;
		if (template_assume(all, e->stream, e->id) != NULL) {
			q->assumed = true;
			queue_ready(all, q);
			break;
		}
		early_drop(all, e);
	}
}

void
early_forget(struct exporters *all, struct stream *s)
{
	while (!list_empty(&s->queues)) {
		struct early_queue *q = LIST_ENTRY(s->queues.next,
		    struct early_queue, of_stream);
		struct early *e = LIST_ENTRY(q->sets.prev, struct early,
		    of_queue);

		s->counters.early_evicted++;
		early_remove(all, e);
		free(e);
	}
}
