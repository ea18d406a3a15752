/*
 * Random batches for the tests of aggregation: flows that lack any of their
 * columns, of which some are not selected. What a row lacks is garbage in the
 * arrays, as the contract of the batch allows.
 */
#ifndef FLOWD_TEST_RANDOM_FLOWS_H
#define FLOWD_TEST_RANDOM_FLOWS_H

#include "../random.h"
#include "batch.h"

#define SECOND_NS INT64_C(1000000000)
#define START_NS (INT64_C(1700000000) * SECOND_NS)

/* How batches are; in 256, each. */
struct random_flows {
	struct random random;
	unsigned gaps; /* values that rows lack */
	unsigned v6; /* addresses that are of IPv6 */
	unsigned unselected;
	unsigned hosts; /* how many there are of a family */
	int64_t longest_ns; /* flows */
};

static inline bool
random_flows_chance(struct random_flows *b, unsigned in256)
{
	return random_u32(&b->random) % 256 < in256;
}

static inline struct addr
random_flows_addr(struct random_flows *b)
{
	uint32_t host = random_u32(&b->random) % b->hosts;

	if (random_flows_chance(b, b->v6))
		return addr_from_v6((struct addr6){
		    UINT64_C(0x20010db800000000) | host / 7 << 8, host % 7 });
	return addr_from_v4(0x0a000000 + host * 0x25);
}

static inline int64_t
random_flows_time(struct random_flows *b)
{
	return START_NS +
	    (int64_t)(random_u64(&b->random) % (7200 * (uint64_t)SECOND_NS));
}

/* A value that makes groups: few ports and protocols, octets of any size. */
static inline uint64_t
random_flows_uint(struct random_flows *b, unsigned col)
{
	static const uint16_t ports[] = { 0, 22, 53, 80, 443, 49151, 49152,
		60000, 65535 };
	static const uint8_t protocols[] = { 0, 1, 6, 17, 47, 58 };
	struct random *r = &b->random;

	switch (col) {
	case COL_src_port:
	case COL_dst_port:
		return ports[random_u32(r) % 9];
	case COL_protocol:
		return protocols[random_u32(r) % 6];
	case COL_octets:
	case COL_packets:
		return random_bits(r) >> 8;
	case COL_sampling_interval:
		return random_u32(r) % 4 * 100 / (1 + random_u32(r) % 2);
	default:
		return random_u64(r) % 5;
	}
}

static inline void
random_flows_put(
    struct random_flows *b, struct batch *batch, unsigned col, size_t row)
{
	struct addr a;

	switch (column_info[col].type) {
	case COLUMN_BYTES:
		return;
	case COLUMN_ADDR:
		a = random_flows_addr(b);
		batch_set_addr(batch, col, row, &a);
		return;
	case COLUMN_TIME:
		batch_set_uint(batch, col, row, (uint64_t)random_flows_time(b));
		return;
	default:
		batch_set_uint(batch, col, row, random_flows_uint(b, col));
		return;
	}
}

/* Begin and end, of which the end is seldom before the begin. */
static inline void
random_flows_put_times(struct random_flows *b, struct batch *batch, size_t row)
{
	int64_t begin = random_flows_time(b);
	int64_t len = (int64_t)(random_u64(&b->random) %
	    ((uint64_t)b->longest_ns + 1));

	if (random_flows_chance(b, 4))
		len = -len;
	if (random_flows_chance(b, 16))
		len = 0;
	if (!random_flows_chance(b, b->gaps))
		batch_set_uint(batch, COL_flow_start, row, (uint64_t)begin);
	if (!random_flows_chance(b, b->gaps))
		batch_set_uint(
		    batch, COL_flow_end, row, (uint64_t)(begin + len));
}

/* Octets of a value of a column in its array. */
static inline size_t
random_flows_width(unsigned type)
{
	static const uint8_t width[] = { [COLUMN_U8] = 1, [COLUMN_U16] = 2,
		[COLUMN_U32] = 4, [COLUMN_ADDR] = 4 };

	return type < sizeof(width) && width[type] != 0 ? width[type] : 8;
}

/* Garbage in all arrays; of a column without a value in any bit as well. */
static inline void
random_flows_spoil(struct random_flows *b, struct batch *batch, size_t n)
{
	for (unsigned col = 0; col < COL_COUNT; col++) {
		struct column *c = &batch->col[col];
		size_t len =
		    batch->cap * random_flows_width(column_info[col].type);

		for (size_t i = 0; i < len; i += sizeof(uint64_t)) {
			uint64_t garbage = random_u64(&b->random);

			memcpy(c->u8 + i, &garbage, sizeof(garbage));
		}
		if (column_info[col].type != COLUMN_ADDR)
			continue;
		for (size_t i = 0; i < batch->cap; i++)
			c->v6[i] = (struct addr6){ random_u64(&b->random),
				random_u64(&b->random) };
		bitmap_clear_range(c->is6, 0, batch->cap);
		for (size_t i = 0; i < n; i++)
			if (random_u32(&b->random) % 2 == 0)
				bitmap_set(c->is6, i);
	}
}

