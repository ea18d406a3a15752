/*
 * Hash tables whose links lie in the members, chained, growing with their
 * contents. The caller computes hashes with map_hash(), which is keyed, so
 * that a peer cannot choose keys that collide.
 *
 *	for (n = map_first(map, hash); n != NULL; n = map_same(n))
 *		... compare the keys ...
 *
 * Test: test/unit/base/test_map.c.
 */
#ifndef FLOWD_MAP_H
#define FLOWD_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_node {
	struct map_node *next;
	uint64_t hash;
};

struct map {
	struct map_node **bucket;
	size_t nbuckets;	/* a power of two */
	size_t count;
};

/* False when out of memory. */
bool map_init(struct map *map);
/* The members are the caller's to free. */
void map_fini(struct map *map);

uint64_t map_hash(const void *key, size_t len, uint64_t seed);

void map_insert(struct map *map, struct map_node *node, uint64_t hash);
void map_remove(struct map *map, struct map_node *node);

/* The first member with this hash, and those after it; or NULL. */
struct map_node *map_first(const struct map *map, uint64_t hash);
struct map_node *map_same(const struct map_node *node);

#endif
