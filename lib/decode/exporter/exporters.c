/* All exporters; see exporters.h. Test: test_exporter.c. */
#include <stdlib.h>
#include <string.h>

#include "exporters.h"
#include "limit_hit.h"
#include "peak.h"
#include "scoped_store.h"
#include "stream.h"

enum {
	/* Exporters examined for a silent one. */
	EVICT_SAMPLE = 8,
	/* Missed intervals after which an exporter is silent. */
	PATIENCE = 3
};

static void
limits_init(struct decoder_limits *l, const struct decoder_limits *given)
{
	*l = (struct decoder_limits) { 0 };
	if (given != NULL)
		*l = *given;
#define LIMIT(name, value, text) \
	if (l->name == 0) \
		l->name = value;
#include "limits.def"
#undef LIMIT
	if (l->flow_octets > UINT16_MAX)
		l->flow_octets = UINT16_MAX;
}

static void
pools_init(struct exporters *all)
{
	for (unsigned i = 0; i < POOLS; i++) {
		uint64_t limit;

		memcpy(&limit, (const char *)&all->limits +
		    decoder_limit_info[pool_limit(i)].offset, sizeof(limit));
		pool_init(&all->pool[i], limit);
	}
}

bool
exporters_init(struct exporters *all, const struct decoder_limits *limits,
    uint64_t seed)
{
	memset(all, 0, sizeof(*all));
	limits_init(&all->limits, limits);
	pools_init(all);
	all->seed = seed;
	all->random = seed;
	all->counting_budget.max = COUNTING_LEARNERS;
	all->flows_per_octet = ((UINT64_C(1) << 32) +
				   all->limits.flow_octets - 1) /
	    all->limits.flow_octets;
	for (int i = 0; i < RANKS; i++)
		list_init(&all->rank[i]);
	list_init(&all->early);
	list_init(&all->unsupported);
	list_init(&all->ready);
	return map_init(&all->by_addr) && map_init(&all->streams) &&
	    map_init(&all->templates) && map_init(&all->groups) &&
	    map_init(&all->names) && map_init(&all->queues) &&
	    map_init(&all->scoped) && map_init(&all->peers);
}

/* Returns false when out of memory. */
static bool
exporter_set_add(struct exporter_set *set, struct exporter *x)
{
	size_t room = set->room * 2 + 16;
	struct exporter **list;

	if (set->n == set->room) {
		list = realloc(set->list, room * sizeof(*list));
		if (list == NULL)
			return false;
		set->list = list;
		set->room = room;
	}
	x->set = set;
	x->place = set->n;
	set->list[set->n++] = x;
	return true;
}

/* Fills the gap with the last one. */
static void
exporter_set_remove(struct exporter_set *set, size_t place)
{
	struct exporter *last = set->list[--set->n];

	if (place == set->n)
		return;
	set->list[place] = last;
	last->place = place;
}

static void
exporter_remove(struct exporters *all, struct exporter *x)
{
	struct list *link, *next;

	LIST_FOREACH(link, next, &x->streams)
		stream_remove(all, LIST_ENTRY(link, struct stream, use));
	map_remove(&all->by_addr, &x->node);
	list_remove(&x->use);
	list_remove(&x->unsupported_link);
	if (x->rank == RANK_SETTLED)
		all->nsettled--;
	else
		exporter_set_remove(x->set, x->place);
	if (all->last == x)
		all->last = NULL;
	counters_add(&all->gone, &x->counters);
	peak_raise(&x->peak, &x->counters);
	peak_add(&all->gone_peak, &x->peak);
	if (x->listed) {
		peak_put(&x->peak, &x->counters);
		counters_add(&all->was_listed, &x->counters);
	}
	free(x);
}

void
exporters_fini(struct exporters *all)
{
	struct list *link, *next;

	for (int i = 0; i < RANKS && all->rank[i].next != NULL; i++)
		LIST_FOREACH(link, next, &all->rank[i])
			exporter_remove(all,
			    LIST_ENTRY(link, struct exporter, use));
	free(all->single.list);
	free(all->active.list);
	map_fini(&all->by_addr);
	map_fini(&all->streams);
	map_fini(&all->templates);
	map_fini(&all->groups);
	map_fini(&all->names);
	map_fini(&all->queues);
	map_fini(&all->scoped);
	map_fini(&all->peers);
}