/* Make a batch of n rows, with these columns and times of flows. */
static inline void
random_flows_fill(struct random_flows *b, struct batch *batch, size_t n,
    struct colset columns)
{
	batch_reset(batch);
	(void)batch_append(batch, n);
	random_flows_spoil(b, batch, n);
	for (size_t row = 0; row < n; row++) {
		if (random_flows_chance(b, b->unselected))
			bitmap_clear(batch->selected, row);
		random_flows_put_times(b, batch, row);
		for (unsigned col = 0; col < COL_COUNT; col++)
			if (colset_has(&columns, col) &&
			    !random_flows_chance(b, b->gaps))
				random_flows_put(b, batch, col, row);
	}
}

/* Addresses of a batch, each once. */
struct random_flows_table {
	uint32_t v4[2 * BATCH_ROWS];
	uint64_t v6_hi[2 * BATCH_ROWS], v6_lo[2 * BATCH_ROWS];
	size_t n4, n6;
};

static inline size_t
random_flows_table_find(
    struct random_flows_table *t, const struct addr *a, bool add)
{
	size_t i;

	if (a->family == ADDR_V4) {
		for (i = 0; i < t->n4 && t->v4[i] != a->v4; i++)
			continue;
		if (i == t->n4 && add)
			t->v4[t->n4++] = a->v4;
		return i;
	}
	for (i = 0; i < t->n6 &&
	     (t->v6_hi[i] != a->v6.hi || t->v6_lo[i] != a->v6.lo);
	     i++)
		continue;
	if (i == t->n6 && add) {
		t->v6_hi[i] = a->v6.hi;
		t->v6_lo[i] = a->v6.lo;
		t->n6++;
	}
	return t->n4 + i;
}

/*
 * Make a copy of a batch that has source and destination addresses as numbers,
 * as the reader of a log gives it to who asks for that.
 */
static inline void
random_flows_number(struct random_flows *b, const struct batch *from,
    struct batch *to, struct random_flows_table *t)
{
	static const uint8_t cols[] = { COL_src_addr, COL_dst_addr };
	static uint64_t serial;

	t->n4 = t->n6 = 0;
	batch_reset(to);
	(void)batch_append(to, from->nrows);
	random_flows_spoil(b, to, from->nrows);
	memcpy(to->selected, from->selected,
	    bitmap_words(from->nrows) * sizeof(uint64_t));
	for (unsigned col = 0; col < COL_COUNT; col++)
		for (size_t row = 0; row < from->nrows; row++) {
			struct addr a;

			if (!batch_has(from, col, row))
				continue;
			if (column_info[col].type != COLUMN_ADDR) {
				batch_set_uint(to, col, row,
				    batch_uint(from, col, row));
				continue;
			}
			a = batch_addr(from, col, row);
			batch_set_addr(to, col, row, &a);
		}
	for (unsigned pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < 2 * from->nrows; i++) {
			unsigned col = cols[i % 2];
			struct addr a = batch_addr(from, col, i / 2);

			if (a.family == ADDR_NONE)
				continue;
			to->col[col].u32[i / 2] = (uint32_t)
			    random_flows_table_find(t, &a, pass == 0);
			bitmap_clear(to->col[col].is6, i / 2);
		}
	for (unsigned i = 0; i < 2; i++)
		colset_add(&to->numbered, cols[i]);
	to->table = (struct address_table){ .n = t->n4 + t->n6,
		.n4 = t->n4,
		.v4 = t->v4,
		.v6_hi = t->v6_hi,
		.v6_lo = t->v6_lo,
		.serial = ++serial };
}

/* What tests look at, without begin and end. */
static inline struct colset
random_flows_columns(void)
{
	static const uint8_t cols[] = { COL_recv_time, COL_tag, COL_agent_addr,
		COL_src_addr, COL_dst_addr, COL_src_port, COL_dst_port,
		COL_protocol, COL_octets, COL_packets, COL_if_in, COL_if_out,
		COL_src_as, COL_dst_as, COL_src_mac, COL_dst_mac,
		COL_sampling_interval, COL_sampler_id, COL_event_time };
	struct colset set = { { 0, 0 } };

	for (size_t i = 0; i < sizeof(cols); i++)
		colset_add(&set, cols[i]);
	return set;
}

#endif
