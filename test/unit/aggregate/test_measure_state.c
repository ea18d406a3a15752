/*
 * States of measures: which a list of measures needs, and that combining them
 * in any order and any split gives what one state of all their flows is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../random.h"
#include "distinct.h"
#include "measure_state.h"

enum {
	SPLITS = 6
};

static struct states
states_of(const char *text)
{
	struct measures m = { .n = 0 };
	struct flowd_error err;
	struct states s;

	assert_int_equal(measures_parse(&m, text, &err), 0);
	assert_true(states_init(&s, &m));
	return s;
}

/* Is there this state, once? */
static void
assert_state(const struct states *s, unsigned kind, unsigned input)
{
	unsigned n = 0;

	for (unsigned i = 0; i < s->n; i++)
		n += s->state[i].kind == kind && s->state[i].input == input;
	assert_int_equal(n, 1);
}

static void
measures_share_states(void **state)
{
	struct states s = states_of(
	    "octets,sum(octets),avg(octets),bps,bpp,duration,first,last");

	(void)state;
	assert_state(&s, STATE_SUM, COL_octets);
	assert_state(&s, STATE_COUNT, COL_octets);
	assert_state(&s, STATE_SUM, COL_packets);
	assert_state(&s, STATE_MIN, INPUT_BEGIN);
	assert_state(&s, STATE_MAX, INPUT_END);
	assert_int_equal(s.of[0][0], s.of[1][0]);
	assert_int_equal(s.of[0][0], s.of[3][0]);
	assert_false(s.additive);
	assert_true(states_of("flows,octets,bpp,avg(tag)").additive);
	assert_false(states_of("distinct(tag)").additive);
	assert_false(states_of("p95(octets)").additive);
	assert_int_equal(
	    states_of("distinct(tag),distinct(src_as),p95(octets),p5(octets)")
		.n,
	    3);
}

/* No list that measures_parse() takes is too long. */
static void
any_list_of_measures_has_room(void **state)
{
	struct measures m = { .n = 0 };
	struct flowd_error err;
	struct states s;

	(void)state;
	assert_int_equal(
	    measures_parse(&m,
		"bps,pps,bpp,duration,min(tag),max(tag),avg(tag),min(tos),"
		"max(tos),avg(tos),min(vlan),max(vlan),avg(vlan),min(src_as),"
		"max(src_as),avg(src_as),min(dst_as),max(dst_as),avg(dst_as),"
		"min(if_in),max(if_in),avg(if_in),min(if_out),p5(octets)",
		&err),
	    0);
	assert_int_equal(m.n, MEASURES);
	assert_true(states_init(&s, &m));
	assert_in_range(s.n, 1, STATES);
	for (unsigned i = 0; i < m.n; i++)
		assert_in_range(s.of[i][0], 0, s.n - 1);
}

/* --- Combining --- */

/* What a flow adds to the words of a group. */
static void
add_flow(const struct states *s, uint64_t *words, uint64_t value)
{
	for (unsigned i = 0; i < s->n; i++) {
		uint64_t *to = &words[i];

		switch (s->state[i].kind) {
		case STATE_FLOWS:
		case STATE_COUNT:
			++*to;
			break;
		case STATE_SUM:
			*to = sum_saturated(*to, value);
			break;
		case STATE_MIN:
			*to = value < *to ? value : *to;
			break;
		case STATE_MAX:
			*to = value > *to ? value : *to;
			break;
		case STATE_DISTINCT:
			assert_true(
			    state_distinct_add(to, distinct_hash(value)));
			break;
		default:
			assert_true(state_histogram_add(to, value));
			break;
		}
	}
}

static void
assert_same(const struct states *s, const uint64_t *a, const uint64_t *b)
{
	for (unsigned i = 0; i < s->n; i++) {
		unsigned kind = s->state[i].kind;
		uint64_t x = a[i], y = b[i];
		bool e[2] = { false, false };

		if (kind == STATE_DISTINCT) {
			x = state_distinct_count(a[i], &e[0]);
			y = state_distinct_count(b[i], &e[1]);
		}
		for (unsigned p = 1; kind == STATE_HISTOGRAM && p < 1000;
		     p += 37) {
			x = y = 0;
			assert_int_equal(
			    state_histogram_permille(a[i], p, &x, &e[0]),
			    state_histogram_permille(b[i], p, &y, &e[1]));
			assert_true(x == y);
		}
		assert_true(x == y);
		assert_int_equal(e[0], e[1]);
	}
}

