/*
 * Blocks of columnar logs: what goes in comes out, in its order, for columns
 * of every kind; what the head says; the example of flowd-log(5), octet for
 * octet; that nothing that was changed is taken for good.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "random_columns.h"
#include "block_reader.h"
#include "block_writer.h"

enum {
	BATCHES = 40,
	BUF = 256 * 1024 * 1024
};

static const struct colset all_columns = { { ~UINT64_C(0), ~UINT64_C(0) } };

static struct block_writer *
writer_new(enum compression compression, size_t rows)
{
	struct block_options o = { .compression = compression, .rows = rows,
		.seed = 99 };
	struct block_writer *w = block_writer_new(&o);

	assert_non_null(w);
	return w;
}

/* Add a batch, and finish blocks when they are full. */
static void
writer_add(struct block_writer *w, const struct batch *batch, struct buf *out)
{
	size_t row = block_writer_add(w, batch, 0);

	while (row < batch->nrows) {
		assert_true(block_writer_finish(w, out) > 0);
		row = block_writer_add(w, batch, row);
	}
}

/* Rows of batches that were selected, one after the other. */
struct rows {
	struct batch **batch;
	size_t n, at, row;
};

static bool
rows_next(struct rows *r)
{
	for (; r->at < r->n; r->at++, r->row = 0) {
		r->row = bitmap_next(r->batch[r->at]->selected, r->row,
		    r->batch[r->at]->nrows);
		if (r->row < r->batch[r->at]->nrows)
			return true;
	}
	return false;
}

/* A batch of a block must be the next rows; two calls may fill columns. */
static size_t
check_rows(struct block_reader *reader, size_t first, bool twice,
    struct batch *batch, struct rows *want)
{
	struct colset some = all_columns;
	size_t n;

	if (twice)
		some.word[0] &= UINT64_C(0x5555555555555555);
	batch_reset(batch);
	n = block_reader_rows(reader, first, BATCH_ROWS, some, batch);
	block_reader_more(reader, all_columns, batch);
	assert_true(n > 0);
	assert_int_equal(n, batch->nrows);
	for (size_t i = 0; i < n; i++, want->row++) {
		int col;

		assert_true(rows_next(want));
		col = random_columns_differ(
		    want->batch[want->at], want->row, batch, i);
		if (col >= 0)
			fail_msg("%s differs in row %zu",
			    column_info[col].name, first + i);
	}
	return n;
}

static void
check_blocks(struct bytes in, struct rows *want)
{
	struct block_reader *reader = block_reader_new();
	struct batch *batch = batch_new(BATCH_ROWS);
	static struct block b;
	struct flowd_error err;

	for (unsigned i = 0; in.len > 0; i++) {
		assert_int_equal(block_parse(in, &b, &err), 0);
		assert_int_equal(block_verify(&b, &err), 0);
		block_reader_begin(reader, &b);
		assert_int_equal(
		    block_reader_open(reader, all_columns, &err), 0);
		for (size_t at = 0; at < b.nrows;)
			at += check_rows(reader, at, i % 2 != 0, batch, want);
		in.ptr += b.all.len;
		in.len -= b.all.len;
	}
	assert_false(rows_next(want));
	block_reader_free(reader);
	batch_free(batch);
}

static void
round_trip(uint64_t seed, enum compression compression, size_t rows)
{
	struct batch *batch[BATCHES];
	struct block_writer *w = writer_new(compression, rows);
	struct rows want = { batch, BATCHES, 0, 0 };
	struct random_columns b;
	struct buf out;

	random_columns_init(&b, seed);
	buf_init(&out, BUF);
	for (size_t i = 0; i < BATCHES; i++) {
		/* Another exporter: other columns from here on. */
		if (i == BATCHES / 2 && seed % 3 == 0)
			random_columns_init(&b, seed + 1000);
		batch[i] = batch_new(BATCH_ROWS);
		random_columns_fill(&b, batch[i],
		    1 + random_u32(&b.random) % 300, seed % 2 != 0);
		writer_add(w, batch[i], &out);
	}
	assert_true(block_writer_finish(w, &out) >= 0);
	check_blocks((struct bytes){ out.ptr, out.len }, &want);
	for (size_t i = 0; i < BATCHES; i++)
		batch_free(batch[i]);
	buf_fini(&out);
	block_writer_free(w);
}

