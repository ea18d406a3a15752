/* Exporters; see exporter.h. Test: test_exporter.c. */
#include <stdlib.h>
#include <string.h>

#include "exporter.h"

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
	const uint64_t limit[POOLS] = {
		[POOL_STREAMS] = all->limits.streams,
		[POOL_TEMPLATES] = all->limits.template_octets,
		[POOL_NAMES] = all->limits.name_octets,
		[POOL_SAMPLERS] = all->limits.samplers,
		[POOL_EARLY] = all->limits.early_octets,
	};

	for (int i = 0; i < POOLS; i++)
		pool_init(&all->pool[i], limit[i]);
}

bool
exporters_init(struct exporters *all, const struct decoder_limits *limits,
    uint64_t seed)
{
	memset(all, 0, sizeof(*all));
	limits_init(&all->limits, limits);
	pools_init(all);
	all->seed = seed;
	all->flows_per_octet = ((UINT64_C(1) << 32) +
				   all->limits.flow_octets - 1) /
	    all->limits.flow_octets;
	for (int i = 0; i < RANKS; i++)
		list_init(&all->rank[i]);
	list_init(&all->settled);
	list_init(&all->early);
	list_init(&all->ready);
	return map_init(&all->by_addr) && map_init(&all->streams) &&
	    map_init(&all->templates) && map_init(&all->kin) &&
	    map_init(&all->names) && map_init(&all->queues);
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
	list_remove(&x->settled);
	if (x->rank == RANK_SETTLED)
		all->nsettled--;
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
	map_fini(&all->by_addr);
	map_fini(&all->streams);
	map_fini(&all->templates);
	map_fini(&all->kin);
	map_fini(&all->names);
	map_fini(&all->queues);
}

/* The settled exporter that can best be spared, or NULL. */
static struct exporter *
settled_victim(struct exporters *all, int64_t now_ns)
{
	struct list *last = list_last(&all->rank[RANK_SETTLED]);
	struct exporter *x;

	if (last == NULL)
		return NULL;
	x = LIST_ENTRY(last, struct exporter, use);
	if (now_ns - x->last_ns > ms_to_ns(all->limits.idle_ms))
		return x;
	return LIST_ENTRY(all->settled.next, struct exporter, settled);
}

/* Forget the one that can best be spared. */
static void
exporter_evict(struct exporters *all, int64_t now_ns)
{
	struct exporter *x = NULL;
	struct list *last;

	for (int i = 0; i < RANK_SETTLED && x == NULL; i++) {
		last = list_last(&all->rank[i]);
		if (last != NULL)
			x = LIST_ENTRY(last, struct exporter, use);
	}
	if (x == NULL)
		x = settled_victim(all, now_ns);
	all->evicted++;
	all->evicted_settled += x->rank == RANK_SETTLED;
	exporter_remove(all, x);
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

	while (all->by_addr.count >= all->limits.exporters)
		exporter_evict(all, now_ns);
	x = calloc(1, sizeof(*x));
	if (x == NULL)
		return NULL;
	x->addr = *addr;
	x->first_ns = now_ns;
	list_init(&x->streams);
	list_init(&x->trial);
	list_init(&x->templates);
	list_init(&x->names);
	list_init(&x->early);
	list_init(&x->settled);
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
exporter_rank(struct exporters *all, struct exporter *x, enum rank rank)
{
	if (x->rank >= rank)
		return;
	x->rank = (uint8_t)rank;
	list_remove(&x->use);
	list_insert_first(&all->rank[rank], &x->use);
	for (int i = 0; i < POOLS; i++)
		pool_rank(&all->pool[i], &x->stake[i], rank);
	if (rank != RANK_SETTLED)
		return;
	list_insert_first(&all->settled, &x->settled);
	all->nsettled++;
	all->generation++;
}

/*
 * Time counts, not only the number: made-up senders cannot all be kept up for
 * long, as they push each other out before.
 */
bool
tenure_step(struct tenure *t, const struct exporters *all, int64_t now_ns)
{
	if (t->steps == 0 || now_ns - t->last_ns >= ms_to_ns(1000)) {
		t->steps++;
		t->last_ns = now_ns;
	}
	return t->steps >= all->limits.settle_messages;
}

void
exporter_went_on(struct exporters *all, struct exporter *x, int64_t now_ns)
{
	if (x->rank == RANK_SETTLED || !tenure_step(&x->tenure, all, now_ns))
		return;
	if (x->rank == RANK_NEWCOMER &&
	    now_ns - x->first_ns >= ms_to_ns(all->limits.settle_ms))
		exporter_rank(all, x, RANK_SETTLED);
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
