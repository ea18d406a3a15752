/* Values of variable length; see octets_pool.h. */
#include <stdlib.h>
#include <string.h>

#include "octets_pool.h"

struct octets_value {
	struct map_node node;
	uint32_t number;
	uint32_t len;
	uint8_t octets[];
};

enum {
	/* What a value takes beside its octets: itself, a pointer, a bucket. */
	VALUE_OVERHEAD = sizeof(struct octets_value) + 4 * sizeof(void *)
};

bool
octets_pool_init(
    struct octets_pool *p, struct group_memory *memory, uint64_t seed)
{
	*p = (struct octets_pool){ .memory = memory, .seed = seed };
	if (!map_init(&p->map))
		return false;
	if (pthread_mutex_init(&p->lock, NULL) != 0) {
		map_fini(&p->map);
		return false;
	}
	arena_init(&p->arena, SIZE_MAX);
	return true;
}

void
octets_pool_fini(struct octets_pool *p)
{
	(void)pthread_mutex_destroy(&p->lock);
	map_fini(&p->map);
	arena_fini(&p->arena);
	free(p->value);
}

static const struct octets_value *
octets_pool_find(
    const struct octets_pool *p, struct bytes value, uint64_t hash)
{
	for (struct map_node *n = map_first(&p->map, hash); n != NULL;
	     n = map_same(n)) {
		const struct octets_value *v = (const void *)n;

		if (v->len == value.len &&
		    (value.len == 0 ||
			memcmp(v->octets, value.ptr, value.len) == 0))
			return v;
	}
	return NULL;
}

/* Room for a number. */
static bool
octets_pool_room(struct octets_pool *p)
{
	size_t cap = p->cap == 0 ? 256 : 2 * p->cap;
	void *more;

	if (p->n < p->cap)
		return true;
	if (p->n >= UINT32_MAX / 2)
		return false;
	more = realloc(p->value, cap * sizeof(struct octets_value *));
	if (more == NULL)
		return false;
	p->value = more;
	p->cap = cap;
	return true;
}

static struct octets_value *
octets_pool_add(struct octets_pool *p, struct bytes value)
{
	struct octets_value *v;

	if (!group_memory_take(p->memory, VALUE_OVERHEAD + value.len))
		return NULL;
	v = octets_pool_room(p)
	    ? arena_alloc(&p->arena, sizeof(*v) + value.len)
	    : NULL;
	if (v == NULL) {
		group_memory_give(p->memory, VALUE_OVERHEAD + value.len);
		return NULL;
	}
	v->number = (uint32_t)p->n;
	v->len = (uint32_t)value.len;
	if (value.len > 0)
		memcpy(v->octets, value.ptr, value.len);
	p->value[p->n++] = v;
	return v;
}

bool
octets_pool_put(struct octets_pool *p, struct bytes value, uint32_t *number)
{
	uint64_t hash = map_hash(value.ptr, value.len, p->seed);
	const struct octets_value *found = octets_pool_find(p, value, hash);
	struct octets_value *added;

	if (found != NULL) {
		*number = found->number;
		return true;
	}
	added = octets_pool_add(p, value);
	if (added == NULL)
		return false;
	map_insert(&p->map, &added->node, hash);
	*number = added->number;
	return true;
}

struct bytes
octets_pool_get(const struct octets_pool *p, uint32_t number)
{
	const struct octets_value *v = p->value[number];

	return (struct bytes){ v->octets, v->len };
}

int
octets_compare(struct bytes a, struct bytes b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int c = len > 0 ? memcmp(a.ptr, b.ptr, len) : 0;

	return c != 0 ? c : a.len < b.len ? -1 : a.len > b.len;
}
