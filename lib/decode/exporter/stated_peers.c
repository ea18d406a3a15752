/* Peers of stated values; see stated_peers.h. Test: test_stated.c. */
#include <stdlib.h>
#include <string.h>

#include "stated_peers.h"

/* No version is 0: these peers are of one domain or of all. */
uint64_t
stated_where(const struct stream *s, bool all_domains)
{
	return all_domains ? (uint64_t)s->version << 48
			   : (uint64_t)s->version << 32 | s->domain;
}

uint64_t
stated_hash(const struct exporters *all, const struct stated_form *form,
    uint64_t who, const uint64_t *at)
{
	uint64_t key[2 + SCOPE_MAX] = { (uint64_t)(uintptr_t)form, who };

	for (unsigned i = 0; i < form->scope.n; i++)
		key[2 + i] = at[i];
	return map_hash(
	    key, (2 + (size_t)form->scope.n) * sizeof(key[0]), all->seed);
}

struct stated_peers *
stated_peers_find(const struct exporters *all, const struct stated_form *form,
    uint64_t where, const uint64_t *at)
{
	uint64_t hash = stated_hash(all, form, where, at);

	for (struct map_node *n = map_first(&all->peers, hash); n != NULL;
	     n = map_same(n)) {
		struct stated_peers *peers =
		    LIST_ENTRY(n, struct stated_peers, node);

		if (peers->form == form && peers->where == where &&
		    stated_same(form, peers->at, at))
			return peers;
	}
	return NULL;
}

struct stated_peers *
stated_peers_get(struct exporters *all, const struct stated_form *form,
    uint64_t where, const uint64_t *at)
{
	struct stated_peers *peers = stated_peers_find(all, form, where, at);

	if (peers != NULL)
		return peers;
	peers = calloc(1, sizeof(*peers));
	if (peers == NULL)
		return NULL;
	peers->form = form;
	peers->where = where;
	memcpy(peers->at, at, form->scope.n * sizeof(*at));
	list_init(&peers->members);
	map_insert(
	    &all->peers, &peers->node, stated_hash(all, form, where, at));
	return peers;
}

uint64_t
stated_peers_hash(const struct exporters *all, uint64_t value)
{
	return map_hash(&value, sizeof(value), all->seed);
}

static void
sum_add(struct stated_sum *s, uint64_t hash)
{
	s->n++;
	s->sum += hash;
}

static void
sum_sub(struct stated_sum *s, uint64_t hash)
{
	s->n--;
	s->sum -= hash;
}

void
stated_peers_join(struct exporters *all, struct stated_peers *peers,
    struct stated_peer *peer, uint64_t value, bool speaks)
{
	uint64_t hash = stated_peers_hash(all, value);

	peer->peers = peers;
	sum_add(&peers->every, hash);
	if (!speaks)
		return;
	list_insert_first(&peers->members, &peer->link);
	sum_add(&peers->speaking, hash);
}

void
stated_peers_silence(
    struct exporters *all, struct stated_peer *peer, uint64_t value)
{
	if (list_empty(&peer->link))
		return;
	list_remove(&peer->link);
	sum_sub(&peer->peers->speaking, stated_peers_hash(all, value));
}

void
stated_peers_leave(
    struct exporters *all, struct stated_peer *peer, uint64_t value)
{
	struct stated_peers *peers = peer->peers;

	if (peers == NULL)
		return;
	stated_peers_silence(all, peer, value);
	sum_sub(&peers->every, stated_peers_hash(all, value));
	if (peers->every.n > 0)
		return;
	map_remove(&all->peers, &peers->node);
	free(peers);
}

void
stated_peers_change(struct exporters *all, struct stated_peer *peer,
    uint64_t old, uint64_t value)
{
	uint64_t by =
	    stated_peers_hash(all, value) - stated_peers_hash(all, old);

	if (peer->peers == NULL)
		return;
	peer->peers->every.sum += by;
	if (!list_empty(&peer->link))
		peer->peers->speaking.sum += by;
}
