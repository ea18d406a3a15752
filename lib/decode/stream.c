/* Streams; see exporter.h. Test: test_exporter.c. */
#include <stdlib.h>

#include "early.h"

enum {
	/* Streams that are looked at for one that moved to another port. */
	ADOPT_LOOK = 32,
	/* How far off a stream that changes its port may be: in datagrams,
	 * and in flows or records. */
	NEAR_MESSAGES = 128,
	NEAR_RECORDS = 4096
};

void
stream_remove(struct exporters *all, struct stream *s)
{
	struct list *link, *next;

	early_forget(all, s);
	samplers_drop(all, s);
	LIST_FOREACH(link, next, &s->templates)
		template_remove(all,
		    LIST_ENTRY(link, struct template, sibling));
	map_remove(&all->streams, &s->node);
	list_remove(&s->use);
	list_remove(&s->trial);
	pool_sub(&all->pool[POOL_STREAMS], &s->exporter->stake[POOL_STREAMS],
	    1);
	counters_add(&s->exporter->counters, &s->counters);
	free(s);
}

static uint64_t
stream_hash(const struct exporters *all, const struct exporter *x,
    uint16_t port, uint16_t version, uint32_t domain)
{
	uint64_t key[3] = { x->node.hash, (uint64_t)port << 16 | version,
		domain };

	return map_hash(key, sizeof(key), all->seed);
}

static bool
stream_is(const struct stream *s, const struct exporter *x,
    const struct message *m, uint16_t port)
{
	return s->exporter == x && s->port == port &&
	    s->version == m->version->number && s->domain == m->domain;
}

struct stream *
stream_known(struct exporters *all, struct exporter *x, const struct message *m,
    uint16_t port)
{
	struct stream *s;
	uint64_t hash;

	hash = stream_hash(all, x, port, m->version->number, m->domain);
	for (struct map_node *n = map_first(&all->streams, hash); n != NULL;
	    n = map_same(n)) {
		s = LIST_ENTRY(n, struct stream, node);
		if (stream_is(s, x, m, port))
			return s;
	}
	return NULL;
}

/*
 * Is the sequence number a sign that the stream goes on? That of a stream that
 * brought nothing yet, or a number that all begin with, is none: two processes
 * on one host both begin with templates and 0.
 */
static bool
goes_on(const struct stream *s, const struct message *m)
{
	return s->version == m->version->number && s->domain == m->domain &&
	    s->sequence.known && s->sequence.next == m->sequence &&
	    m->sequence != 0 && s->brought_flows;
}

/*
 * A stream that has changed its port before does so with each datagram: then
 * one that is lost, late or repeated has another port too. What is behind was
 * made before; what was made later is of a process that has just begun.
 */
static bool
is_near(const struct stream *s, const struct message *m)
{
	int32_t ahead = (int32_t)(m->sequence - s->sequence.next);
	int32_t near = m->version->sequence_unit == SEQUENCE_MESSAGES
	    ? NEAR_MESSAGES
	    : NEAR_RECORDS;

	if (s->version != m->version->number || s->domain != m->domain ||
	    !s->hops || ahead > near || ahead < -near)
		return false;
	return ahead >= 0 || m->export_ns <= s->sequence.export_ns;
}

/*
 * The stream that goes on with this message from another port, or NULL. It was
 * used of late, so that there is no need to look at all of them.
 */
static struct stream *
adoptable(struct exporter *x, const struct message *m)
{
	struct stream *found = NULL;
	struct list *link, *next;
	int looked = 0, near = 0;

	LIST_FOREACH(link, next, &x->streams) {
		struct stream *s = LIST_ENTRY(link, struct stream, use);

		if (looked++ == ADOPT_LOOK)
			break;
		if (goes_on(s, m))
			return s;
		if (!is_near(s, m))
			continue;
		found = s;
		near++;
	}
	return near == 1 ? found : NULL;
}

static struct stream *
stream_adopt(struct exporters *all, struct exporter *x,
    const struct message *m, uint16_t port)
{
	struct stream *s = NULL;

	if (m->version->sequence_unit != SEQUENCE_NONE)
		s = adoptable(x, m);
	if (s == NULL)
		return NULL;
	map_remove(&all->streams, &s->node);
	s->port = port;
	s->hops = true;
	s->counters.moved++;
	map_insert(&all->streams, &s->node,
	    stream_hash(all, x, port, s->version, s->domain));
	return s;
}

/*
 * The exporter gives up the stream that it used longest ago, of those that
 * have not been going on for some time, if there is one.
 */
static void
stream_evict(struct exporters *all, struct exporter *x)
{
	struct list *last = list_last(&x->trial);

	stream_remove(all, last != NULL
		? LIST_ENTRY(last, struct stream, trial)
		: LIST_ENTRY(x->streams.prev, struct stream, use));
	x->counters.evicted_streams++;
}

void
stream_went_on(const struct exporters *all, struct stream *s, int64_t now_ns)
{
	if (s->brought_flows && !list_empty(&s->trial) &&
	    tenure_step(&s->tenure, all, now_ns))
		list_remove(&s->trial);
}

/* False when the exporter cannot have one more. */
static bool
stream_make_room(struct exporters *all, struct exporter *x)
{
	struct pool *pool = &all->pool[POOL_STREAMS];
	struct stake *stake = &x->stake[POOL_STREAMS], *payer;

	if (stake->amount >= all->limits.exporter_streams)
		stream_evict(all, x);
	while (!pool_has_room(pool, 1)) {
		payer = pool_payer(pool, stake, 1);
		if (payer == NULL)
			return false;
		stream_evict(all, payer->owner);
	}
	return true;
}

struct stream *
stream_new(struct exporters *all, struct exporter *x, const struct message *m,
    uint16_t port)
{
	struct stream *s;

	if (!stream_make_room(all, x))
		return NULL;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return NULL;
	s->exporter = x;
	s->port = port;
	s->version = m->version->number;
	s->domain = m->domain;
	list_init(&s->templates);
	list_init(&s->queues);
	list_insert_first(&x->streams, &s->use);
	list_insert_first(&x->trial, &s->trial);
	pool_add(&all->pool[POOL_STREAMS], &x->stake[POOL_STREAMS], 1);
	map_insert(&all->streams, &s->node,
	    stream_hash(all, x, port, s->version, s->domain));
	return s;
}

struct stream *
stream_get(struct exporters *all, struct exporter *x, const struct message *m,
    uint16_t port)
{
	struct stream *s = LIST_ENTRY(x->streams.next, struct stream, use);

	/* Datagrams come in runs. */
	if (!list_empty(&x->streams) && stream_is(s, x, m, port))
		return s;
	s = stream_known(all, x, m, port);
	if (s == NULL)
		s = stream_adopt(all, x, m, port);
	if (s == NULL)
		return stream_new(all, x, m, port);
	list_use(&x->streams, &s->use);
	if (!list_empty(&s->trial))
		list_use(&x->trial, &s->trial);
	return s;
}
