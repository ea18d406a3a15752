/* Macros; see macro.h. Test: test/unit/config/test_parse.c. */
#include <string.h>

#include "list.h"
#include "macro.h"
#include "result.h"

bool
macros_init(struct macros *macros, struct arena *arena)
{
	macros->arena = arena;
	return map_init(&macros->map);
}

void
macros_fini(struct macros *macros)
{
	map_fini(&macros->map);
}

static struct macro *
macro_lookup(const struct macros *macros, struct bytes name, uint64_t hash)
{
	struct map_node *n;
	struct macro *m;

	for (n = map_first(&macros->map, hash); n != NULL; n = map_same(n)) {
		m = LIST_ENTRY(n, struct macro, node);
		if (m->name.len == name.len &&
		    memcmp(m->name.ptr, name.ptr, name.len) == 0)
			return m;
	}
	return NULL;
}

const struct macro *
macro_find(const struct macros *macros, struct bytes name)
{
	return macro_lookup(macros, name, map_hash(name.ptr, name.len, 0));
}

static bool
bytes_copy(struct arena *arena, struct bytes from, struct bytes *to)
{
	to->ptr =
	    (uint8_t *)arena_strndup(arena, (const char *)from.ptr, from.len);
	to->len = from.len;
	return to->ptr != NULL;
}

int
macro_define(
    struct macros *macros, struct bytes name, struct bytes value, bool fixed)
{
	uint64_t hash = map_hash(name.ptr, name.len, 0);
	struct macro *m = macro_lookup(macros, name, hash);

	if (m != NULL && m->fixed && !fixed)
		return 0;
	if (m == NULL) {
		m = arena_alloc(macros->arena, sizeof(*m));
		if (m == NULL || !bytes_copy(macros->arena, name, &m->name))
			return FLOWD_ENOMEM;
		map_insert(&macros->map, &m->node, hash);
	}
	m->fixed = fixed;
	return bytes_copy(macros->arena, value, &m->value) ? 0 : FLOWD_ENOMEM;
}