/* n flows, split at random, combined in any order: by taking or by adding. */
static void
check_splits(const struct states *s, struct random *r, unsigned n, bool huge)
{
	uint64_t all[STATES], part[SPLITS][STATES], sum[STATES], copy[STATES];
	unsigned first = random_u32(r) % SPLITS;

	states_clear(s, all);
	states_clear(s, sum);
	states_clear(s, copy);
	for (unsigned i = 0; i < SPLITS; i++)
		states_clear(s, part[i]);
	for (unsigned i = 0; i < n; i++) {
		uint64_t value = huge ? random_u64(r) : random_bits(r) >> 20;

		add_flow(s, all, value);
		add_flow(s, part[random_u32(r) % SPLITS], value);
	}
	for (unsigned i = 0; i < SPLITS; i++)
		assert_true(states_add(s, copy, part[(first + i) % SPLITS]));
	for (unsigned i = 0; i < SPLITS; i++) {
		uint64_t *from = part[(first + 2 * SPLITS - i) % SPLITS];

		assert_true(states_combine(s, sum, from));
		assert_true(states_octets(s, from) == 0);
	}
	assert_same(s, all, sum);
	assert_same(s, all, copy);
	states_drop(s, all);
	states_drop(s, sum);
	states_drop(s, copy);
	assert_true(states_octets(s, all) == 0);
}

static void
splits_and_order_do_not_matter(void **state)
{
	struct states s = states_of("flows,octets,min(tag),max(tag),avg(tag),"
				    "distinct(tag),p95(octets),bps");
	struct random r = { 12 };

	(void)state;
	for (unsigned i = 0; i < 60; i++)
		check_splits(&s, &r, random_u32(&r) % 40, i % 2 == 0);
	for (unsigned i = 0; i < 6; i++)
		check_splits(&s, &r, random_u32(&r) % 12000, i % 2 == 0);
}

static void
sums_stop_at_the_greatest_number(void **state)
{
	struct states s = states_of("octets");
	uint64_t a[STATES], b[STATES];

	(void)state;
	assert_true(sum_saturated(UINT64_MAX, 0) == UINT64_MAX);
	assert_true(sum_saturated(UINT64_MAX, UINT64_MAX) == UINT64_MAX);
	assert_true(sum_saturated(UINT64_MAX - 1, 1) == UINT64_MAX);
	assert_true(sum_saturated(UINT64_MAX - 1, 2) == UINT64_MAX);
	assert_true(sum_saturated(1, 2) == 3);
	states_clear(&s, a);
	states_clear(&s, b);
	add_flow(&s, a, UINT64_MAX - 5);
	add_flow(&s, b, 6);
	assert_true(states_combine(&s, a, b));
	assert_true(a[s.of[0][0]] == UINT64_MAX);
}

static void
nothing_combined_stays_nothing(void **state)
{
	struct states s = states_of("flows,octets,min(tag),max(tag),"
				    "distinct(tag),p95(octets)");
	uint64_t a[STATES], b[STATES], clear[STATES];

	(void)state;
	states_clear(&s, a);
	states_clear(&s, b);
	states_clear(&s, clear);
	assert_true(states_combine(&s, a, b));
	assert_memory_equal(a, clear, s.n * sizeof(*a));
	assert_memory_equal(b, clear, s.n * sizeof(*a));
}

/* What is given away is empty, and can be used and dropped again. */
static void
what_is_taken_over_is_cleared(void **state)
{
	struct states s = states_of("distinct(tag),p95(octets)");
	uint64_t a[STATES], b[STATES];
	size_t octets;

	(void)state;
	states_clear(&s, a);
	states_clear(&s, b);
	for (uint64_t i = 0; i < 6000; i++)
		add_flow(&s, b, i);
	octets = states_octets(&s, b);
	assert_true(octets > 16384);
	assert_true(states_combine(&s, a, b));
	assert_true(states_octets(&s, a) == octets);
	assert_true(b[0] == 0 && b[1] == 0);
	add_flow(&s, b, 7);
	assert_true(states_combine(&s, a, b));
	assert_true(states_octets(&s, a) == octets);
	states_drop(&s, a);
	states_drop(&s, b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(measures_share_states),
		cmocka_unit_test(any_list_of_measures_has_room),
		cmocka_unit_test(splits_and_order_do_not_matter),
		cmocka_unit_test(sums_stop_at_the_greatest_number),
		cmocka_unit_test(nothing_combined_stays_nothing),
		cmocka_unit_test(what_is_taken_over_is_cleared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
