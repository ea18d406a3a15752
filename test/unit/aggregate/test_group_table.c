/*
 * A hash table of groups: rows in any batches are groups by their keys, as in
 * an array of all keys; sums are joined in a way of their own, with the same
 * result; and memory is counted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../random.h"
#include "group_table.h"

enum {
	KEYS = 50000,
	ROWS = 150000,
	WORDS = 4 /* of a row: a key of two, and two sums */
};

struct fixture {
	struct group_layout layout;
	struct group_memory memory;
	struct chunk_pool pool;
	struct group_table table;
	uint64_t (*want)[2]; /* the sums of each key */
	size_t nwant; /* keys that were given */
};

static void
fixture_init(struct fixture *f, bool additive, uint64_t secret)
{
	*f = (struct fixture){ .layout = {
		.states = {
		    .state = { { .kind = STATE_SUM }, { .kind = STATE_SUM } },
		    .n = 2,
		    .additive = additive,
		    .flat = true },
		.secret = { secret, secret } } };
	f->want = calloc(KEYS, sizeof(*f->want));
	assert_non_null(f->want);
	chunk_pool_init(&f->pool, group_table_chunk_octets(WORDS));
	group_table_init(&f->table, &f->pool, 2, 2);
}

static void
fixture_fini(struct fixture *f)
{
	group_table_clear(&f->table, &f->layout.states, &f->memory);
	assert_int_equal(atomic_load(&f->memory.used), 0);
	assert_int_equal(f->table.n + f->table.waiting, 0);
	chunk_pool_fini(&f->pool);
	free(f->want);
}

/* Words that are often 0, or all ones: a slot must not look free by them. */
static void
make_row(uint64_t number, uint64_t value, uint64_t row[WORDS])
{
	row[0] = number % 3 == 0 ? 0 : number % 3 == 1 ? UINT64_MAX : number;
	row[1] = number;
	row[2] = 1;
	row[3] = value;
}

/* Add a row of this key; false when there is no memory. */
static bool
add_row(struct fixture *f, uint64_t number, uint64_t value)
{
	uint64_t row[WORDS], *want = f->want[number];

	make_row(number, value, row);
	if (group_table_add(
		&f->table, &f->layout.states, &f->memory, row, 1) == 0)
		return false;
	f->nwant += want[0]++ == 0;
	want[1] = sum_saturated(want[1], value);
	return true;
}

static bool
join(struct fixture *f)
{
	return group_table_join(&f->table, &f->layout, &f->memory);
}

/* Each key that was given is a group. */
static void
check_groups(const struct fixture *f)
{
	assert_int_equal(f->table.n, f->nwant);
	assert_int_equal(f->table.waiting, 0);
	for (size_t i = 0; i < f->table.n; i++) {
		const uint64_t *row = group_table_row(&f->table, i);
		uint64_t want[WORDS];

		assert_true(row[1] < KEYS);
		make_row(row[1], f->want[row[1]][1], want);
		want[2] = f->want[row[1]][0];
		assert_memory_equal(row, want, sizeof(want));
		assert_true(want[2] > 0);
		f->want[row[1]][0] = 0;
	}
}

/* Rows join now and then, a few or many. */
static void
add_rows(struct fixture *f, unsigned nkeys, size_t nrows, uint64_t seed)
{
	struct random random = { seed };
	size_t left = 0;

	for (size_t i = 0; i < nrows; i++) {
		uint64_t value = random_u32(&random);

		if (value % 1000 == 0)
			value = UINT64_MAX;
		assert_true(add_row(f, random_u32(&random) % nkeys, value));
		if (left-- > 0)
			continue;
		assert_true(join(f));
		left = random_u32(&random) % (i % 3 == 0 ? 100 : 30000);
	}
	assert_true(join(f));
}

static void
rows_of_a_key_are_one_group(void **state)
{
	static const unsigned nkeys[] = { 1, 2, 33, 1000, KEYS };

	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		struct fixture f;

		fixture_init(&f, i < 5, 0x123456789abcdef1);
		add_rows(&f, nkeys[i % 5], ROWS, i % 5);
		assert_true(atomic_load(&f.memory.used) >= f.nwant * WORDS * 8);
		check_groups(&f);
		fixture_fini(&f);
		/* A table can be filled again. */
		fixture_init(&f, i < 5, 77);
		add_rows(&f, 100, 1000, i);
		check_groups(&f);
		fixture_fini(&f);
	}
}

/* With this secret all hashes are 0. */
static void
keys_of_one_hash_are_told_apart(void **state)
{
	struct fixture f;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		fixture_init(&f, i == 0, 0);
		add_rows(&f, 300, 3000, 4);
		check_groups(&f);
		fixture_fini(&f);
	}
}

/* Groups are in the order of their first rows, and stay where they are. */
static void
groups_stay_where_they_are(void **state)
{
	const uint64_t *first[CHUNK_ROWS];
	struct fixture f;

	(void)state;
	fixture_init(&f, true, 77);
	for (unsigned i = 0; i < 3 * CHUNK_ROWS; i++)
		assert_true(add_row(&f, i % CHUNK_ROWS, 1));
	assert_true(join(&f));
	for (size_t i = 0; i < CHUNK_ROWS; i++) {
		first[i] = group_table_row(&f.table, i);
		assert_true(first[i][1] == i);
	}
	add_rows(&f, KEYS, ROWS, 9);
	for (size_t i = 0; i < CHUNK_ROWS; i++)
		assert_ptr_equal(group_table_row(&f.table, i), first[i]);
	check_groups(&f);
	fixture_fini(&f);
}

/* What is there stays, and a small table may always grow. */
static void
a_table_ends_where_memory_does(void **state)
{
	struct fixture f;
	uint64_t n = 0;

	(void)state;
	fixture_init(&f, true, 77);
	f.memory.max = 1;
	while (n < KEYS && add_row(&f, n, n))
		n++;
	assert_in_range(n, 100, 2000);
	assert_true(join(&f));
	/* There is room for rows that have joined others only. */
	assert_false(add_row(&f, 0, 1));
	check_groups(&f);
	fixture_fini(&f);
}

/* Rows wait until there is memory for slots. */
static void
rows_that_cannot_join_wait(void **state)
{
	struct fixture f;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		fixture_init(&f, i == 0, 77);
		for (uint64_t k = 0; k < ROWS; k++)
			assert_true(add_row(&f, k * 7 % KEYS, k));
		f.memory.max = 1;
		assert_false(join(&f));
		assert_in_range(f.table.n, 100, 2000);
		assert_in_range(f.table.waiting, 1, ROWS);
		assert_false(join(&f));
		f.memory.max = 0;
		assert_true(join(&f));
		check_groups(&f);
		fixture_fini(&f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_of_a_key_are_one_group),
		cmocka_unit_test(keys_of_one_hash_are_told_apart),
		cmocka_unit_test(groups_stay_where_they_are),
		cmocka_unit_test(a_table_ends_where_memory_does),
		cmocka_unit_test(rows_that_cannot_join_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
