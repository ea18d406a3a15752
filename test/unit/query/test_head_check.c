/* Heads of blocks are compared with their rows, of columns of every kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../store/random_columns.h"
#include "block_writer.h"
#include "head_check.h"

enum { ROUNDS = 60 };

struct fixture {
	struct random_columns batches;
	struct batch *batch;
	struct block_reader *reader;
	struct block *block;
	struct buf octets;
	const struct head_filters *filters;
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -1;
	f->batch = batch_new(BATCH_ROWS);
	f->reader = block_reader_new();
	f->block = block_new();
	buf_init(&f->octets, 64 * 1024 * 1024);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	batch_free(f->batch);
	block_reader_free(f->reader);
	block_free(f->block);
	buf_fini(&f->octets);
	free(f);
	return 0;
}

/* A block of random rows, which is parsed. */
static void
write_block(struct fixture *f, uint64_t seed)
{
	struct block_options o = { .compression = COMPRESS_LZ4, .seed = seed };
	struct block_writer *w = block_writer_new(&o);
	struct flowd_error err;

	random_columns_init(&f->batches, seed);
	buf_reset(&f->octets);
	for (unsigned i = 0; i < 3; i++) {
		batch_reset(f->batch);
		random_columns_fill(&f->batches, f->batch, 500, false);
		(void)block_writer_add(w, f->batch, 0);
	}
	assert_true(block_writer_finish(w, &f->octets) > 0);
	block_writer_free(w);
	assert_int_equal(block_parse((struct bytes){ f->octets.ptr,
				 f->octets.len },
			     f->block, &err),
	    0);
}

static int
check_block(struct fixture *f, struct flowd_error *why)
{
	static const struct colset all = { { ~UINT64_C(0), ~UINT64_C(0) } };

	block_reader_begin(f->reader, f->block);
	assert_int_equal(block_reader_open(f->reader, all, why), 0);
	batch_reset(f->batch);
	return head_check(f->reader, f->block, f->filters, f->batch, why);
}

static void
heads_of_the_writer_are_right(void **state)
{
	struct fixture *f = *state;
	struct flowd_error why;
	unsigned totals = 0;

	for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
		write_block(f, seed);
		for (size_t i = 0; i < f->block->ncolumns; i++)
			totals += (f->block->column[i].flags & ENTRY_TOTAL) !=
			    0;
		assert_int_equal(check_block(f, &why), 0);
	}
	assert_true(totals > ROUNDS);
}

static void
assert_refused(struct fixture *f, const char *text)
{
	struct flowd_error why;

	assert_int_equal(check_block(f, &why), FLOWD_EFORMAT);
	assert_non_null(strstr(why.text, text));
}

static void
a_sum_that_is_wrong_is_said(void **state)
{
	struct fixture *f = *state;
	unsigned seen = 0;

	for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
		write_block(f, seed);
		for (size_t i = 0; i < f->block->ncolumns; i++) {
			struct block_column *c = &f->block->column[i];

			if (!(c->flags & ENTRY_TOTAL))
				continue;
			c->total++;
			assert_refused(f, column_info[c->col].name);
			c->total--;
			seen++;
		}
	}
	assert_true(seen > ROUNDS);
}

/* Each end of each range; a constant has its value from there. */
static void
a_range_that_is_wrong_is_said(void **state)
{
	struct fixture *f = *state;
	unsigned integers = 0, addresses = 0;

	for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
		write_block(f, seed);
		for (size_t i = 0; i < f->block->ncolumns; i++) {
			struct block_column *c = &f->block->column[i];

			if (c->col < 0 || (c->flags & ENTRY_CONSTANT) ||
			    c->type == COLUMN_BYTES)
				continue;
			c->min--;
			c->min4--;
			c->min6.lo--;
			assert_refused(f, column_info[c->col].name);
			c->min++;
			c->min4++;
			c->min6.lo++;
			c->max++;
			c->max4++;
			c->max6.lo++;
			assert_refused(f, column_info[c->col].name);
			c->max--;
			c->max4--;
			c->max6.lo--;
			integers += c->type != COLUMN_ADDR;
			addresses += c->type == COLUMN_ADDR;
		}
	}
	assert_true(integers > ROUNDS && addresses > ROUNDS);
}

