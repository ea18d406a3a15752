/* Templates as they are kept; see catalog.h. Test: test_exporter.c. */
#include <stdlib.h>

#include "adopt.h"
#include "catalog.h"
#include "limit_hit.h"

enum {
	/* Streams that are looked at for one to borrow a template from. */
	KIN_LOOK = 16,
	/* Times that data waits, until it is known that no port comes again. */
	LEND_TIMES = 4,
	/* Templates that are looked at for one that can be spared. */
	SPARE_LOOK = 16
};

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

static uint64_t
kin_hash(const struct exporters *all, const struct stream *s, uint16_t id)
{
	uint64_t key[3] = { s->exporter->node.hash,
		(uint64_t)s->version << 16 | id, s->domain };

	return map_hash(key, sizeof(key), all->seed);
}

static struct kin *
kin_find(const struct exporters *all, const struct stream *s, uint16_t id)
{
	uint64_t hash = kin_hash(all, s, id);

	for (struct map_node *n = map_first(&all->kin, hash); n != NULL;
	    n = map_same(n)) {
		struct kin *kin = LIST_ENTRY(n, struct kin, node);

		if (kin->exporter == s->exporter && kin->id == id &&
		    kin->version == s->version && kin->domain == s->domain)
			return kin;
	}
	return NULL;
}

static struct kin *
kin_get(struct exporters *all, const struct stream *s, uint16_t id)
{
	struct kin *kin = kin_find(all, s, id);

	if (kin != NULL)
		return kin;
	kin = calloc(1, sizeof(*kin));
	if (kin == NULL)
		return NULL;
	kin->exporter = s->exporter;
	kin->version = s->version;
	kin->domain = s->domain;
	kin->id = id;
	list_init(&kin->members);
	map_insert(&all->kin, &kin->node, kin_hash(all, s, id));
	return kin;
}

static void
kin_put(struct exporters *all, struct kin *kin)
{
	if (kin->nmembers > 0)
		return;
	map_remove(&all->kin, &kin->node);
	free(kin);
}

/* A number that templates have in common when, but for chance, all is alike. */
static uint64_t
template_shape(const struct exporters *all, const struct template *t)
{
	return map_hash(t->fields, t->nfields * sizeof(*t->fields),
	    all->seed ^ ((uint64_t)t->nscope << 1 | t->options));
}

static void
kin_add(struct exporters *all, struct kin *kin, struct template *t)
{
	t->kin = kin;
	t->shape = template_shape(all, t);
	list_insert_first(&kin->members, &t->cousin);
	kin->nmembers++;
	kin->sum += t->shape;
}

static void
kin_remove(struct exporters *all, struct template *t)
{
	list_remove(&t->cousin);
	t->kin->nmembers--;
	t->kin->sum -= t->shape;
	kin_put(all, t->kin);
}

static struct template *
kin_member(const struct kin *kin)
{
	return LIST_ENTRY(kin->members.next, struct template, cousin);
}

/* So many of any member have the sum of all. */
static bool
kin_alike(const struct kin *kin)
{
	return kin->sum == kin->nmembers * kin_member(kin)->shape;
}

struct template *
template_common(struct exporters *all, struct stream *s, uint16_t id)
{
	const struct kin *kin = kin_find(all, s, id);

	return kin != NULL && kin_alike(kin) ? kin_member(kin) : NULL;
}

struct template *
template_guess(struct exporters *all, struct stream *s, uint16_t id)
{
	for (struct stream *before = chain_before(s); before != NULL;
	    before = chain_before(before)) {
		struct template *t = template_find(all, before, id);

		if (t != NULL)
			return t;
	}
	return template_common(all, s, id);
}

struct template *
template_borrow(struct exporters *all, struct stream *s, uint16_t id)
{
	struct template *first = template_common(all, s, id);
	struct list *link, *next;
	int looked = 0;

	if (first == NULL)
		return NULL;
	LIST_FOREACH(link, next, &first->kin->members) {
		struct template *t = LIST_ENTRY(link, struct template, cousin);

		if (looked++ == KIN_LOOK)
			break;
		if (stream_succeeds(s, t->stream)) {
			template_use(t);
			return t;
		}
	}
	return NULL;
}

/*
 * Where there are many exporters ports come again, but those that send little
 * need time for that.
 */
struct template *
template_lend(struct exporters *all, struct stream *s, uint16_t id)
{
	const struct exporter *x = s->exporter;
	int64_t known_ns = x->last_ns - x->first_ns;

	if (!stream_came_once(s) ||
	    known_ns / LEND_TIMES < ms_to_ns(all->limits.early_ms) ||
	    !stream_ports_tell_nothing(x))
		return NULL;
	return template_common(all, s, id);
}

