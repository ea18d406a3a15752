/*
 * What options data state for a scope (scope.h): a sampling rate, or when the
 * exporter started.
 *
 *	stated		a value, of a stream, for one scope
 *	form		the elements of which scopes of an exporter consist
 *	peers		what streams of an exporter state for the same scope
 *
 * A flow is looked up by each form of its exporter, the narrowest first: a
 * sampler before an interface, a line card, a template, all of the exporter.
 * Of a scope that counts which the flow's own stream stated; else what other
 * ports of its observation domain did, unless they bring flows themselves, as
 * there may be two exporters; else what other domains of the exporter did. It
 * counts when they all state the same. The number of a template means nothing
 * in another domain.
 *
 * The values themselves are in scoped_value.h.
 * Called by options_data.c, sampling.c and stream.c.
 * Test: test/unit/decode/test_scoped_store.c.
 */
#ifndef FLOWD_SCOPED_STORE_H
#define FLOWD_SCOPED_STORE_H

#include "exporter.h"
#include "rate.h"

void scope_types_init(struct scope_types *types);

/*
 * Note what s stated. The stream's counters tell what had to go for it, or
 * that there is no room.
 */
void scoped_set(struct exporters *all, struct stream *s,
    enum scoped_kind kind, const struct scope *scope, uint64_t value,
    int64_t now_ns);
/* s brings flows: see above. */
void scoped_stop_sharing(struct exporters *all, struct stream *s);
/* Forget all that s stated. */
void scoped_drop(struct exporters *all, struct stream *s);

/*
 * What holds for each of the flows of s, or NULL: found[0] for the first, and
 * so on. Without a batch only scopes that all flows of a data set are in alike
 * are looked at.
 */
void scoped_find(struct exporters *all, const struct stream *s,
    enum scoped_kind kind, const struct scope_flows *flows,
    struct scoped_value *found[SCOPE_ROWS]);

/* The scope of a stated value. */
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
