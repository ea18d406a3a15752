/*
 * Which entry of a table has an address: for keys of flowd-stats, such as
 * "src_addr:customers".
 *
 * Of the prefixes of a table, inline and from files, the longest that has the
 * address counts, unless it is an exception; else the first table among the
 * entries that has it. Addresses of tables with "!" are in no entry. So an
 * address has an entry if, and only if, it is in the table.
 *
 * Called by lib/query/predicate.c and lib/aggregate.
 * Test: test/unit/filter/test_prefix_map.c.
 */
#ifndef FLOWD_PREFIX_MAP_H
#define FLOWD_PREFIX_MAP_H

#include "prefix_table.h"

struct prefix_map_entry {
	const char *name; /* of a table, borrowed; NULL: it is a prefix */
	struct prefix prefix;
};

/* Boundaries, with the number of the entry from each to the next; see below. */
struct prefix_map {
	struct boundaries4 v4;
	struct boundaries6 v6;
	uint32_t *from4, *from6; /* [0]: in front of the first boundary */
	struct prefix_map_entry *entry; /* tables in their order, prefixes by
					 * their addresses */
	size_t n;
};

/*
 * Build the map of a table that is loaded, whose files are read again. Returns
 * 0, or a negative FLOWD_E* with err set; the map is then empty.
 */
int prefix_map_init(struct prefix_map *map, const struct prefix_table *table,
    struct flowd_error *err);
void prefix_map_fini(struct prefix_map *map);

/* The number of the entry + 1, or 0 where there is none. */
static inline uint32_t
prefix_map_find4(const struct prefix_map *map, uint32_t v4)
{
	return map->from4[boundaries4_find(&map->v4, v4)];
}

static inline uint32_t
prefix_map_find6(const struct prefix_map *map, struct addr6 v6)
{
	return map->from6[boundaries6_find(&map->v6, v6)];
}

#endif