static void
template_evict(struct exporters *all, struct template *t, unsigned limit)
{
	struct stream *s = t->stream;

	s->counters.evicted_templates++;
	limit_hit(all, s->exporter, &s->counters, limit);
	template_remove(all, t);
}

/* With its kin, and what malloc() and the tables add. */
static size_t
template_octets(const struct template *t)
{
	return t->octets + sizeof(struct kin) + 6 * sizeof(void *);
}

/* May it go for one of a stream that has not shown yet that it works? */
static bool
template_is_spare(const struct exporters *all, const struct template *t,
    int64_t now_ns)
{
	return t->stream->rank < STREAM_PLAIN ||
	    now_ns - t->seen_ns > ms_to_ns(all->limits.idle_ms);
}

/*
 * The template that x gives up so that s can have one more, or NULL: the one
 * that was used longest ago, but none of a stream that works for one that
 * does not.
 */
static struct template *
template_victim(const struct exporters *all, const struct exporter *x,
    const struct stream *s, int64_t now_ns)
{
	const struct list *link = x->templates.prev;

	for (int i = 0; i < SPARE_LOOK && link != &x->templates; i++) {
		struct template *t = LIST_ENTRY(link, struct template, use);

		if (x->rank < s->exporter->rank || s->rank >= STREAM_PLAIN ||
		    template_is_spare(all, t, now_ns))
			return t;
		link = link->prev;
	}
	return NULL;
}

/* False when the exporter cannot have so many octets. */
static bool
template_make_room(struct exporters *all, struct stream *s, size_t octets,
    int64_t now_ns)
{
	struct pool *pool = &all->pool[POOL_TEMPLATES];
	struct stake *stake = &s->exporter->stake[POOL_TEMPLATES], *payer;
	struct template *t;

	if (s->ntemplates >= all->limits.stream_templates)
		template_evict(all, LIST_ENTRY(list_last(&s->templates),
					struct template, sibling),
		    DECODER_LIMIT_stream_templates);
	while (!pool_has_room(pool, stake, octets)) {
		payer = pool_payer(pool, stake, octets);
		if (payer == NULL)
			return false;
		t = template_victim(all, payer->owner, s, now_ns);
		if (t == NULL)
			return false;
		template_evict(all, t, DECODER_LIMIT_template_octets);
	}
	return true;
}

bool
template_add(struct exporters *all, struct stream *s, struct template *t)
{
	struct template *old = template_find(all, s, t->id);
	struct kin *kin;

	if (old != NULL)
		template_remove(all, old);
	if (!template_make_room(all, s, template_octets(t), t->seen_ns)) {
		limit_hit(all, s->exporter, &s->counters,
		    DECODER_LIMIT_template_octets);
		kin = NULL;
	} else {
		kin = kin_get(all, s, t->id);
	}
	if (kin == NULL) {
		s->counters.refused_templates++;
		template_free(t);
		return false;
	}
	t->stream = s;
	list_insert_first(&s->templates, &t->sibling);
	list_insert_first(&s->exporter->templates, &t->use);
	map_insert(&all->templates, &t->node, template_hash(all, s, t->id));
	kin_add(all, kin, t);
	s->ntemplates++;
	s->nkind[t->options]++;
	pool_add(&all->pool[POOL_TEMPLATES],
	    &s->exporter->stake[POOL_TEMPLATES], template_octets(t));
	all->generation++;
	return true;
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
	pool_sub(&all->pool[POOL_TEMPLATES],
	    &s->exporter->stake[POOL_TEMPLATES], template_octets(t));
	kin_remove(all, t);
	all->generation++;
	template_free(t);
}

static void
template_move(struct exporters *all, struct template *t, struct stream *to)
{
	t->stream->ntemplates--;
	t->stream->nkind[t->options]--;
	map_remove(&all->templates, &t->node);
	list_remove(&t->sibling);
	t->stream = to;
	to->ntemplates++;
	to->nkind[t->options]++;
	map_insert(&all->templates, &t->node, template_hash(all, to, t->id));
	/* Behind those that came later. */
	list_insert_first(to->templates.prev, &t->sibling);
}

void
templates_move(struct exporters *all, struct stream *from, struct stream *to)
{
	struct list *link, *next;

	LIST_FOREACH(link, next, &from->templates) {
		struct template *t = LIST_ENTRY(link, struct template, sibling);

		if (template_find(all, to, t->id) != NULL)
			continue;
		if (to->ntemplates < all->limits.stream_templates)
			template_move(all, t, to);
		else
			template_evict(all, t, DECODER_LIMIT_stream_templates);
	}
	all->generation++;
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

uint32_t
exporter_templates(const struct exporter *x)
{
	const struct list *link, *next;
	uint32_t n = 0;

	LIST_FOREACH(link, next, &x->templates)
		n++;
	return n;
}
