/* Exporters; see exporter.h. */
#include <stdlib.h>
#include <string.h>

#include "exporter.h"

static const struct decoder_limits default_limits = {
	.exporters = 4096,
	.streams = 16384,
	.exporter_streams = 256,
	.stream_templates = 1024,
	.template_octets = 32 * 1024 * 1024,
	.exporter_names = 16384,
	.name_octets = 16 * 1024 * 1024,
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

#define LIMIT(name) \
	if (all->limits.name == 0) \
		all->limits.name = default_limits.name

bool
exporters_init(struct exporters *all, const struct decoder_limits *limits,
    uint64_t seed)
{
	memset(all, 0, sizeof(*all));
	if (limits != NULL)
		all->limits = *limits;
	LIMIT(exporters);
	LIMIT(streams);
	LIMIT(exporter_streams);
	LIMIT(stream_templates);
	LIMIT(template_octets);
	LIMIT(exporter_names);
	LIMIT(name_octets);
	all->seed = seed;
	list_init(&all->proven);
	list_init(&all->unproven);
	return map_init(&all->by_addr) && map_init(&all->streams) &&
	    map_init(&all->templates) && map_init(&all->names);
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
	counters_add(&all->gone, &x->counters);
	free(x);
}

void
exporters_fini(struct exporters *all)
{
	struct list *both[] = { &all->unproven, &all->proven };
	struct list *link, *next;

	for (size_t i = 0; i < 2 && both[i]->next != NULL; i++)
		LIST_FOREACH(link, next, both[i])
			exporter_remove(all,
			    LIST_ENTRY(link, struct exporter, use));
	map_fini(&all->by_addr);
	map_fini(&all->streams);
	map_fini(&all->templates);
	map_fini(&all->names);
}

bool
exporter_evict(struct exporters *all, const struct exporter *keep)
{
	struct list *both[] = { &all->unproven, &all->proven };
	const struct list *spared = keep != NULL ? &keep->use : NULL;

	for (size_t i = 0; i < 2; i++) {
		struct list *last = both[i]->prev;

		if (last == spared)
			last = last->prev;
		if (last == both[i])
			continue;
		exporter_remove(all, LIST_ENTRY(last, struct exporter, use));
		all->evicted++;
		return true;
	}
	return false;
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

/* The last one used, if it is this: datagrams come in runs. */
static struct exporter *
exporter_last(struct exporters *all, const struct addr *addr)
{
	struct exporter *x;

	if (list_empty(&all->proven))
		return NULL;
	x = LIST_ENTRY(all->proven.next, struct exporter, use);
	return addr_equal(&x->addr, addr) ? x : NULL;
}

struct exporter *
exporter_get(struct exporters *all, const struct addr *addr)
{
	struct exporter *x = exporter_last(all, addr);
	uint64_t hash;

	if (x != NULL)
		return x;
	hash = addr_hash(all, addr);
	for (struct map_node *n = map_first(&all->by_addr, hash); n != NULL;
	    n = map_same(n)) {
		x = LIST_ENTRY(n, struct exporter, node);
		if (!addr_equal(&x->addr, addr))
			continue;
		list_use(x->proven ? &all->proven : &all->unproven, &x->use);
		return x;
	}
	while (all->by_addr.count >= all->limits.exporters)
		if (!exporter_evict(all, NULL))
			return NULL;
	x = calloc(1, sizeof(*x));
	if (x == NULL)
		return NULL;
	x->addr = *addr;
	list_init(&x->streams);
	list_init(&x->templates);
	list_init(&x->names);
	list_insert_first(&all->unproven, &x->use);
	map_insert(&all->by_addr, &x->node, hash);
	return x;
}

void
exporter_prove(struct exporters *all, struct exporter *x)
{
	if (x->proven)
		return;
	x->proven = true;
	list_remove(&x->use);
	list_insert_first(&all->proven, &x->use);
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
