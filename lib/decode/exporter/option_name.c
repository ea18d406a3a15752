/* Names from options data; see option_name.h. Test: test_option_name.c. */
#include <stdlib.h>
#include <string.h>

#include "limit_hit.h"
#include "option_name.h"

/* Includes the overhead of malloc() and the table. */
static size_t
name_octets(size_t text_len)
{
	return sizeof(struct name) + text_len + 1 + 2 * sizeof(void *);
}

static void
name_remove(struct exporters *all, struct name *name)
{
	struct exporter *x = name->stream->exporter;

	map_remove(&all->names, &name->node);
	list_remove(&name->use);
	list_remove(&name->sibling);
	pool_sub(&all->pool[POOL_NAMES], &x->usage[POOL_NAMES],
	    name_octets(name->text_len));
	x->nnames--;
	all->generation++;
	free(name);
}

static uint64_t
name_hash(const struct exporters *all, const struct stream *s, unsigned kind,
    struct bytes key)
{
	uint64_t of[2] = { (uint64_t)(uintptr_t)s, kind };

	return map_hash(key.ptr, key.len, map_hash(of, sizeof(of), all->seed));
}

/* Strips leading zeros: ids are sent in any length. */
static struct bytes
name_key(struct bytes key)
{
	while (key.len > 1 && key.ptr[0] == 0) {
		key.ptr++;
		key.len--;
	}
	return key;
}

/* Ends at the first 0 octet, or at the maximum length. */
static struct bytes
name_text(struct bytes text)
{
	const uint8_t *end = memchr(text.ptr, 0, text.len);

	if (end != NULL)
		text.len = (size_t)(end - text.ptr);
	if (text.len > NAME_TEXT_MAX)
		text.len = NAME_TEXT_MAX;
	return text;
}

static struct name *
name_find(const struct exporters *all, const struct stream *s, unsigned kind,
    struct bytes key)
{
	uint64_t hash = name_hash(all, s, kind, key);

	for (struct map_node *n = map_first(&all->names, hash); n != NULL;
	    n = map_same(n)) {
		struct name *name = LIST_ENTRY(n, struct name, node);

		if (name->stream == s && name->kind == kind &&
		    name->key_len == key.len &&
		    memcmp(name->key, key.ptr, key.len) == 0)
			return name;
	}
	return NULL;
}

const struct name *
name_get(const struct exporters *all, const struct stream *s,
    enum name_kind kind, struct bytes key)
{
	return name_find(all, s, kind, name_key(key));
}

static struct name *
name_new(struct stream *s, enum name_kind kind, struct bytes key,
    struct bytes text)
{
	struct name *name = calloc(1, sizeof(*name) + text.len + 1);

	if (name == NULL)
		return NULL;
	name->stream = s;
	name->kind = (uint8_t)kind;
	name->key_len = (uint8_t)key.len;
	name->text_len = (uint8_t)text.len;
	memcpy(name->key, key.ptr, key.len);
	memcpy(name->text, text.ptr, text.len);
	return name;
}

/* Evicts the name that the exporter sent least recently. */
static void
name_evict(struct exporters *all, struct exporter *x, unsigned limit)
{
	struct name *name = LIST_ENTRY(x->names.prev, struct name, use);
	struct decode_counters *c = &name->stream->counters;

	c->evicted_names++;
	limit_hit(all, x, c, limit);
	name_remove(all, name);
}

/* Returns false if the exporter cannot have so many octets. */
static bool
name_make_room(struct exporters *all, struct stream *s, size_t octets)
{
	struct exporter *x = s->exporter;
	struct pool *pool = &all->pool[POOL_NAMES];
	struct pool_usage *usage = &x->usage[POOL_NAMES], *victim;

	if (x->nnames >= all->limits.exporter_names)
		name_evict(all, x, DECODER_LIMIT_exporter_names);
	while (!pool_has_room(pool, usage, octets)) {
		victim = pool_victim(pool, usage, octets);
		if (victim == NULL) {
			limit_hit(all, x, &s->counters,
			    DECODER_LIMIT_name_octets);
			return false;
		}
		name_evict(all, victim->owner, DECODER_LIMIT_name_octets);
	}
	return true;
}

static void
name_add(struct exporters *all, struct stream *s, enum name_kind kind,
    struct bytes key, struct bytes text)
{
	struct exporter *x = s->exporter;
	struct name *name;

	if (!name_make_room(all, s, name_octets(text.len)) ||
	    (name = name_new(s, kind, key, text)) == NULL) {
		s->counters.refused_names++;
		return;
	}
	list_insert_first(&x->names, &name->use);
	list_insert_first(&s->names, &name->sibling);
	map_insert(&all->names, &name->node, name_hash(all, s, kind, key));
	pool_add(&all->pool[POOL_NAMES], &x->usage[POOL_NAMES],
	    name_octets(text.len));
	x->nnames++;
	all->generation++;
}

void
name_set(struct exporters *all, struct stream *s, enum name_kind kind,
    struct bytes key, struct bytes text)
{
	struct name *name;

	if (key.len == 0 || key.len > NAME_KEY_MAX || text.len == 0)
		return;
	key = name_key(key);
	text = name_text(text);
	if (text.len == 0)
		return;
	name = name_find(all, s, kind, key);
	if (name != NULL && name->text_len == text.len &&
	    memcmp(name->text, text.ptr, text.len) == 0) {
		list_use(&s->exporter->names, &name->use);
		list_use(&s->names, &name->sibling);
		return;
	}
	if (name != NULL)
		name_remove(all, name);
	name_add(all, s, kind, key, text);
}

static void
name_move(struct exporters *all, struct name *name, struct stream *to)
{
	const struct bytes key = { name->key, name->key_len };

	map_remove(&all->names, &name->node);
	list_remove(&name->sibling);
	name->stream = to;
	map_insert(
	    &all->names, &name->node, name_hash(all, to, name->kind, key));
	/* Older than the names of the stream itself. */
	list_insert_first(to->names.prev, &name->sibling);
	all->generation++;
}

void
names_move(struct exporters *all, struct stream *from, struct stream *to)
{
	struct list *link, *next;

	LIST_FOREACH(link, next, &from->names) {
		struct name *name = LIST_ENTRY(link, struct name, sibling);
		const struct bytes key = { name->key, name->key_len };

		if (name_find(all, to, name->kind, key) != NULL)
			name_remove(all, name);
		else
			name_move(all, name, to);
	}
}

void
names_drop(struct exporters *all, struct stream *s)
{
	struct list *link, *next;

	LIST_FOREACH(link, next, &s->names)
		name_remove(all, LIST_ENTRY(link, struct name, sibling));
}
