/* The rows of a block that pass: lib/query/block_scan.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "block_scan.h"
#include "../store/random_columns.h"
#include "logs.h"

enum {
	ROWS = 5000,
	FIRST = 100000 /* number of the first flow */
};

static struct {
	struct buf octets;
	struct block *block;
	struct batch *batch;
	struct row_filter filter;
	struct block_scan scan;
} t;

static int
set_up(void **state)
{
	struct flowd_error err;

	(void)state;
	buf_init(&t.octets, LOGS_OCTETS_MAX);
	logs_put_blocks(&t.octets, FIRST, 1, ROWS);
	t.block = block_new();
	t.batch = batch_new(BATCH_ROWS);
	t.filter = (struct row_filter){ .timed = false };
	colset_add(&t.filter.want, COL_octets);
	return block_parse((struct bytes){ t.octets.ptr, t.octets.len },
	    t.block, &err);
}

static int
tear_down(void **state)
{
	(void)state;
	block_scan_fini(&t.scan);
	predicate_free(t.filter.predicate);
	batch_free(t.batch);
	block_free(t.block);
	buf_fini(&t.octets);
	return 0;
}

/* Rows with this expression, NULL for all, pass. Returns as block_scan_begin()
 * does. */
static int
begin_scan(const char *expression)
{
	const struct predicate_text text = { .expression = expression };
	struct flowd_error err;

	if (expression != NULL) {
		t.filter.predicate = predicate_new(&text, &err);
		if (t.filter.predicate == NULL)
			fail_msg("%s", err.text);
	}
	row_filter_settle(&t.filter);
	assert_true(block_scan_init(&t.scan, &t.filter));
	return block_scan_begin(&t.scan, t.block, 0, &err);
}

struct sums {
	uint64_t read, passed, octets;
};

static struct sums
read_rows(uint64_t left)
{
	struct sums s = { 0, 0, 0 };
	struct flowd_error err;
	size_t n = 1;
	int got;

	for (;;) {
		batch_reset(t.batch);
		got = block_scan_next(&t.scan, left, t.batch, &n, &err);
		assert_true(got >= 0);
		if (n == 0)
			return s;
		s.read += n;
		left -= n < left ? n : left;
		for (size_t row = 0; got == 1 && row < t.batch->nrows; row++)
			if (bitmap_test(t.batch->selected, row)) {
				s.passed++;
				s.octets +=
				    batch_uint(t.batch, COL_octets, row);
			}
	}
}

/* The sum of the numbers of n flows, from this one on. */
static uint64_t
sum_from(uint64_t first, uint64_t n)
{
	return n * (FIRST + first) + n * (n - 1) / 2;
}

static void
all_rows_pass_without_a_filter(void **state)
{
	struct sums s;

	(void)state;
	assert_int_equal(begin_scan(NULL), 1);
	s = read_rows(UINT64_MAX);
	assert_int_equal(s.read, ROWS);
	assert_int_equal(s.passed, ROWS);
	assert_int_equal(s.octets, sum_from(0, ROWS));
}

static void
rows_that_pass_have_what_is_wanted(void **state)
{
	struct sums s;

	(void)state;
	assert_int_equal(begin_scan("src port 7"), 1);
	s = read_rows(UINT64_MAX);
	assert_int_equal(s.read, ROWS);
	assert_int_equal(s.passed, ROWS / 1000);
	assert_int_equal(s.octets, 5 * (FIRST + 7) + 1000 * 10);
}

static void
a_block_in_which_nothing_can_pass_is_not_read(void **state)
{
	(void)state;
	assert_int_equal(begin_scan("octets < 100"), 0);
	assert_false(block_scan_may_match(&t.scan, t.block, 0));
}

static void
rows_that_are_skipped_are_not_read(void **state)
{
	struct sums s;

	(void)state;
	assert_int_equal(begin_scan(NULL), 1);
	block_scan_skip(&t.scan, 3000);
	s = read_rows(UINT64_MAX);
	assert_int_equal(s.read, ROWS - 3000);
	assert_int_equal(s.octets, sum_from(3000, ROWS - 3000));
	block_scan_fini(&t.scan);
	assert_int_equal(begin_scan(NULL), 1);
	block_scan_skip(&t.scan, ROWS);
	assert_int_equal(read_rows(UINT64_MAX).read, 0);
}

static void
no_more_rows_pass_than_are_left(void **state)
{
	(void)state;
	assert_int_equal(begin_scan(NULL), 1);
	assert_int_equal(read_rows(2500).octets, sum_from(0, 2500));
}

