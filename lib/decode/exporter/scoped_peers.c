/* Peers of scoped values; see scoped_peers.h. Test: test_scoped_store.c. */
#include <stdlib.h>
#include <string.h>

#include "scoped_peers.h"

/* No version is 0, so the keys differ. */
uint64_t
peers_key(const struct stream *s, bool all_domains)
{
	return all_domains ? (uint64_t)s->version << 48
			   : (uint64_t)s->version << 32 | s->domain;
}

uint64_t
scoped_hash(const struct exporters *all, const struct scope_type *type,
    uint64_t who, const uint64_t *at)
{
	uint64_t key[2 + SCOPE_MAX] = { (uint64_t)(uintptr_t)type, who };

	for (unsigned i = 0; i < type->scope.n; i++)
		key[2 + i] = at[i];
	return map_hash(
	    key, (2 + (size_t)type->scope.n) * sizeof(key[0]), all->seed);
}

struct scoped_peers *
scoped_peers_find(const struct exporters *all, const struct scope_type *type,
    uint64_t where, const uint64_t *at)
{
	uint64_t hash = scoped_hash(all, type, where, at);

	for (struct map_node *n = map_first(&all->peers, hash); n != NULL;
	     n = map_same(n)) {
		struct scoped_peers *peers =
		    LIST_ENTRY(n, struct scoped_peers, node);

		if (peers->type == type && peers->where == where &&
		    scoped_same(type, peers->at, at))
			return peers;
	}
	return NULL;
}

struct scoped_peers *
scoped_peers_get(struct exporters *all, const struct scope_type *type,
    uint64_t where, const uint64_t *at)
{
	struct scoped_peers *peers = scoped_peers_find(all, type, where, at);

	if (peers != NULL)
		return peers;
	peers = calloc(1, sizeof(*peers));
	if (peers == NULL)
		return NULL;
	peers->type = type;
	peers->where = where;
	memcpy(peers->at, at, type->scope.n * sizeof(*at));
	list_init(&peers->members);
	map_insert(
	    &all->peers, &peers->node, scoped_hash(all, type, where, at));
	return peers;
}

uint64_t
scoped_peers_hash(const struct exporters *all, uint64_t value)
{
	return map_hash(&value, sizeof(value), all->seed);
}

static void
value_sum_add(struct value_sum *s, uint64_t hash)
{
	s->n++;
	s->sum += hash;
}

static void
value_sum_sub(struct value_sum *s, uint64_t hash)
{
	s->n--;
	s->sum -= hash;
}

void
scoped_peers_join(struct exporters *all, struct scoped_peers *peers,
    struct scoped_peer *peer, uint64_t value, bool shares)
{
	uint64_t hash = scoped_peers_hash(all, value);

	peer->peers = peers;
	value_sum_add(&peers->every, hash);
	if (!shares)
		return;
	list_insert_first(&peers->members, &peer->link);
	value_sum_add(&peers->shared, hash);
}

void
scoped_peers_stop_sharing(
    struct exporters *all, struct scoped_peer *peer, uint64_t value)
{
	if (list_empty(&peer->link))
		return;
	list_remove(&peer->link);
	value_sum_sub(&peer->peers->shared, scoped_peers_hash(all, value));
}

void
scoped_peers_leave(
    struct exporters *all, struct scoped_peer *peer, uint64_t value)
{
	struct scoped_peers *peers = peer->peers;

	if (peers == NULL)
		return;
	scoped_peers_stop_sharing(all, peer, value);
	value_sum_sub(&peers->every, scoped_peers_hash(all, value));
	if (peers->every.n > 0)
		return;
	map_remove(&all->peers, &peers->node);
	free(peers);
}

void
scoped_peers_change(struct exporters *all, struct scoped_peer *peer,
    uint64_t old, uint64_t value)
{
	uint64_t by =
	    scoped_peers_hash(all, value) - scoped_peers_hash(all, old);

	if (peer->peers == NULL)
		return;
	peer->peers->every.sum += by;
	if (!list_empty(&peer->link))
		peer->peers->shared.sum += by;
}
