/* Chained hash tables; see map.h. Test: test/unit/base/test_map.c. */
#include <stdlib.h>

#include <xxhash.h>

#include "map.h"

enum {
	MAP_BUCKETS = 64
};

bool
map_init(struct map *map)
{
	map->bucket = calloc(MAP_BUCKETS, sizeof(struct map_node *));
	map->nbuckets = MAP_BUCKETS;
	map->count = 0;
	return map->bucket != NULL;
}

void
map_fini(struct map *map)
{
	free(map->bucket);
	map->bucket = NULL;
}

uint64_t
map_hash(const void *key, size_t len, uint64_t seed)
{
	return XXH3_64bits_withSeed(key, len, seed);
}

static void
map_link(struct map *map, struct map_node *node)
{
	struct map_node **at = &map->bucket[node->hash & (map->nbuckets - 1)];

	node->next = *at;
	*at = node;
}

/* Without memory for more buckets the chains just grow longer. */
static void
map_grow(struct map *map)
{
	struct map_node **old = map->bucket, *node, *next;
	size_t nold = map->nbuckets;
	struct map_node **bucket = calloc(nold * 2, sizeof(*bucket));

	if (bucket == NULL)
		return;
	map->bucket = bucket;
	map->nbuckets = nold * 2;
	for (size_t i = 0; i < nold; i++)
		for (node = old[i]; node != NULL; node = next) {
			next = node->next;
			map_link(map, node);
		}
	free(old);
}

void
map_insert(struct map *map, struct map_node *node, uint64_t hash)
{
	if (map->count >= map->nbuckets)
		map_grow(map);
	node->hash = hash;
	map_link(map, node);
	map->count++;
}

void
map_remove(struct map *map, struct map_node *node)
{
	struct map_node **at = &map->bucket[node->hash & (map->nbuckets - 1)];

	while (*at != node)
		at = &(*at)->next;
	*at = node->next;
	map->count--;
}

struct map_node *
map_first(const struct map *map, uint64_t hash)
{
	struct map_node *node = map->bucket[hash & (map->nbuckets - 1)];

	while (node != NULL && node->hash != hash)
		node = node->next;
	return node;
}

struct map_node *
map_same(const struct map_node *node)
{
	uint64_t hash = node->hash;

	node = node->next;
	while (node != NULL && node->hash != hash)
		node = node->next;
	return (struct map_node *)(uintptr_t)node;
}