static void
block_gives_back_what_was_written(void **unused)
{
	(void)unused;
	for (uint64_t seed = 1; seed <= 24; seed++)
		for (int c = COMPRESS_NONE; c <= COMPRESS_ZSTD; c++)
			round_trip(seed, (enum compression)c, 0);
}

static void
block_takes_so_many_rows_as_it_is_told(void **unused)
{
	(void)unused;
	round_trip(77, COMPRESS_LZ4, 1);
	round_trip(78, COMPRESS_ZSTD, 64);
	round_trip(79, COMPRESS_ZSTD, 1000);
}

/* A few elements, some of them twice, of any length. */
static void
set_elements(struct random *r, struct batch *batch, size_t row)
{
	static const uint16_t lens[] = { 0, 1, 4, 16, 300 };
	static const uint32_t pens[] = { 0, 9, 29305 };
	size_t n = random_u32(r) % 6, len = 0;
	uint8_t *p = batch_heap_take(batch, n * (OTHER_HEAD + 300));

	if (p == NULL)
		return;
	batch->col[COL_other].span[row].off = (uint32_t)(p - batch->heap);
	for (size_t i = 0; i < n; i++) {
		uint16_t value = lens[random_u32(r) % 5];

		other_put_head(p + len, pens[random_u32(r) % 3],
		    (uint16_t)(random_u32(r) % 3), value);
		memset(p + len + OTHER_HEAD, (int)random_u32(r), value);
		len += OTHER_HEAD + (size_t)value;
	}
	batch->col[COL_other].span[row].len = (uint32_t)len;
	batch_mark(batch, COL_other, row, 1);
}

/* What is left of a list, entry by entry. */
static size_t
left_of(struct bytes list, const struct other_filter *f, uint8_t *out)
{
	size_t len = 0;

	for (size_t at = 0; at < list.len;) {
		const uint8_t *e = list.ptr + at;
		size_t n = OTHER_HEAD + (size_t)load_be16(e + 6);

		if (other_filter_has(f, load_be32(e), load_be16(e + 4))) {
			memcpy(out + len, e, n);
			len += n;
		}
		at += n;
	}
	return len;
}

static void
check_kept(const struct batch *from, size_t row, const struct batch *got,
    size_t at, const struct block_options *o)
{
	static uint8_t want[8192];
	struct bytes list;
	size_t len;

	for (unsigned i = 0; i < COL_COUNT; i++) {
		if (!colset_has(o->columns, i))
			assert_false(batch_has(got, i, at));
		else if (i != COL_other)
			assert_true(
			    random_columns_same_value(from, row, got, at, i));
	}
	if (!colset_has(o->columns, COL_other))
		return;
	len = left_of(batch_bytes(from, COL_other, row), o->elements, want);
	list = batch_bytes(got, COL_other, at);
	assert_int_equal(list.len, len);
	assert_int_equal(batch_has(got, COL_other, at), len > 0);
	assert_memory_equal(list.ptr != NULL ? list.ptr : want, want, len);
}

