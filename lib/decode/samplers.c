/*
 * Sampling that options data tells of, with samplers within their limits; see
 * exporter.h. Test: test_exporter.c.
 */
#include "exporter.h"

void
samplers_drop(struct exporters *all, struct stream *s)
{
	pool_sub(&all->pool[POOL_SAMPLERS],
	    &s->exporter->stake[POOL_SAMPLERS], s->sampling.nsamplers);
	sampling_fini(&s->sampling);
}

/* All of the exporter's: those that are still in use are told again. */
static void
samplers_evict(struct exporters *all, const struct exporter *x)
{
	const struct list *link, *next;

	LIST_FOREACH(link, next, &x->streams) {
		struct stream *s = LIST_ENTRY(link, struct stream, use);

		if (s->sampling.nsamplers == 0)
			continue;
		s->counters.evicted_samplers += s->sampling.nsamplers;
		limit_hit(all, x, &s->counters, DECODER_LIMIT_samplers);
		samplers_drop(all, s);
	}
}

/*
 * Samplers that the stream may have: one more, if there is room; limit is the
 * one that there is not.
 */
static unsigned
samplers_allowed(struct exporters *all, struct stream *s, unsigned *limit)
{
	struct pool *pool = &all->pool[POOL_SAMPLERS];
	struct stake *stake = &s->exporter->stake[POOL_SAMPLERS], *payer;
	uint64_t most = all->limits.stream_samplers;

	*limit = DECODER_LIMIT_stream_samplers;
	if (s->sampling.nsamplers >= most)
		return s->sampling.nsamplers;
	*limit = DECODER_LIMIT_samplers;
	while (!pool_has_room(pool, stake, 1)) {
		payer = pool_payer(pool, stake, 1);
		if (payer == NULL || payer == stake)
			return s->sampling.nsamplers;
		samplers_evict(all, payer->owner);
	}
	return s->sampling.nsamplers + 1U;
}

static bool
is_new_sampler(const struct stream *s, const struct option_values *v)
{
	return v->has_sampler && v->sampling.interval != 0 &&
	    sampling_find(&s->sampling, v->sampler_id) == NULL;
}

void
sampling_set(struct exporters *all, struct stream *s,
    const struct option_values *v)
{
	unsigned before = s->sampling.nsamplers, most = before, limit = 0;
	int changed;

	if (is_new_sampler(s, v))
		most = samplers_allowed(all, s, &limit);
	changed = sampling_learn(&s->sampling, v, most);
	if (changed < 0) {
		s->counters.refused_samplers++;
		if (most == before)
			limit_hit(all, s->exporter, &s->counters, limit);
	}
	if (changed > 0)
		all->generation++;
	pool_add(&all->pool[POOL_SAMPLERS],
	    &s->exporter->stake[POOL_SAMPLERS],
	    s->sampling.nsamplers - before);
}