static void
exporter_evict(struct exporters *all, struct exporter *x)
{
	limit_hit(all, x, &x->counters, DECODER_LIMIT_exporters);
	all->evicted++;
	all->evicted_settled += x->rank == RANK_SETTLED;
	exporter_remove(all, x);
}

/* Unpredictable without the seed. */
static uint64_t
exporters_random(struct exporters *all)
{
	all->random++;
	return map_hash(&all->random, sizeof(all->random), all->seed);
}

/* Whether it has missed some of its usual intervals. */
static bool
exporter_is_silent(const struct exporter *x, int64_t now_ns)
{
	int64_t turn_ns = (x->last_ns - x->first_ns) /
	    (x->continuity.steps > 0 ? x->continuity.steps : 1);

	if (turn_ns < ms_to_ns(1000))
		turn_ns = ms_to_ns(1000);
	return (now_ns - x->last_ns) / PATIENCE > turn_ns;
}

/* Places reserved for unsettled exporters. */
static uint64_t
exporters_reserve(const struct exporters *all)
{
	uint64_t share = all->limits.exporters / POOL_RESERVE;

	return share > 0 ? share : 1;
}

static struct exporter *
exporter_set_random(struct exporters *all, const struct exporter_set *set)
{
	return set->list[exporters_random(all) % set->n];
}

/*
 * An unsettled exporter to evict. With the least recently used one, a flood
 * would evict every exporter that sends less often than the flood takes to fill
 * the places.
 */
static struct exporter *
exporter_victim(struct exporters *all, int64_t now_ns)
{
	struct exporter *found;

	if (all->active.n == 0 || all->single.n > exporters_reserve(all) / 2)
		return exporter_set_random(all, &all->single);
	found = exporter_set_random(all, &all->active);
	for (int i = 1; i < EVICT_SAMPLE && !exporter_is_silent(found, now_ns);
	    i++) {
		struct exporter *x = exporter_set_random(all, &all->active);

		if (exporter_is_silent(x, now_ns))
			found = x;
	}
	return found;
}

/* Makes a place for one more settled exporter. Returns false if it cannot. */
static bool
settled_make_room(struct exporters *all, int64_t now_ns)
{
	struct list *last = list_last(&all->rank[RANK_SETTLED]);
	struct exporter *x;

	if (all->nsettled + exporters_reserve(all) < all->limits.exporters)
		return true;
	if (last == NULL)
		return false;
	x = LIST_ENTRY(last, struct exporter, use);
	if (now_ns - x->last_ns <= ms_to_ns(all->limits.idle_ms))
		return false;
	exporter_evict(all, x);
	return true;
}

static uint64_t
addr_hash(const struct exporters *all, const struct addr *a)
{
	uint64_t key[3] = { (uint64_t)a->family << 32 | a->scope, a->v4, 0 };

	if (a->family == ADDR_V6) {
		key[1] = a->v6.hi;
		key[2] = a->v6.lo;
	}
	return map_hash(key, sizeof(key), all->seed);
}

static struct exporter *
exporter_find(const struct exporters *all, const struct addr *addr,
    uint64_t hash)
{
	for (struct map_node *n = map_first(&all->by_addr, hash); n != NULL;
	    n = map_same(n)) {
		struct exporter *x = LIST_ENTRY(n, struct exporter, node);

		if (addr_equal(&x->addr, addr))
			return x;
	}
	return NULL;
}

struct exporter *
exporter_known(const struct exporters *all, const struct addr *addr)
{
	return exporter_find(all, addr, addr_hash(all, addr));
}

/* The configured interval, by the longest matching prefix. */
static uint32_t
configured_rate(const struct exporters *all, const struct addr *addr)
{
	const struct decoder_rate *best = NULL;

	for (size_t i = 0; i < all->nrates; i++) {
		const struct decoder_rate *r = &all->rates[i];

		if (prefix_match(&r->exporters, addr) &&
		    (best == NULL || r->exporters.len >= best->exporters.len))
			best = r;
	}
	return best != NULL ? best->interval : 0;
}