/* Write the batch of a test as a block, and parse it. */
static void
write_batch(struct fixture *f)
{
	struct block_options o = { .compression = COMPRESS_NONE };
	struct block_writer *w = block_writer_new(&o);
	struct flowd_error err;

	buf_reset(&f->octets);
	(void)block_writer_add(w, f->batch, 0);
	assert_int_equal(
	    block_writer_finish(w, &f->octets), f->batch->nrows);
	block_writer_free(w);
	assert_int_equal(block_parse((struct bytes){ f->octets.ptr,
				 f->octets.len },
			     f->block, &err),
	    0);
	assert_int_equal(check_block(f, &err), 0);
}

static void
times_that_are_wrong_are_said(void **state)
{
	struct fixture *f = *state;

	(void)batch_append(f->batch, 3);
	for (unsigned i = 0; i < 3; i++)
		batch_set_uint(f->batch, COL_recv_time, i, 1000 + i);
	write_batch(f);
	f->block->min_ns = 1001;
	assert_refused(f, "times");
	f->block->min_ns = 1000;
	f->block->max_ns = 1001;
	assert_refused(f, "times");
}

/* A scan takes all of a block whose range is within that of the search. */
static void
a_flow_without_a_time_is_in_no_range(void **state)
{
	struct fixture *f = *state;

	(void)batch_append(f->batch, 2);
	batch_set_uint(f->batch, COL_recv_time, 0, 1000);
	batch_set_uint(f->batch, COL_octets, 1, 7);
	write_batch(f);
	f->block->min_ns = 1000;
	assert_refused(f, "times");
	f->block->min_ns = INT64_MIN;
	f->block->max_ns = 1000;
	assert_refused(f, "times");
}

/* The writer leaves out a sum that does not fit. */
static void
a_sum_that_wraps_is_said(void **state)
{
	struct fixture *f = *state;

	(void)batch_append(f->batch, 2);
	for (unsigned i = 0; i < 2; i++)
		batch_set_uint(
		    f->batch, COL_octets, i, (UINT64_C(1) << 63) + i);
	write_batch(f);
	for (size_t i = 0; i < f->block->ncolumns; i++) {
		struct block_column *c = &f->block->column[i];

		if (c->col != COL_octets)
			continue;
		assert_false(c->flags & ENTRY_TOTAL);
		c->flags |= ENTRY_TOTAL;
		c->total = 1;
	}
	assert_refused(f, "sum of octets");
}

static void
filters_that_lack_an_address_are_said(void **state)
{
	struct fixture *f = *state;
	uint8_t full[32], empty[32] = { 0 };
	struct head_filters filters = { { full, 1 }, { full, 1 } };
	struct flowd_error why;

	(void)batch_append(f->batch, 2);
	for (unsigned i = 0; i < 2; i++) {
		struct addr a = addr_from_v4(0x0a000001 + i);

		batch_set_addr(f->batch, COL_dst_addr, i, &a);
	}
	write_batch(f);
	f->filters = &filters;
	memset(full, 0xff, sizeof(full));
	assert_int_equal(check_block(f, &why), 0);
	filters.all.bucket = empty;
	assert_refused(f, "index");
	filters.all.bucket = full;
	filters.group.bucket = empty;
	assert_refused(f, "index");
	filters.group.n = 0;
	assert_int_equal(check_block(f, &why), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(heads_of_the_writer_are_right),
		TEST(a_sum_that_is_wrong_is_said),
		TEST(a_range_that_is_wrong_is_said),
		TEST(times_that_are_wrong_are_said),
		TEST(a_flow_without_a_time_is_in_no_range),
		TEST(a_sum_that_wraps_is_said),
		TEST(filters_that_lack_an_address_are_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
