/* Exporters; see exporter.h. Test: test_exporter.c. */
#include <stdlib.h>
#include <string.h>

#include "exporter.h"

enum {
	/* Unsettled exporters of which one gives way. */
	EVICT_SAMPLE = 8,
	/* After this silence it is as if one had never gone on. */
	PATIENCE_MS = 60000
};

/* Every counter is a uint64_t, so that they can be added as an array. */
_Static_assert(sizeof(struct decode_counters) % sizeof(uint64_t) == 0,
    "counters are uint64_t");

void
counters_add(struct decode_counters *sum, const struct decode_counters *more)
{
	uint64_t a[sizeof(*sum) / sizeof(uint64_t)];
	uint64_t b[sizeof(*sum) / sizeof(uint64_t)];

	memcpy(a, sum, sizeof(a));
	memcpy(b, more, sizeof(b));
	for (size_t i = 0; i < sizeof(a) / sizeof(a[0]); i++)
		a[i] += b[i];
	memcpy(sum, a, sizeof(a));
}

unsigned
pool_limit(enum pool_kind kind)
{
	static const uint8_t limit[POOLS] = {
		[POOL_STREAMS] = DECODER_LIMIT_streams,
		[POOL_TEMPLATES] = DECODER_LIMIT_template_octets,
		[POOL_NAMES] = DECODER_LIMIT_name_octets,
		[POOL_SAMPLERS] = DECODER_LIMIT_samplers,
		[POOL_EARLY] = DECODER_LIMIT_early_octets,
	};

	return limit[kind];
}

void
limit_hit(struct exporters *all, const struct exporter *x,
    struct decode_counters *c, unsigned limit)
{
	c->limited[limit]++;
	all->hits[limit].hits++;
	all->hits[limit].last = x->addr;
	all->nhits++;
}

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
	all->flows_per_octet = ((UINT64_C(1) << 32) +
				   all->limits.flow_octets - 1) /
	    all->limits.flow_octets;
	for (int i = 0; i < RANKS; i++)
		list_init(&all->rank[i]);
	list_init(&all->early);
	list_init(&all->ready);
	return map_init(&all->by_addr) && map_init(&all->streams) &&
	    map_init(&all->templates) && map_init(&all->kin) &&
	    map_init(&all->names) && map_init(&all->queues);
}

/* False when out of memory. */
static bool
unsettled_add(struct exporters *all, struct exporter *x)
{
	size_t room = all->unsettled_room * 2 + 16;
	struct exporter **list;

	if (all->nunsettled == all->unsettled_room) {
		list = realloc(all->unsettled, room * sizeof(*list));
		if (list == NULL)
			return false;
		all->unsettled = list;
		all->unsettled_room = room;
	}
	x->place = all->nunsettled;
	all->unsettled[all->nunsettled++] = x;
	return true;
}

static void
unsettled_remove(struct exporters *all, struct exporter *x)
{
	struct exporter *last = all->unsettled[--all->nunsettled];

	all->unsettled[x->place] = last;
	last->place = x->place;
}

static void
exporter_remove(struct exporters *all, struct exporter *x)
{
	struct list *link, *next;

	LIST_FOREACH(link, next, &x->streams)
		stream_remove(all, LIST_ENTRY(link, struct stream, use));
	LIST_FOREACH(link, next, &x->names)
		name_remove(all, x, LIST_ENTRY(link, struct name, sibling));
	map_remove(&all->by_addr, &x->node);
	list_remove(&x->use);
	if (x->rank == RANK_SETTLED)
		all->nsettled--;
	else
		unsettled_remove(all, x);
	if (all->last == x)
		all->last = NULL;
	counters_add(&all->gone, &x->counters);
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
	free(all->unsettled);
	map_fini(&all->by_addr);
	map_fini(&all->streams);
	map_fini(&all->templates);
	map_fini(&all->kin);
	map_fini(&all->names);
	map_fini(&all->queues);
}

static void
exporter_evict(struct exporters *all, struct exporter *x)
{
	limit_hit(all, x, &x->counters, DECODER_LIMIT_exporters);
	all->evicted++;
	all->evicted_settled += x->rank == RANK_SETTLED;
	exporter_remove(all, x);
}

