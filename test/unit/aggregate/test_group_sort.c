/*
 * Groups that are sorted come to their partitions whole, whichever they are,
 * and what their states point to is not lost when that fails.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../random.h"
#include "group_sort.h"

enum {
	GROUPS_MAX = 70000,
	KEYS = 9000
};

struct fixture {
	struct key key;
	struct group_layout layout;
	struct group_memory memory;
	struct partitions partitions;
	struct group_sort sort;
	struct random random;
	struct group *list;
	uint64_t *words; /* KEY_WORDS + STATES of each */
	uint64_t flows[KEYS], sum[KEYS]; /* what is to come out */
};

static void
fixture_init(struct fixture *f, const char *measures, size_t memory)
{
	struct measures m = { .n = 0 };

	memset(f, 0, sizeof(*f));
	assert_int_equal(key_parse(&f->key, "src_addr,tag", NULL), 0);
	assert_int_equal(measures_parse(&m, measures, NULL), 0);
	assert_true(states_init(&f->layout.states, &m));
	f->layout.key = &f->key;
	key_layout_init(&f->layout.keys, &f->key);
	f->layout.secret[0] = 3;
	f->layout.secret[1] = 0x99999999999999;
	f->memory.max = memory;
	f->random = (struct random){ 5 };
	partitions_init(&f->partitions, &f->layout, &f->memory, NULL);
	group_sort_init(&f->sort, &f->layout);
	f->list = calloc(GROUPS_MAX, sizeof(*f->list));
	f->words = calloc(
	    (size_t)GROUPS_MAX * (KEY_WORDS + 2), sizeof(*f->words));
	assert_non_null(f->list);
	assert_non_null(f->words);
}

static void
fixture_fini(struct fixture *f)
{
	group_sort_fini(&f->sort);
	partitions_fini(&f->partitions);
	free(f->list);
	free(f->words);
}

/* Every third key is general. */
static void
make_group(struct fixture *f, struct group *g, uint64_t *words,
    unsigned number)
{
	struct key_value value[KEY_PARTS] = { { 0, 0, 0 } };
	const struct key_layout *l = &f->layout.keys;

	g->general = number % 3 == 0;
	value[0] = (struct key_value){ KEY_PLAIN, number, 0 };
	value[1] = value[0];
	if (g->general)
		value[0] = (struct key_value){ KEY_V6, number, 7 };
	if (g->general)
		key_pack_general(l, value, words);
	else
		key_pack_plain(l, value, words);
	g->key = words;
	g->hash = group_hash(f->layout.secret, words,
	    g->general ? l->general_words : l->plain_words);
	g->state = words + KEY_WORDS;
	states_clear(&f->layout.states, g->state);
}

static void
give_some(struct fixture *f, size_t n)
{
	struct flowd_error err;

	for (size_t i = 0; i < n; i++) {
		unsigned number = random_u32(&f->random) % KEYS;
		struct group *g = &f->list[i];

		make_group(f, g, f->words + i * (KEY_WORDS + 2), number);
		g->state[0] = 1 + random_u32(&f->random) % 3;
		g->state[1] = random_u64(&f->random) >> 20;
		f->flows[number] += g->state[0];
		f->sum[number] += g->state[1];
	}
	assert_int_equal(
	    group_sort_give(&f->sort, f->list, n, &f->partitions, &err), 0);
}

static int
check_row(void *arg, struct group_row *row, struct flowd_error *err)
{
	struct fixture *f = arg;
	uint64_t number = key_unpack(
	    &f->layout.keys, row->general, row->key, 1).lo;

	(void)err;
	assert_true(number < KEYS);
	assert_true(row->state[0] == f->flows[number]);
	assert_true(row->state[1] == f->sum[number]);
	assert_true(f->flows[number] != 0);
	f->flows[number] = 0;
	return 0;
}

static void
groups_come_to_their_partitions(void **state)
{
	struct fixture *f = malloc(sizeof(*f));
	static const size_t n[] = { 1, 2, 64, 0, 5000, 3, 70000, 33 };

	(void)state;
	assert_non_null(f);
	fixture_init(f, "flows,octets", 0);
	for (unsigned i = 0; i < sizeof(n) / sizeof(n[0]); i++)
		give_some(f, n[i]);
	assert_int_equal(
	    partitions_each(&f->partitions, check_row, f, NULL), 0);
	for (unsigned i = 0; i < KEYS; i++)
		assert_true(f->flows[i] == 0);
	fixture_fini(f);
	free(f);
}

/* The states point to memory, which a sanitizer looks for. */
static void
what_cannot_be_given_is_freed(void **state)
{
	struct fixture *f = malloc(sizeof(*f));
	struct flowd_error err = { "" };

	(void)state;
	assert_non_null(f);
	fixture_init(f, "distinct(dst_port)", 100000);
	for (unsigned i = 0; i < KEYS; i++) {
		struct group *g = &f->list[i];

		make_group(f, g, f->words + i * (KEY_WORDS + 2), i);
		for (unsigned k = 0; k < 50; k++)
			assert_true(state_distinct_add(
			    &g->state[0], random_u64(&f->random)));
	}
	assert_int_equal(
	    group_sort_give(&f->sort, f->list, KEYS, &f->partitions, &err),
	    FLOWD_ENOMEM);
	assert_string_not_equal(err.text, "");
	fixture_fini(f);
	free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_come_to_their_partitions),
		cmocka_unit_test(what_cannot_be_given_is_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