static void
keep_some(uint64_t seed, bool sparse)
{
	struct random r = { .state = seed * 77 + 1 };
	struct other_id ids[] = { { 0, 1 }, { 9, 0 }, { 9, 2 } };
	struct other_filter elements = { .n = random_u32(&r) % 4, .ids = ids };
	struct colset columns = { { random_u64(&r), random_u64(&r) } };
	struct block_options o = { .compression = COMPRESS_LZ4,
		.columns = &columns, .elements = &elements };
	struct block_reader *reader = block_reader_new();
	struct block_writer *w;
	struct batch *from = batch_new(BATCH_ROWS);
	struct batch *got = batch_new(BATCH_ROWS);
	static struct block block;
	struct random_columns b;
	struct buf out;
	size_t at = 0;

	colset_add(&columns, COL_recv_time);
	w = block_writer_new(&o);
	assert_non_null(w);
	random_columns_init(&b, seed);
	b.col[COL_other].used = false;
	random_columns_fill(&b, from, 1000, sparse);
	for (size_t row = 0; row < from->nrows; row++)
		if (seed % 4 == 0 || random_u32(&r) % 5 != 0)
			set_elements(&r, from, row);
	buf_init(&out, BUF);
	assert_int_equal(block_writer_add(w, from, 0), from->nrows);
	assert_int_equal(block_writer_finish(w, &out),
	    (int)bitmap_count(from->selected, from->nrows));
	assert_int_equal(block_parse((struct bytes){ out.ptr, out.len },
	    &block, NULL), 0);
	block_reader_begin(reader, &block);
	assert_int_equal(block_reader_open(reader, all_columns, NULL), 0);
	assert_int_equal(block_reader_rows(reader, 0, BATCH_ROWS, all_columns,
	    got), block.nrows);
	for (size_t row = 0; row < from->nrows; row++)
		if (bitmap_test(from->selected, row))
			check_kept(from, row, got, at++, &o);
	buf_fini(&out);
	batch_free(from);
	batch_free(got);
	block_reader_free(reader);
	block_writer_free(w);
}

static void
block_leaves_out_what_is_not_kept(void **unused)
{
	(void)unused;
	for (uint64_t seed = 1; seed <= 40; seed++)
		keep_some(seed, seed % 2 != 0);
}

/*
 * What the rows of an exporter of version 5 are like, from row number on; all
 * that can follow does, or one column does not.
 */
static void
fill_like_v5(struct random *r, struct batch *batch, size_t n, size_t number,
    bool follows, unsigned odd)
{
	static const unsigned uints[] = { COL_src_as, COL_dst_as, COL_src_mask,
		COL_dst_mask, COL_if_in, COL_if_out };
	size_t first = batch_append(batch, n);

	for (size_t row = first; row < first + n; row++, number++) {
		uint32_t now = 5000000 + (uint32_t)(number / 30);
		uint32_t by = now - random_u32(r) % 60000;
		uint64_t agent = UINT64_C(1700000000000000000) +
		    now * UINT64_C(1000000);
		bool is_new[2];
		struct addr a[2];

		for (unsigned i = 0; i < 2; i++) {
			uint32_t at = random_u32(r) % 500;

			is_new[i] = number > 9000 && random_u32(r) % 50 == 0;
			at += is_new[i] ? 1000 : 0;
			a[i] = at % 10 == 0
			    ? addr_from_v6((struct addr6){ 77, at })
			    : addr_from_v4(at * 2654435761U);
			batch_set_addr(batch, i == 0 ? COL_src_addr
						     : COL_dst_addr,
			    row, &a[i]);
		}
		for (unsigned i = 0; i < 6; i++) {
			const struct addr *by_addr = &a[i % 2];
			uint64_t v = by_addr->family == ADDR_V4
			    ? by_addr->v4 >> 25
			    : by_addr->v6.lo & 31;

			/* A miss; and what no table can have. */
			if (odd % 4 != 0 && random_u32(r) % 5000 == 0)
				v++;
			if (odd % 4 == 0 && i >= 4 && is_new[i % 2])
				v = UINT32_MAX;
			batch_set_uint(batch, uints[i], row,
			    follows || i != odd ? v : random_u32(r) % 100);
		}
		a[1] = addr_from_v4(0x0a000000 + (a[1].v4 & 3));
		batch_set_addr(batch, COL_next_hop, row, &a[1]);
		batch_set_uint(batch, COL_agent_time, row, agent);
		batch_set_uint(batch, COL_sys_uptime_ms, row, now);
		batch_set_uint(batch, COL_flow_end_uptime_ms, row, by);
		batch_set_uint(batch, COL_flow_end, row,
		    agent - (now - by) * UINT64_C(1000000) + !follows);
		batch_set_uint(batch, COL_octets, row,
		    follows ? random_u32(r) : random_u64(r));
	}
}