/* Unpredictable to who does not know the seed. */
static uint64_t
exporters_random(struct exporters *all)
{
	all->random++;
	return map_hash(&all->random, sizeof(all->random), all->seed);
}

/* How long it has gone on: what was silent since then does not count. */
static uint32_t
exporter_merit(const struct exporter *x, int64_t now_ns)
{
	return now_ns - x->last_ns > ms_to_ns(PATIENCE_MS) ? 0
							   : x->tenure.steps;
}

/*
 * One of the unsettled. Were it the one that was heard of longest ago, a flood
 * would push out whoever sends more seldom than it goes round.
 */
static struct exporter *
unsettled_victim(struct exporters *all, int64_t now_ns)
{
	struct exporter *found = NULL;

	for (int i = 0; i < EVICT_SAMPLE; i++) {
		struct exporter *x =
		    all->unsettled[exporters_random(all) % all->nunsettled];

		if (found == NULL ||
		    exporter_merit(x, now_ns) < exporter_merit(found, now_ns))
			found = x;
	}
	return found;
}

/* A place for one more of the settled, if there is one. */
static bool
settled_make_room(struct exporters *all, int64_t now_ns)
{
	uint64_t share = all->limits.exporters / POOL_SHARE;
	struct list *last = list_last(&all->rank[RANK_SETTLED]);
	struct exporter *x;

	if (all->nsettled + (share > 0 ? share : 1) < all->limits.exporters)
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

static struct exporter *
exporter_new(struct exporters *all, const struct addr *addr, uint64_t hash,
    int64_t now_ns)
{
	struct exporter *x;

	/* There is always one that is not settled: settled_make_room(). */
	while (all->by_addr.count >= all->limits.exporters)
		exporter_evict(all, unsettled_victim(all, now_ns));
	x = calloc(1, sizeof(*x));
	if (x == NULL || !unsettled_add(all, x)) {
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
	for (int i = 0; i < POOLS; i++)
		stake_init(&x->stake[i], x);
	list_insert_first(&all->rank[RANK_STRANGER], &x->use);
	map_insert(&all->by_addr, &x->node, hash);
	return x;
}

struct exporter *
exporter_get(struct exporters *all, const struct addr *addr, int64_t now_ns)
{
	struct exporter *x = all->last;
	uint64_t hash;

	/* Datagrams come in runs. */
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
	x->rank = (uint8_t)rank;
	list_remove(&x->use);
	list_insert_first(&all->rank[rank], &x->use);
	for (int i = 0; i < POOLS; i++)
		pool_rank(&all->pool[i], &x->stake[i], rank);
	if (rank != RANK_SETTLED)
		return;
	unsettled_remove(all, x);
	all->nsettled++;
	all->generation++;
}

/*
 * Time counts, not only the number: made-up senders cannot all be kept up for
 * long, as they push each other out before.
 */
static void
tenure_step(struct tenure *t, int64_t now_ns)
{
	if (t->steps > 0 && now_ns - t->last_ns < ms_to_ns(1000))
		return;
	t->steps++;
	t->last_ns = now_ns;
}

void
exporter_went_on(struct exporters *all, struct exporter *x, int64_t now_ns)
{
	if (x->rank == RANK_SETTLED)
		return;
	tenure_step(&x->tenure, now_ns);
	if (x->valid == 0)
		return;
	exporter_rank(all, x, RANK_NEWCOMER, now_ns);
	if (x->tenure.steps >= all->limits.settle_messages &&
	    now_ns - x->first_ns >= ms_to_ns(all->limits.settle_ms))
		exporter_rank(all, x, RANK_SETTLED, now_ns);
}

struct decode_counters
exporter_counters(const struct exporter *x)
{
	struct decode_counters sum = x->counters;
	const struct list *link, *next;

	LIST_FOREACH(link, next, &x->streams)
		counters_add(&sum,
		    &LIST_ENTRY(link, struct stream, use)->counters);
	return sum;
}
