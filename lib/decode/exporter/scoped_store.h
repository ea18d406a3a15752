/*
 * Values that options data state for a scope (scope.h): a sampling rate, or
 * when the exporter started.
 *
 *	scoped value	a value of a stream for one scope
 *	scope type	the elements of scopes, without their values
 *	peers		values of an exporter's streams for the same scope
 *
 * A flow is looked up by each scope type of its exporter, the most specific
 * first: sampler, interface, line card, template, whole exporter. The value of
 * the flow's own stream applies; else that of other ports of its observation
 * domain, unless these send flows themselves and so may be other exporters;
 * else that of other domains. Several values apply only if all agree. A
 * template id has no meaning in another domain.
 *
 * scoped_value.h has the data. options_data.c, sampling.c and stream.c use it.
 * Test: test/unit/decode/test_scoped_store.c.
 */
#ifndef FLOWD_SCOPED_STORE_H
#define FLOWD_SCOPED_STORE_H

#include "exporter.h"
#include "rate.h"

void scope_types_init(struct scope_types *types);

/*
 * Sets a value of s. The counters of the stream count evictions and refusals.
 */
void scoped_set(struct exporters *all, struct stream *s,
    enum scoped_kind kind, const struct scope *scope, uint64_t value,
    int64_t now_ns);
/* s sends flows: other streams do not use its values any more. */
void scoped_stop_sharing(struct exporters *all, struct stream *s);
/* Removes all values of s. */
void scoped_drop(struct exporters *all, struct stream *s);

/*
 * The values that apply to flows of s, or NULL: found[0] for the first flow,
 * and so on. Without a batch, only considers scopes that are the same for a
 * data set.
 */
void scoped_find(struct exporters *all, const struct stream *s,
    enum scoped_kind kind, const struct scope_flows *flows,
    struct scoped_value *found[SCOPE_ROWS]);

/* The scope of a value. */
void scoped_scope(const struct scoped_value *st, struct scope *scope);

static inline uint64_t
scoped_from_rate(struct rate rate)
{
	return (uint64_t)rate.algorithm << 32 | rate.interval;
}

static inline struct rate
scoped_rate(uint64_t value)
{
	return (struct rate) { .interval = (uint32_t)value,
		.algorithm = (uint8_t)(value >> 32) };
}

#endif