void
exporters_set_rates(struct exporters *all, const struct decoder_rate *rates,
    size_t n)
{
	const struct list *link, *next;

	all->rates = rates;
	all->nrates = n;
	for (int i = 0; i < RANKS; i++)
		LIST_FOREACH(link, next, &all->rank[i]) {
			struct exporter *x =
			    LIST_ENTRY(link, struct exporter, use);
			uint32_t interval = configured_rate(all, &x->addr);

			if (interval != x->configured)
				x->configured_flows = 0;
			x->configured = interval;
			exporter_options_changed(x);
		}
}

static struct exporter *
exporter_new(struct exporters *all, const struct addr *addr, uint64_t hash,
    int64_t now_ns)
{
	struct exporter *x;

	/* At least one is unsettled: see settled_make_room(). */
	while (all->by_addr.count >= all->limits.exporters)
		exporter_evict(all, exporter_victim(all, now_ns));
	x = calloc(1, sizeof(*x));
	if (x == NULL || !exporter_set_add(&all->single, x)) {
		free(x);
		return NULL;
	}
	x->addr = *addr;
	x->first_ns = now_ns;
	list_init(&x->streams);
	for (int i = 0; i < STREAM_RANKS; i++)
		list_init(&x->ranks[i]);
	list_init(&x->templates);
	list_init(&x->names);
	list_init(&x->early);
	list_init(&x->sessions);
	for (int i = 0; i < SCOPED_KINDS; i++)
		scope_types_init(&x->types[i]);
	list_init(&x->unsupported_link);
	for (int i = 0; i < POOLS; i++)
		pool_usage_init(&x->usage[i], x);
	x->configured = configured_rate(all, addr);
	exporter_options_changed(x);
	list_insert_first(&all->rank[RANK_STRANGER], &x->use);
	map_insert(&all->by_addr, &x->node, hash);
	return x;
}

struct exporter *
exporter_get(struct exporters *all, const struct addr *addr, int64_t now_ns)
{
	struct exporter *x = all->last;
	uint64_t hash;

	/* Datagrams arrive in runs. */
	if (x == NULL || !addr_equal(&x->addr, addr)) {
		hash = addr_hash(all, addr);
		x = exporter_find(all, addr, hash);
		if (x == NULL)
			x = exporter_new(all, addr, hash, now_ns);
		if (x == NULL)
			return NULL;
		list_use(&all->rank[x->rank], &x->use);
		all->last = x;
	}
	x->last_ns = now_ns;
	return x;
}

/* Moves it from the single to the active ones, if there is memory. */
static void
exporter_set_active(struct exporters *all, struct exporter *x)
{
	size_t place = x->place;

	if (x->set == &all->single && exporter_set_add(&all->active, x))
		exporter_set_remove(&all->single, place);
}

void
exporter_rank(struct exporters *all, struct exporter *x, enum rank rank,
    int64_t now_ns)
{
	if (x->rank >= rank)
		return;
	if (rank == RANK_SETTLED && !settled_make_room(all, now_ns))
		rank = RANK_NEWCOMER;
	if (x->rank >= rank)
		return;
	exporter_set_active(all, x);
	x->rank = (uint8_t)rank;
	list_remove(&x->use);
	list_insert_first(&all->rank[rank], &x->use);
	for (int i = 0; i < POOLS; i++)
		pool_rank(&all->pool[i], &x->usage[i], rank);
	if (rank != RANK_SETTLED)
		return;
	exporter_set_remove(x->set, x->place);
	all->nsettled++;
	all->generation++;
}

/*
 * Counts only one step a second: made-up senders evict each other before they
 * can last.
 */
static void
continuity_step(struct continuity *t, int64_t now_ns)
{
	if (t->steps > 0 && now_ns - t->last_ns < ms_to_ns(1000))
		return;
	t->steps++;
	t->last_ns = now_ns;
}

void
exporter_continued(struct exporters *all, struct exporter *x, int64_t now_ns)
{
	if (x->rank == RANK_SETTLED)
		return;
	continuity_step(&x->continuity, now_ns);
	exporter_set_active(all, x);
	if (x->valid == 0)
		return;
	exporter_rank(all, x, RANK_NEWCOMER, now_ns);
	if (x->continuity.steps >= all->limits.settle_messages &&
	    now_ns - x->first_ns >= ms_to_ns(all->limits.settle_ms))
		exporter_rank(all, x, RANK_SETTLED, now_ns);
}
