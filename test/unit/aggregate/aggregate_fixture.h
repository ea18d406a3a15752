/*
 * Aggregates for tests: their plans, batches that they take in as a scan gives
 * them, and their results.
 */
#ifndef FLOWD_TEST_AGGREGATE_FIXTURE_H
#define FLOWD_TEST_AGGREGATE_FIXTURE_H

#include "aggregate.h"
#include "slow_groups.h"

static const struct zone utc = { false, 0 };
static const struct zone east = { false, SLOW_EAST_SEC };

/* --- Plans --- */

static inline struct aggregate_output
output_of(const char *key, const char *measures)
{
	struct aggregate_output o = { .key = { .unordered = -1 },
		.order = ORDER_BY_KEY };
	struct flowd_error err;

	if (key[0] != '\0' &&
	    key_parse_names(&o.key, key, tables_names(), &err) != 0)
		fail_msg("%s", err.text);
	if (measures[0] != '\0' &&
	    measures_parse(&o.measures, measures, &err) != 0)
		fail_msg("%s", err.text);
	return o;
}

static inline struct aggregate *
aggregate_of(const struct aggregate_output *o, unsigned n)
{
	const struct aggregate_plan plan = { .outputs = o,
		.noutputs = n,
		.zone = o->bin_ns != 0 ? utc : east,
		.now_ns = START_NS,
		.seed = UINT64_C(0x1234567887654321) };
	struct flowd_error err;
	struct aggregate *a = aggregate_new(&plan, &err);

	if (a == NULL)
		fail_msg("%s", err.text);
	return a;
}

static inline struct aggregate_result *
result_of(struct aggregate *a, unsigned output)
{
	struct flowd_error err;
	struct aggregate_result *r = aggregate_result(a, output, &err);

	if (r == NULL)
		fail_msg("%s", err.text);
	return r;
}

/* --- Batches, as a scan gives them to a thread --- */

struct feed {
	struct aggregate *a;
	void *state, *partial;
};

static inline void
feed_begin(struct feed *f, struct aggregate *a)
{
	struct flowd_error err;

	f->a = a;
	f->state = aggregate_consumer.begin(a, &err);
	f->partial = aggregate_consumer.partial(a, &err);
	assert_non_null(f->state);
	assert_non_null(f->partial);
}

static inline int
feed_put(struct feed *f, const struct batch *batch, struct flowd_error *err)
{
	return aggregate_consumer.batch(f->state, f->partial, batch, err);
}

static inline void
feed_take(struct feed *f, const struct batch *batch)
{
	struct flowd_error err;

	if (feed_put(f, batch, &err) != 0)
		fail_msg("%s", err.text);
}

static inline void
feed_end(struct feed *f)
{
	struct flowd_error err;

	if (aggregate_consumer.emit(f->a, f->partial, &err) != 0)
		fail_msg("%s", err.text);
	aggregate_consumer.drop(f->partial);
	aggregate_consumer.end(f->state);
}

/* Take in one batch. */
static inline void
feed_batch(struct aggregate *a, const struct batch *batch)
{
	struct feed f;

	feed_begin(&f, a);
	feed_take(&f, batch);
	feed_end(&f);
}

/* --- Looking at results --- */

static inline struct aggregate_value
row_measure(const struct aggregate_result *r, size_t row, unsigned i)
{
	struct aggregate_value v;

	aggregate_measure(r, row, i, &v);
	return v;
}

static inline uint64_t
uint_of(const struct aggregate_result *r, size_t row, unsigned i)
{
	struct aggregate_value v = row_measure(r, row, i);

	assert_int_equal(v.kind, VALUE_UINT);
	return v.uint;
}

static inline struct key_value
key_of(const struct aggregate_result *r, size_t row, unsigned part)
{
	struct key_value k = { KEY_ABSENT, 0, 0 };
	struct aggregate_value v;

	aggregate_key(r, row, part, &v);
	if (v.named)
		return (struct key_value){ KEY_PLAIN, v.number, 0 };
	switch (v.kind) {
	case VALUE_NONE:
		break;
	case VALUE_ADDR:
		k.presence = v.addr.family == ADDR_V6 ? KEY_V6 : KEY_PLAIN;
		k.lo = v.addr.family == ADDR_V6 ? v.addr.v6.lo : v.addr.v4;
		k.hi = v.addr.family == ADDR_V6 ? v.addr.v6.hi : 0;
		break;
	case VALUE_TIME:
		k = (struct key_value){ KEY_PLAIN, (uint64_t)v.ns, 0 };
		break;
	default:
		k = (struct key_value){ KEY_PLAIN, v.uint, 0 };
		break;
	}
	return k;
}

/* A flow of ten octets a row. */
static inline struct batch *
flows_of(size_t n)
{
	struct batch *batch = batch_new(BATCH_ROWS);

	(void)batch_append(batch, n);
	for (size_t row = 0; row < n; row++) {
		batch_set_uint(batch, COL_recv_time, row, (uint64_t)START_NS);
		batch_set_uint(batch, COL_octets, row, 10);
	}
	return batch;
}

static inline void
set_host(struct batch *batch, unsigned col, size_t row, uint32_t host)
{
	struct addr a = addr_from_v4(0x0a000000 | host);

	batch_set_addr(batch, col, row, &a);
}

#endif