/* Columns follow for some batches, or all; then they do, or gaps come. */
static void
round_trip_v5(unsigned seed, enum compression compression)
{
	struct batch *batch[BATCHES];
	struct block_writer *w = writer_new(compression, 0);
	struct rows want = { batch, BATCHES, 0, 0 };
	struct random r = { seed + 1 };
	struct buf out;

	buf_init(&out, BUF);
	for (size_t i = 0; i < BATCHES; i++) {
		size_t n = 1 + random_u32(&r) % 300;

		batch[i] = batch_new(BATCH_ROWS);
		fill_like_v5(&r, batch[i], n, i * 300,
		    seed % 4 == 0 || i < BATCHES / 2, seed / 4);
		for (size_t k = 0; seed % 4 >= 2 && k < n; k += 3)
			bitmap_clear(batch[i]->selected, k);
		for (unsigned col = 0; seed % 4 == 3 && i > 30 &&
		     col < COL_COUNT; col += 1 + seed % 3)
			if (colset_has(&batch[i]->used, col))
				bitmap_clear(batch[i]->col[col].valid, n / 2);
		writer_add(w, batch[i], &out);
		if (i == 5 || i == 25)
			assert_true(block_writer_finish(w, &out) >= 0);
	}
	assert_true(block_writer_finish(w, &out) >= 0);
	check_blocks((struct bytes){ out.ptr, out.len }, &want);
	for (size_t i = 0; i < BATCHES; i++)
		batch_free(batch[i]);
	buf_fini(&out);
	block_writer_free(w);
}

static void
block_gives_back_columns_that_follow_for_a_while(void **unused)
{
	(void)unused;
	for (unsigned seed = 0; seed < 24; seed++)
		round_trip_v5(seed, (enum compression)(seed % 3));
}

/* Is the address in a run of rows? What the values say. */
static bool
has_addr(const struct batch *batch, unsigned col, size_t first, size_t n,
    const struct addr *a)
{
	for (size_t row = first; row < first + n; row++) {
		struct addr there = batch_addr(batch, col, row);

		if (batch_has(batch, col, row) && addr_equal(&there, a))
			return true;
	}
	return false;
}

/* Of a block of one batch; counts what was not known. */
static void
check_runs(struct block_reader *reader, const struct batch *batch,
    struct random *r, unsigned *lacked, unsigned *unknown)
{
	static const unsigned cols[] = { COL_src_addr, COL_dst_addr,
		COL_next_hop };

	for (unsigned i = 0; i < 300; i++) {
		unsigned col = cols[random_u32(r) % 3];
		size_t first = random_u32(r) % batch->nrows;
		size_t n = random_u32(r) % (batch->nrows - first + 1) % 50;
		struct addr a = batch_addr(batch, cols[random_u32(r) % 3],
		    random_u32(r) % batch->nrows);
		bool has, lacks;

		if (a.family == ADDR_NONE || random_u32(r) % 8 == 0)
			a = addr_from_v4(random_u32(r));
		has = has_addr(batch, col, first, n, &a);
		lacks = block_reader_run_lacks(reader, col, first, n, &a);
		assert_false(has && lacks);
		*lacked += lacks;
		*unknown += !has && !lacks;
	}
}

