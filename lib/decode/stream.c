/* Streams, and their templates; see exporter.h. Test: test_exporter.c. */
#include <stdlib.h>

#include "exporter.h"

void
stream_remove(struct exporters *all, struct stream *s)
{
	struct list *link, *next;

	LIST_FOREACH(link, next, &s->templates)
		template_remove(all,
		    LIST_ENTRY(link, struct template, sibling));
	map_remove(&all->streams, &s->node);
	list_remove(&s->use);
	s->exporter->nstreams--;
	counters_add(&s->exporter->counters, &s->counters);
	sampling_fini(&s->sampling);
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

static struct stream *
stream_find(struct exporters *all, struct exporter *x, const struct message *m,
    uint16_t port)
{
	struct stream *s;
	uint64_t hash;

	if (!list_empty(&x->streams)) {
		s = LIST_ENTRY(x->streams.next, struct stream, use);
		if (stream_is(s, x, m, port))
			return s;
	}
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
	    m->sequence != 0 && s->counters.flows > 0;
}

/* The stream that goes on with this message from another port, or NULL. */
static struct stream *
stream_adopt(struct exporters *all, struct exporter *x,
    const struct message *m, uint16_t port)
{
	struct list *link, *next;

	if (m->version->sequence_unit == SEQUENCE_NONE)
		return NULL;
	LIST_FOREACH(link, next, &x->streams) {
		struct stream *s = LIST_ENTRY(link, struct stream, use);

		if (!goes_on(s, m))
			continue;
		map_remove(&all->streams, &s->node);
		s->port = port;
		s->counters.moved++;
		map_insert(&all->streams, &s->node,
		    stream_hash(all, x, port, s->version, s->domain));
		return s;
	}
	return NULL;
}

static struct stream *
stream_new(struct exporters *all, struct exporter *x, const struct message *m,
    uint16_t port)
{
	struct stream *s;

	if (x->nstreams >= all->limits.exporter_streams) {
		stream_remove(all, LIST_ENTRY(list_last(&x->streams),
				       struct stream, use));
		x->counters.evicted_streams++;
	}
	while (all->streams.count >= all->limits.streams)
		if (!exporter_evict(all, x))
			return NULL;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return NULL;
	s->exporter = x;
	s->port = port;
	s->version = m->version->number;
	s->domain = m->domain;
	list_init(&s->templates);
	list_insert_first(&x->streams, &s->use);
	x->nstreams++;
	map_insert(&all->streams, &s->node,
	    stream_hash(all, x, port, s->version, s->domain));
	return s;
}

struct stream *
stream_get(struct exporters *all, struct exporter *x, const struct message *m,
    uint16_t port)
{
	struct stream *s = stream_find(all, x, m, port);

	if (s == NULL)
		s = stream_adopt(all, x, m, port);
	if (s == NULL)
		return stream_new(all, x, m, port);
	list_use(&x->streams, &s->use);
	return s;
}

static uint64_t
template_hash(const struct exporters *all, const struct stream *s, uint16_t id)
{
	uint64_t key[2] = { (uint64_t)(uintptr_t)s, id };

	return map_hash(key, sizeof(key), all->seed);
}

static struct template *
template_find(struct exporters *all, const struct stream *s, uint16_t id)
{
	uint64_t hash = template_hash(all, s, id);

	for (struct map_node *n = map_first(&all->templates, hash); n != NULL;
	    n = map_same(n)) {
		struct template *t = LIST_ENTRY(n, struct template, node);

		if (t->stream == s && t->id == id)
			return t;
	}
	return NULL;
}

static void
template_use(struct template *t)
{
	list_use(&t->stream->exporter->templates, &t->use);
	list_use(&t->stream->templates, &t->sibling);
}

struct template *
template_get(struct exporters *all, struct stream *s, uint16_t id)
{
	struct template *t = template_find(all, s, id);

	if (t != NULL)
		template_use(t);
	return t;
}

static bool
template_equal(const struct template *a, const struct template *b)
{
	const struct template_record rec = { b->id, b->nfields, b->nscope };

	return template_same(a, &rec, b->fields, b->options);
}

struct template *
template_borrow(struct exporters *all, struct stream *s, uint16_t id)
{
	struct template *found = NULL, *t;
	struct list *link, *next;

	LIST_FOREACH(link, next, &s->exporter->streams) {
		struct stream *other = LIST_ENTRY(link, struct stream, use);

		if (other == s || other->version != s->version ||
		    other->domain != s->domain)
			continue;
		t = template_find(all, other, id);
		if (t == NULL)
			continue;
		if (found != NULL && !template_equal(found, t))
			return NULL;
		found = t;
	}
	if (found != NULL)
		template_use(found);
	return found;
}

/* Make room for octets more; the one who asks goes first if it has much. */
static void
template_make_room(struct exporters *all, struct stream *s, size_t octets)
{
	struct exporter *x = s->exporter;
	struct list *last;

	while (all->template_octets + octets > all->limits.template_octets) {
		last = list_last(&x->templates);
		if (last == NULL ||
		    x->template_octets < all->limits.template_octets / 8) {
			if (exporter_evict(all, x))
				continue;
			if (last == NULL)
				return;
		}
		template_remove(all, LIST_ENTRY(last, struct template, use));
		s->counters.evicted_templates++;
	}
}

void
template_add(struct exporters *all, struct stream *s, struct template *t)
{
	struct template *old = template_find(all, s, t->id);

	if (old != NULL)
		template_remove(all, old);
	if (s->ntemplates >= all->limits.stream_templates) {
		struct list *last = list_last(&s->templates);

		template_remove(all, LIST_ENTRY(last, struct template,
					 sibling));
		s->counters.evicted_templates++;
	}
	template_make_room(all, s, t->octets);
	t->stream = s;
	list_insert_first(&s->templates, &t->sibling);
	list_insert_first(&s->exporter->templates, &t->use);
	map_insert(&all->templates, &t->node, template_hash(all, s, t->id));
	s->ntemplates++;
	s->nkind[t->options]++;
	s->exporter->template_octets += t->octets;
	all->template_octets += t->octets;
}

void
template_remove(struct exporters *all, struct template *t)
{
	struct stream *s = t->stream;

	map_remove(&all->templates, &t->node);
	list_remove(&t->sibling);
	list_remove(&t->use);
	s->ntemplates--;
	s->nkind[t->options]--;
	s->exporter->template_octets -= t->octets;
	all->template_octets -= t->octets;
	template_free(t);
}

void
template_remove_all(struct exporters *all, struct stream *s, bool options)
{
	struct list *link, *next;

	if (s->nkind[options] == 0)
		return;
	LIST_FOREACH(link, next, &s->templates) {
		struct template *t = LIST_ENTRY(link, struct template, sibling);

		if (t->options == options)
			template_remove(all, t);
	}
}
