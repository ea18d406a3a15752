/* A hash table of groups: what is put in is found, and memory is counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "group_table.h"

enum { GROUPS = 50000 };

/* Keys of two words, and one sum. */
static struct group_layout
two_words(void)
{
	return (struct group_layout){
		.states = { .state = { { .kind = STATE_SUM } },
		    .n = 1,
		    .additive = true,
		    .flat = true },
		.secret = { 77, 0x123456789abcdef1 },
	};
}

/* Words that are often 0, or all ones: a slot must not look free by them. */
static void
make_key(uint64_t number, uint64_t key[2])
{
	key[0] = number % 3 == 0 ? 0 : number % 3 == 1 ? UINT64_MAX : number;
	key[1] = number;
}

static uint64_t *
find_group(struct group_table *t, const struct group_layout *l,
    struct group_memory *m, uint64_t number)
{
	uint64_t key[2];

	make_key(number, key);
	return group_table_find(t, l, m, group_hash(l->secret, key, 2), key);
}

static void
each_group_is_there_once(void **state)
{
	struct group_layout l = two_words();
	struct group_memory memory = { .max = 0 };
	struct group_table t;

	(void)state;
	group_table_init(&t, 2, 1);
	for (unsigned round = 0; round < 2; round++)
		for (uint64_t i = 0; i < GROUPS; i++)
			*find_group(&t, &l, &memory, i) += i + 1;
	assert_int_equal(t.n, GROUPS);
	for (size_t i = 0; i < GROUPS; i++) {
		const uint64_t *row = group_table_row(&t, i);
		uint64_t key[2];

		make_key(i, key);
		assert_memory_equal(row, key, sizeof(key));
		assert_true(row[2] == 2 * (i + 1));
	}
	assert_true(atomic_load(&memory.used) >= GROUPS * 3 * 8);
	group_table_clear(&t, &l.states, &memory);
	assert_int_equal(atomic_load(&memory.used), 0);
	assert_int_equal(t.n, 0);
	/* It can be filled again. */
	assert_non_null(find_group(&t, &l, &memory, 5));
	group_table_clear(&t, &l.states, &memory);
}

/* Keys of one hash are told apart, and a row stays where it is. */
static void
keys_of_one_hash_are_told_apart(void **state)
{
	struct group_layout l = two_words();
	struct group_memory memory = { .max = 0 };
	uint64_t *first[300];
	struct group_table t;

	(void)state;
	group_table_init(&t, 2, 1);
	for (unsigned round = 0; round < 2; round++)
		for (uint64_t i = 0; i < 30; i++) {
			uint64_t key[2] = { i, 1 };

			*group_table_find(&t, &l, &memory, UINT64_MAX, key) +=
			    i;
		}
	assert_int_equal(t.n, 30);
	for (size_t i = 0; i < 30; i++)
		assert_true(group_table_row(&t, i)[2] == 2 * i);
	group_table_clear(&t, &l.states, &memory);

	for (uint64_t i = 0; i < CHUNK_ROWS; i++)
		(void)find_group(&t, &l, &memory, i);
	for (uint64_t i = 0; i < 300; i++)
		first[i] = find_group(&t, &l, &memory, i);
	for (uint64_t i = 0; i < GROUPS; i++)
		(void)find_group(&t, &l, &memory, i);
	for (uint64_t i = 0; i < 300; i++)
		assert_ptr_equal(find_group(&t, &l, &memory, i), first[i]);
	group_table_clear(&t, &l.states, &memory);
}

/* What is there stays, and a small table may always grow. */
static void
a_table_ends_where_memory_does(void **state)
{
	struct group_layout l = two_words();
	struct group_memory memory = { .max = 1 };
	struct group_table t;
	uint64_t n = 0;

	(void)state;
	group_table_init(&t, 2, 1);
	while (n < GROUPS && find_group(&t, &l, &memory, n) != NULL)
		n++;
	assert_in_range(n, 500, 4000);
	assert_int_equal(t.n, n);
	for (uint64_t i = 0; i < n; i++)
		assert_non_null(find_group(&t, &l, &memory, i));
	assert_int_equal(t.n, n);
	group_table_clear(&t, &l.states, &memory);
	assert_int_equal(atomic_load(&memory.used), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_group_is_there_once),
		cmocka_unit_test(keys_of_one_hash_are_told_apart),
		cmocka_unit_test(a_table_ends_where_memory_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