static void
block_knows_what_runs_of_rows_lack(void **unused)
{
	struct block_reader *reader = block_reader_new();
	struct batch *batch = batch_new(BATCH_ROWS);
	unsigned lacked = 0, unknown = 0;
	static struct block block;

	(void)unused;
	for (uint64_t seed = 1; seed <= 100; seed++) {
		struct block_writer *w = writer_new(seed % 3, BATCH_ROWS);
		struct random r = { .state = seed };
		struct random_columns b;
		struct buf out;

		random_columns_init(&b, seed);
		buf_init(&out, BUF);
		batch_reset(batch);
		random_columns_fill(&b, batch, 1 + random_u32(&r) % 700, false);
		writer_add(w, batch, &out);
		assert_true(block_writer_finish(w, &out) > 0);
		assert_int_equal(block_parse((struct bytes){ out.ptr,
		    out.len }, &block, NULL), 0);
		block_reader_begin(reader, &block);
		/* Nothing is known of what is not open. */
		assert_false(block_reader_run_lacks(reader, COL_src_addr, 0,
		    1, &(struct addr){ .family = ADDR_V4 }));
		assert_int_equal(block_reader_open(reader, all_columns, NULL),
		    0);
		check_runs(reader, batch, &r, &lacked, &unknown);
		buf_fini(&out);
		block_writer_free(w);
	}
	/* It is known of most. */
	assert_true(lacked > 5000 && lacked > unknown);
	batch_free(batch);
	block_reader_free(reader);
}

/* A block of octets: n values of them, from the first by step. */
static void
parse_octets(struct block *b, struct buf *out, uint64_t first, uint64_t step,
    size_t n, bool gaps)
{
	struct block_options o = { .compression = COMPRESS_NONE };
	struct block_writer *w = block_writer_new(&o);
	struct batch *batch = batch_new(BATCH_ROWS);
	struct flowd_error err;

	(void)batch_append(batch, n);
	for (size_t i = 0; i < n; i++)
		if (!gaps || i % 2 == 0)
			batch_set_uint(
			    batch, COL_octets, i, first + i * step);
	buf_reset(out);
	(void)block_writer_add(w, batch, 0);
	assert_int_equal(block_writer_finish(w, out), (int)n);
	assert_int_equal(
	    block_parse((struct bytes){ out->ptr, out->len }, b, &err), 0);
	block_writer_free(w);
	batch_free(batch);
}

/* The head has the sum of a column of counters, unless it is too large. */
static void
block_has_the_sums_of_counters(void **unused)
{
	struct block *b = block_new();
	struct buf out;
	uint64_t total;

	(void)unused;
	buf_init(&out, 1024 * 1024);
	parse_octets(b, &out, 1, 1, 1000, false);
	assert_true(block_total(b, COL_octets, &total) && total == 500500);
	assert_true(block_total(b, COL_packets, &total) && total == 0);
	parse_octets(b, &out, 7, 0, 1000, false);
	assert_true(block_total(b, COL_octets, &total) && total == 7000);
	parse_octets(b, &out, 7, 0, 1000, true);
	assert_true(block_total(b, COL_octets, &total) && total == 3500);
	parse_octets(b, &out, UINT64_MAX, 0, 1, false);
	assert_true(
	    block_total(b, COL_octets, &total) && total == UINT64_MAX);
	parse_octets(b, &out, UINT64_MAX, 0, 2, false);
	assert_false(block_total(b, COL_octets, &total));
	parse_octets(b, &out, UINT64_MAX - 2000, 1, 1000, false);
	assert_false(block_total(b, COL_octets, &total));
	block_free(b);
	buf_fini(&out);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(block_has_the_sums_of_counters),
		cmocka_unit_test(block_gives_back_what_was_written),
		cmocka_unit_test(block_leaves_out_what_is_not_kept),
		cmocka_unit_test(block_knows_what_runs_of_rows_lack),
		cmocka_unit_test(block_takes_so_many_rows_as_it_is_told),
		cmocka_unit_test(
		    block_gives_back_columns_that_follow_for_a_while),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
