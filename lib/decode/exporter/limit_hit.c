/* Effects of limits; see limit_hit.h. Test: test_exporter.c. */
#include "limit_hit.h"

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
