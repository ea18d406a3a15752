/*
 * Columns that follow from addresses: table and misses make the values again,
 * before and after the pool was sorted; those that do not follow are refused,
 * and leave nothing behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../random.h"
#include "lookup.h"

enum {
	ADDRS = 3000,
	ROWS = 20000,
	SLICE = 777,
	TABLE = 2	/* any */
};

struct fixture {
	struct addr_dictionary pool;
	struct lookup_tables facts;
	struct lookup_misses misses;
	uint32_t key[ROWS];
	uint32_t v[ROWS];
};

static struct fixture f;

/* What follows from an address. */
static uint32_t
network_of(uint32_t addr)
{
	return addr % 61;
}

/* Rows whose values follow from their addresses, but one in so many. */
static void
rows_draw(uint64_t seed, unsigned odd)
{
	struct random r = { seed };

	assert_true(addr_dictionary_init(&f.pool, seed));
	assert_true(addr_dictionary_reserve(&f.pool, ADDRS));
	for (size_t i = 0; i < ROWS; i++) {
		uint32_t addr = random_u32(&r) % ADDRS * 2654435761U;

		f.key[i] = addr_dictionary_put4(&f.pool, addr);
		f.v[i] = network_of(addr);
		if (odd != 0 && random_u32(&r) % odd == 0)
			f.v[i] += 1000;
	}
	f.facts = (struct lookup_tables){ .word = NULL };
	f.misses.n = 0;
	assert_true(
	    lookup_tables_grow(&f.facts, addr_dictionary_count(&f.pool)));
}

static void
rows_end(void)
{
	addr_dictionary_fini(&f.pool);
	lookup_tables_fini(&f.facts);
}

/* Add rows until they do not follow. Returns how many did. */
static size_t
rows_add(void)
{
	size_t at = 0;

	while (at < ROWS) {
		size_t n = ROWS - at < SLICE ? ROWS - at : SLICE;
		struct values v = values_u32(f.v + at, n);

		if (!lookup_add(&f.facts, TABLE, &f.misses, f.key + at, &v, at))
			break;
		at += n;
	}
	return at;
}

static void
rows_check(size_t n)
{
	struct column_builder c;

	column_builder_init(&c, 4, false, false);
	assert_true(column_builder_materialize(&c));
	c.n = n;
	lookup_materialize(&f.facts, TABLE, &f.misses, f.key, &c);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(c.u32[i], f.v[i]);
	column_builder_fini(&c);
}

static void
lookup_gives_back_every_value(void **unused)
{
	(void)unused;
	for (unsigned odd = 0; odd < 2000; odd += 500) {
		rows_draw(odd + 1, odd);
		assert_int_equal(rows_add(), ROWS);
		assert_int_equal(f.misses.n > 0, odd > 0);
		rows_check(ROWS);
		assert_true(addr_dictionary_sort(&f.pool));
		lookup_tables_sort(&f.facts, &f.pool);
		for (size_t i = 0; i < ROWS; i++)
			f.key[i] = f.pool.rank[f.key[i]];
		rows_check(ROWS);
		rows_end();
	}
}

static void
lookup_refuses_what_does_not_follow(void **unused)
{
	size_t before;
	struct values v;

	(void)unused;
	rows_draw(7, 20);
	before = rows_add();
	assert_true(before < ROWS);
	rows_check(before);
	lookup_tables_reset(&f.facts);
	assert_true(
	    lookup_tables_grow(&f.facts, addr_dictionary_count(&f.pool)));
	f.misses.n = 0;
	f.v[5] = UINT32_MAX;
	v = values_u32(f.v, 100);
	assert_false(lookup_add(&f.facts, TABLE, &f.misses, f.key, &v, 0));
	assert_int_equal(f.misses.n, 0);
	rows_end();
}

static void
lookup_knows_what_it_was_told(void **unused)
{
	static uint32_t known[ADDRS];
	struct values v;

	(void)unused;
	rows_draw(9, 0);
	v = values_u32(f.v, 1);
	assert_true(lookup_add(&f.facts, TABLE, &f.misses, f.key, &v, 0));
	assert_int_equal(lookup_known(&f.facts, TABLE, known), 1);
	assert_int_equal(known[0], f.v[0]);
	lookup_all(&f.facts, TABLE, known);
	for (size_t i = 0; i < f.facts.n; i++)
		assert_int_equal(known[i], i == f.key[0] ? f.v[0] : 0);
	rows_end();
}

/* All tables at once say what they say one by one. */
static void
lookup_agrees_where_each_column_follows(void **unused)
{
	static const uint8_t cols[] = { COL_dst_as, COL_dst_mask, COL_if_out,
		COL_next_hop };
	static uint8_t mask[ROWS];
	static uint32_t known[ADDRS], other[ADDRS];
	struct lookup_tables one = { .word = NULL };
	struct lookup_rows r;
	size_t n;

	(void)unused;
	rows_draw(11, 0);
	assert_true(lookup_tables_grow(&one, addr_dictionary_count(&f.pool)));
	for (size_t i = 0; i < ROWS; i++)
		mask[i] = (uint8_t)f.v[i];
	for (unsigned hops = 0; hops < 2; hops++) {
		r = (struct lookup_rows){ .key = f.key,
			.as = values_u32(f.v, ROWS),
			.mask = { .n = ROWS, .width = 1, .u8 = mask },
			.interface = values_u32(f.v, ROWS),
			.hop = values_u32(f.v, hops ? ROWS : 0) };
		assert_true(lookup_agrees(&f.facts, &r));
		f.v[ROWS - 1]++;
		assert_false(lookup_agrees(&f.facts, &r));
		f.v[ROWS - 1]--;
		mask[ROWS / 2]++;
		assert_false(lookup_agrees(&f.facts, &r));
		mask[ROWS / 2]--;
	}
	for (unsigned i = 0; i < 4; i++) {
		unsigned table = lookup_find(cols[i])->table;
		struct values v = i == 1 ? r.mask : r.as;

		f.misses.n = 0;
		assert_true(lookup_add(&one, table, &f.misses, f.key, &v, 0));
		assert_int_equal(f.misses.n, 0);
		n = lookup_known(&f.facts, table, known);
		assert_int_equal(n, lookup_known(&one, table, other));
		assert_memory_equal(known, other, n * sizeof(*known));
	}
	lookup_tables_fini(&one);
	rows_end();
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lookup_gives_back_every_value),
		cmocka_unit_test(lookup_refuses_what_does_not_follow),
		cmocka_unit_test(lookup_knows_what_it_was_told),
		cmocka_unit_test(lookup_agrees_where_each_column_follows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
