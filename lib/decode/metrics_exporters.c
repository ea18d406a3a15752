/*
 * Which exporters metrics name: settled ones, up to a limit. Metrics sum up
 * all others. decode.h has the contract.
 * Test: test/unit/decode/test_metrics_exporters.c.
 *
 * The sum must not decrease when an exporter is added, removed or evicted:
 * monitoring would take that for a restart of the daemon. So the sum excludes
 * what exporters counted while they were named: the counters of the named ones,
 * minus their values when they were added (before_listed), plus the final
 * values of those removed (was_listed).
 */
#include <stdlib.h>

#include "template_store.h"
#include "decode.h"
#include "decoder.h"
#include "peak.h"

/* Named exporters first, then the oldest. */
static int
compare_listed(const void *a, const void *b)
{
	const struct exporter *x = *(struct exporter *const *)a;
	const struct exporter *y = *(struct exporter *const *)b;

	if (x->listed != y->listed)
		return x->listed ? -1 : 1;
	return (x->first_ns > y->first_ns) - (x->first_ns < y->first_ns);
}

static void
exporter_list(struct exporters *all, struct exporter *x, bool listed)
{
	struct decode_counters c;

	if (x->listed == listed)
		return;
	x->listed = listed;
	c = exporter_peaks(x);
	counters_add(listed ? &all->before_listed : &all->was_listed, &c);
}

bool
decoder_list(struct decoder *dec, size_t most)
{
	struct exporters *all = decoder_exporters_of(dec);
	struct exporter **list = calloc(all->nsettled + 1U, sizeof(*list));
	const struct list *link, *next;
	size_t n = 0;

	if (list == NULL)
		return false;
	LIST_FOREACH(link, next, &all->rank[RANK_SETTLED])
		list[n++] = LIST_ENTRY(link, struct exporter, use);
	qsort(list, n, sizeof(*list), compare_listed);
	/* Removes before it adds. */
	while (n-- > 0)
		exporter_list(all, list[n], n < most);
	free(list);
	return true;
}

/* Adds up what can be added. */
static void
add_other(struct exporter_info *others, const struct exporter *x)
{
	others->templates += exporter_templates(x);
	others->streams += (uint32_t)x->usage[POOL_STREAMS].amount;
	if (x->last_ns > others->last_ns)
		others->last_ns = x->last_ns;
	if (x->last_valid_ns > others->last_valid_ns)
		others->last_valid_ns = x->last_valid_ns;
}

void
decoder_others(const struct decoder *dec, struct exporter_info *others)
{
	const struct exporters *all = decoder_exporters(dec);
	const struct list *link, *next;

	*others = (struct exporter_info) { .counters = all->gone,
		.sequence_unit = "" };
	peak_put(&all->gone_peak, &others->counters);
	counters_add(&others->counters, &all->before_listed);
	for (int i = 0; i < RANKS; i++)
		LIST_FOREACH(link, next, &all->rank[i]) {
			struct exporter *x =
			    LIST_ENTRY(link, struct exporter, use);
			struct decode_counters c = exporter_peaks(x);

			if (x->listed)
				continue;
			counters_add(&others->counters, &c);
			add_other(others, x);
		}
	counters_sub(&others->counters, &all->was_listed);
	others->lost_most = others->counters.lost;
	others->late_most = others->counters.late;
	others->repeated_most = others->counters.repeated;
	others->restarts_most = others->counters.restarts;
}
