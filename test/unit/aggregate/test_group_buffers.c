/*
 * Groups in buffers come to their partitions whole, however many there are of
 * a partition.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../random.h"
#include "group_buffers.h"

enum {
	KEYS = 50000
};

struct fixture {
	struct key key;
	struct group_layout layout;
	struct group_memory memory;
	struct partitions partitions;
	struct group_buffers buffers;
	struct key_values keys;
	uint64_t word[2][PARTS];
	uint32_t row[PARTS];
	uint32_t want[KEYS]; /* how often each key was given */
};

static struct fixture *
fixture_new(const char *measures, size_t memory)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct measures m = { .n = 0 };

	assert_non_null(f);
	assert_int_equal(
	    key_parse(&f->key, "src_addr,dst_addr,tag", NULL), 0);
	assert_int_equal(measures_parse(&m, measures, NULL), 0);
	assert_true(states_init(&f->layout.states, &m));
	f->layout.key = &f->key;
	key_layout_init(&f->layout.keys, &f->key);
	assert_int_equal(f->layout.keys.plain_words, 2);
	f->layout.secret[0] = 1;
	f->layout.secret[1] = 0x123456789abcdef;
	f->memory.max = memory;
	partitions_init(&f->partitions, &f->layout, &f->memory, NULL);
	group_buffers_init(&f->buffers, &f->partitions, false);
	f->keys.word[0] = f->word[0];
	f->keys.word[1] = f->word[1];
	return f;
}

static void
fixture_free(struct fixture *f)
{
	group_buffers_fini(&f->buffers);
	partitions_fini(&f->partitions);
	free(f);
}

/* Parts with keys whose first word is less than mod. */
static void
fill_keys(struct fixture *f, struct random *random, size_t n, unsigned mod)
{
	f->keys.n = n;
	for (size_t i = 0; i < n; i++) {
		f->word[0][i] = random_u32(random) % mod;
		f->word[1][i] = ~f->word[0][i];
	}
}

/* As updates of states do it, with a sum that is the number of the key. */
static void
update_rows(struct fixture *f)
{
	for (size_t i = 0; i < f->keys.n; i++) {
		uint64_t *state = group_buffers_states(&f->buffers) +
		    f->row[i] * f->buffers.words;

		assert_true(state[0] == 0 && state[1] == 0);
		state[0] = 1;
		state[1] = f->word[0][i];
		f->want[f->word[0][i]]++;
	}
}

static int
check_row(void *arg, struct group_row *row, struct flowd_error *err)
{
	struct fixture *f = arg;
	uint64_t number = row->key[0];

	(void)err;
	assert_false(row->general);
	assert_true(number < KEYS && row->key[1] == ~number);
	assert_true(f->want[number] > 0);
	assert_true(row->state[0] == f->want[number]);
	assert_true(row->state[1] == f->want[number] * number);
	f->want[number] = 0;
	return 0;
}

static void
each_part_comes_to_its_partition(void **state)
{
	struct fixture *f = fixture_new("flows,octets", 0);
	static const size_t n[] = { 1, PARTS, 64, 3000, 0, PARTS, 333 };
	struct random random = { 8 };
	struct flowd_error err;

	(void)state;
	for (unsigned i = 0; i < 70; i++) {
		fill_keys(f, &random, n[i % 7], KEYS);
		assert_int_equal(group_buffers_take(
				     &f->buffers, &f->keys, f->row, &err),
		    0);
		update_rows(f);
		if (i == 40)
			assert_int_equal(
			    group_buffers_flush(&f->buffers, &err), 0);
	}
	assert_int_equal(group_buffers_flush(&f->buffers, &err), 0);
	assert_int_equal(
	    partitions_each(&f->partitions, check_row, f, &err), 0);
	for (unsigned i = 0; i < KEYS; i++)
		assert_int_equal(f->want[i], 0);
	fixture_free(f);
}

/* As many as a batch may have, of one partition; and its block is full. */
static void
one_key_for_all_is_taken(void **state)
{
	struct fixture *f = fixture_new("flows,octets", 0);
	static const size_t n[] = { 128, PARTS, 127, 1, PARTS, PARTS, 100 };
	struct random random = { 9 };
	struct flowd_error err;

	(void)state;
	for (unsigned i = 0; i < 7; i++) {
		fill_keys(f, &random, n[i], 1);
		assert_int_equal(
		    group_buffers_take(&f->buffers, &f->keys, f->row, &err),
		    0);
		update_rows(f);
	}
	assert_int_equal(group_buffers_flush(&f->buffers, &err), 0);
	assert_int_equal(
	    partitions_each(&f->partitions, check_row, f, &err), 0);
	assert_int_equal(f->want[0], 0);
	fixture_free(f);
}

/* Groups of a key, one by one, more than the buffer has. */
static void
groups_are_added_one_by_one(void **state)
{
	struct fixture *f = fixture_new("flows,octets", 0);
	struct random random = { 11 };
	struct flowd_error err;

	(void)state;
	f->buffers.cap = 4;
	for (unsigned i = 0; i < 20000; i++) {
		uint64_t number = random_u32(&random) % KEYS;
		uint64_t key[2] = { number, ~number };
		uint64_t words[2] = { 1, number };

		assert_int_equal(
		    group_buffers_add(&f->buffers,
			group_hash(f->layout.secret, key, 2), key, words,
			&err),
		    0);
		f->want[number]++;
	}
	assert_int_equal(group_buffers_flush(&f->buffers, &err), 0);
	assert_int_equal(
	    partitions_each(&f->partitions, check_row, f, &err), 0);
	for (unsigned i = 0; i < KEYS; i++)
		assert_int_equal(f->want[i], 0);
	fixture_free(f);
}

/* The states point to memory, which a sanitizer looks for. */
static void
what_cannot_be_given_is_freed(void **state)
{
	struct fixture *f = fixture_new("distinct(dst_port)", 50000);
	struct random random = { 10 };
	struct flowd_error err = { .text = "" };
	int bad = 0;

	(void)state;
	for (unsigned i = 0; i < 100 && bad == 0; i++) {
		fill_keys(f, &random, 3000, KEYS);
		bad = group_buffers_take(&f->buffers, &f->keys, f->row, &err);
		assert_true(bad == 0 || bad == FLOWD_ENOMEM);
		for (size_t k = 0; k < 10 * f->keys.n && bad == 0; k++)
			assert_true(state_distinct_add(
			    group_buffers_states(&f->buffers) +
				f->row[k / 10] * f->buffers.words,
			    random_u64(&random)));
	}
	assert_int_equal(bad, FLOWD_ENOMEM);
	assert_string_not_equal(err.text, "");
	fixture_free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_part_comes_to_its_partition),
		cmocka_unit_test(one_key_for_all_is_taken),
		cmocka_unit_test(groups_are_added_one_by_one),
		cmocka_unit_test(what_cannot_be_given_is_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