static void
a_time_range_is_a_filter(void **state)
{
	const int64_t sec = 1000000000;
	struct sums s;

	(void)state;
	t.filter.timed = true;
	t.filter.after_ns = ((int64_t)LOGS_START_SEC + FIRST + 10) * sec;
	t.filter.before_ns = t.filter.after_ns + 30 * sec;
	assert_int_equal(begin_scan("proto tcp"), 1);
	s = read_rows(UINT64_MAX);
	assert_int_equal(s.passed, 15);
}

/* A block of random columns that is compressed. */
static void
make_random_block(uint64_t seed)
{
	struct block_options o = { .compression = COMPRESS_ZSTD };
	struct block_writer *w = block_writer_new(&o);
	struct random_columns columns;
	struct flowd_error err;

	random_columns_init(&columns, seed);
	for (unsigned i = 0; i < 10; i++) {
		batch_reset(t.batch);
		random_columns_fill(&columns, t.batch, 700, false);
		for (size_t row = 0; row < 700; row++)
			batch_set_uint(t.batch, COL_octets, row,
			    random_bits(&columns.random) >> 32);
		(void)block_writer_add(w, t.batch, 0);
	}
	buf_reset(&t.octets);
	assert_true(block_writer_finish(w, &t.octets) > 0);
	block_writer_free(w);
	assert_int_equal(block_parse((struct bytes){ t.octets.ptr,
	    t.octets.len }, t.block, &err), 0);
}

/* The rows that pass, with columns tested where they lie or in batches. */
static struct sums
scan_block(struct predicate *p, bool packed, size_t skip)
{
	struct flowd_error err;
	struct sums s = { 0, 0, 0 };
	int got;

	t.filter.predicate = p;
	row_filter_settle(&t.filter);
	if (!packed)
		t.filter.ranged = (struct colset){ { 0, 0 } };
	assert_true(block_scan_init(&t.scan, &t.filter));
	got = block_scan_begin(&t.scan, t.block, 0, &err);
	assert_true(got >= 0);
	block_scan_skip(&t.scan, skip);
	if (got == 1)
		s = read_rows(UINT64_MAX);
	block_scan_fini(&t.scan);
	t.filter.predicate = NULL;
	return s;
}

static void
packed_columns_give_the_same_rows(void **state)
{
	static const char *const expressions[] = {
		"octets > 1M", "octets < 100", "not octets 100-65536",
		"octets > 1M and dst port < 32768",
		"packets > 1000 or port 443",
		"src port {80, 443, 1024-65535} and octets > 300",
		"octets > 1000 and bpp > 10", "octets 255 or octets 256",
		"packets 0 or octets > 4G", "octets > 70k and host 10.0.0.1",
		"octets > 1 and octets > 2 and octets > 3 and octets > 4 and "
		"octets < 9000 and octets < 9001 and octets < 9002 and "
		"octets < 9003 and not octets 77 and not octets 78",
	};
	uint64_t passed = 0;

	(void)state;
	for (uint64_t seed = 1; seed < 20; seed++) {
		make_random_block(seed);
		for (size_t i = 0;
		     i < sizeof(expressions) / sizeof(expressions[0]); i++) {
			const struct predicate_text text = {
				.expression = expressions[i] };
			struct predicate *p = predicate_new(&text, NULL);
			struct sums want, got;

			assert_non_null(p);
			want = scan_block(p, false, seed * 77);
			got = scan_block(p, true, seed * 77);
			assert_memory_equal(&got, &want, sizeof(got));
			passed += got.passed;
			predicate_free(p);
		}
	}
	assert_true(passed > 0);
}

static void
damage_of_the_data_is_said(void **state)
{
	struct flowd_error err;

	(void)state;
	t.octets.ptr[t.octets.len - 1] ^= 1;
	for (int col = 0; col < COL_COUNT; col++)
		colset_add(&t.filter.want, (unsigned)col);
	row_filter_settle(&t.filter);
	assert_true(block_scan_init(&t.scan, &t.filter));
	assert_true(block_scan_begin(&t.scan, t.block, 0, &err) < 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(all_rows_pass_without_a_filter),
		TEST(rows_that_pass_have_what_is_wanted),
		TEST(a_block_in_which_nothing_can_pass_is_not_read),
		TEST(rows_that_are_skipped_are_not_read),
		TEST(no_more_rows_pass_than_are_left),
		TEST(a_time_range_is_a_filter),
		TEST(packed_columns_give_the_same_rows),
		TEST(damage_of_the_data_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
