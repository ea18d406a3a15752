/* The store of templates; see template_store.h. Test: test_exporter.c. */
#include <stdlib.h>

#include "port_change.h"
#include "template_store.h"
#include "limit_hit.h"

enum {
	/* Members of a group examined for one to borrow. */
	GROUP_EXAMINED = 16,
	/* Multiples of early_ms until the ports of an exporter are judged. */
	ASSUME_TIMES = 4,
	/* Templates examined for one to evict. */
	VICTIMS_EXAMINED = 16
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
group_hash(const struct exporters *all, const struct stream *s, uint16_t id)
{
	uint64_t key[3] = { s->exporter->node.hash,
		(uint64_t)s->version << 16 | id, s->domain };

	return map_hash(key, sizeof(key), all->seed);
}

static struct template_group *
group_find(const struct exporters *all, const struct stream *s, uint16_t id)
{
	uint64_t hash = group_hash(all, s, id);

	for (struct map_node *n = map_first(&all->groups, hash); n != NULL;
	    n = map_same(n)) {
		struct template_group *group =
		    LIST_ENTRY(n, struct template_group, node);

		if (group->exporter == s->exporter && group->id == id &&
		    group->version == s->version && group->domain == s->domain)
			return group;
	}
	return NULL;
}

static struct template_group *
group_get(struct exporters *all, const struct stream *s, uint16_t id)
{
	struct template_group *group = group_find(all, s, id);

	if (group != NULL)
		return group;
	group = calloc(1, sizeof(*group));
	if (group == NULL)
		return NULL;
	group->exporter = s->exporter;
	group->version = s->version;
	group->domain = s->domain;
	group->id = id;
	list_init(&group->members);
	map_insert(&all->groups, &group->node, group_hash(all, s, id));
	return group;
}

static void
group_release(struct exporters *all, struct template_group *group)
{
	if (group->nmembers > 0)
		return;
	map_remove(&all->groups, &group->node);
	free(group);
}

/* Equal for equal templates, and by chance for no others. */
static uint64_t
template_content_hash(const struct exporters *all, const struct template *t)
{
	return map_hash(t->fields, t->nfields * sizeof(*t->fields),
	    all->seed ^ ((uint64_t)t->nscope << 1 | t->options));
}

static void
group_add(
    struct exporters *all, struct template_group *group, struct template *t)
{
	t->group = group;
	t->content_hash = template_content_hash(all, t);
	list_insert_first(&group->members, &t->group_link);
	group->nmembers++;
	group->sum += t->content_hash;
}

static void
group_remove(struct exporters *all, struct template *t)
{
	list_remove(&t->group_link);
	t->group->nmembers--;
	t->group->sum -= t->content_hash;
	group_release(all, t->group);
}

static struct template *
group_first(const struct template_group *group)
{
	return LIST_ENTRY(group->members.next, struct template, group_link);
}

/* All members are equal if the sum is a multiple of one hash. */
static bool
group_is_uniform(const struct template_group *group)
{
	return group->sum == group->nmembers * group_first(group)->content_hash;
}

struct template *
template_common(struct exporters *all, struct stream *s, uint16_t id)
{
	const struct template_group *group = group_find(all, s, id);

	return group != NULL && group_is_uniform(group) ? group_first(group)
							: NULL;
}

struct template *
template_expected(struct exporters *all, struct stream *s, uint16_t id)
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
	LIST_FOREACH(link, next, &first->group->members) {
		struct template *t =
		    LIST_ENTRY(link, struct template, group_link);

		if (looked++ == GROUP_EXAMINED)
			break;
		if (stream_continues(s, t->stream)) {
			template_use(t);
			return t;
		}
	}
	return NULL;
}

/* Ports of exporters that send rarely repeat only after some time. */
struct template *
template_assume(struct exporters *all, struct stream *s, uint16_t id)
{
	const struct exporter *x = s->exporter;
	int64_t known_ns = x->last_ns - x->first_ns;

	if (!stream_is_single(s) ||
	    known_ns / ASSUME_TIMES < ms_to_ns(all->limits.early_ms) ||
	    !exporter_ports_are_random(x))
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

/* Includes its group, and overhead of malloc() and tables. */
static size_t
template_octets(const struct template *t)
{
	return t->octets + sizeof(struct template_group) + 6 * sizeof(void *);
}

/* Whether it may be evicted for a stream that does not work yet. */
static bool
template_is_evictable(const struct exporters *all, const struct template *t,
    int64_t now_ns)
{
	return t->stream->rank < STREAM_NO_TEMPLATES ||
	    now_ns - t->seen_ns > ms_to_ns(all->limits.idle_ms);
}

/*
 * The template x gives up for one of s: the least recently used, but never one
 * of a working stream for one that does not work. NULL: none.
 */
static struct template *
template_victim(const struct exporters *all, const struct exporter *x,
    const struct stream *s, int64_t now_ns)
{
	const struct list *link = x->templates.prev;

	for (int i = 0; i < VICTIMS_EXAMINED && link != &x->templates; i++) {
		struct template *t = LIST_ENTRY(link, struct template, use);

		if (x->rank < s->exporter->rank ||
		    s->rank >= STREAM_NO_TEMPLATES ||
		    template_is_evictable(all, t, now_ns))
			return t;
		link = link->prev;
	}
	return NULL;
}

/* Returns false if the exporter cannot have so many octets. */
static bool
template_make_room(struct exporters *all, struct stream *s, size_t octets,
    int64_t now_ns)
{
	struct pool *pool = &all->pool[POOL_TEMPLATES];
	struct pool_usage *usage = &s->exporter->usage[POOL_TEMPLATES], *victim;
	struct template *t;

	if (s->ntemplates >= all->limits.stream_templates)
		template_evict(all, LIST_ENTRY(list_last(&s->templates),
					struct template, sibling),
		    DECODER_LIMIT_stream_templates);
	while (!pool_has_room(pool, usage, octets)) {
		victim = pool_victim(pool, usage, octets);
		if (victim == NULL)
			return false;
		t = template_victim(all, victim->owner, s, now_ns);
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
	struct template_group *group;

	if (old != NULL)
		template_remove(all, old);
	if (!template_make_room(all, s, template_octets(t), t->seen_ns)) {
		limit_hit(all, s->exporter, &s->counters,
		    DECODER_LIMIT_template_octets);
		group = NULL;
	} else {
		group = group_get(all, s, t->id);
	}
	if (group == NULL) {
		s->counters.refused_templates++;
		template_free(t);
		return false;
	}
	t->stream = s;
	list_insert_first(&s->templates, &t->sibling);
	list_insert_first(&s->exporter->templates, &t->use);
	map_insert(&all->templates, &t->node, template_hash(all, s, t->id));
	group_add(all, group, t);
	s->ntemplates++;
	s->nkind[t->options]++;
	pool_add(&all->pool[POOL_TEMPLATES],
	    &s->exporter->usage[POOL_TEMPLATES], template_octets(t));
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
	    &s->exporter->usage[POOL_TEMPLATES], template_octets(t));
	group_remove(all, t);
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
	/* Older than the templates of the stream itself. */
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
