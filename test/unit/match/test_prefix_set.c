/* Sets of prefixes against looking at every prefix. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../random.h"
#include "prefix_set.h"
#include "result.h"

static struct random rng = { 1 };

enum { ROUNDS = 300, PREFIXES = 60 };

struct member {
	struct prefix prefix;
	bool except;
};

static struct addr
random_addr(bool v6)
{
	struct addr6 a = { UINT64_C(0x20010db8) << 32 |
		    random_below(&rng, 16),
		random_below(&rng, 16) };

	if (!v6)
		return addr_from_v4(random_below(&rng, 2) << 31 |
		    random_below(&rng, 4) << 8 |
		    random_below(&rng, 16));
	if (random_below(&rng, 5) == 0)
		a = (struct addr6) { UINT64_MAX,
			UINT64_MAX - random_below(&rng, 4) };
	if (random_below(&rng, 5) == 0)
		a = (struct addr6){ 0, random_below(&rng, 4) };
	return addr_from_v6(a);
}

static struct member
random_member(bool v6)
{
	struct member m = { .except = random_below(&rng, 3) == 0 };
	uint8_t len = (uint8_t)(random_below(&rng, 20) == 0 ? 0
		: (v6 ? 128 : 32) - random_below64(&rng, v6 ? 70 : 33));
	struct addr6 mask;

	m.prefix.addr = random_addr(v6);
	m.prefix.len = len;
	mask = addr6_mask(len);
	m.prefix.addr.v4 &= len == 0 || v6 ? 0 : UINT32_MAX << (32 - len);
	m.prefix.addr.v6.hi &= v6 ? mask.hi : 0;
	m.prefix.addr.v6.lo &= v6 ? mask.lo : 0;
	return m;
}

static bool
slow_has(const struct member *members, size_t n, const struct addr *a)
{
	int longest = -1;
	bool in = false;

	for (size_t i = 0; i < n; i++) {
		const struct member *m = &members[i];

		if (!prefix_match(&m->prefix, a) || m->prefix.len < longest ||
		    (m->prefix.len == longest && !m->except))
			continue;
		longest = m->prefix.len;
		in = !m->except;
	}
	return in;
}

static void
set_make(struct prefix_set *set, const struct member *members, size_t n)
{
	struct prefix_list list;

	prefix_list_init(&list, PREFIXES);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(prefix_list_add(&list, &members[i].prefix,
				     members[i].except), 0);
	assert_true(prefix_set_init(set, &list));
	assert_true(prefix_set_finish(set));
	prefix_list_fini(&list);
}

static size_t
random_members(struct member *members)
{
	size_t n = random_below64(&rng, PREFIXES);

	for (size_t i = 0; i < n; i++)
		members[i] = random_member(random_below(&rng, 2));
	return n;
}

static void
the_longest_prefix_decides(void **unused)
{
	struct member members[PREFIXES];

	(void)unused;
	for (int round = 0; round < ROUNDS; round++) {
		size_t n = random_members(members);
		struct prefix_set set;

		set_make(&set, members, n);
		for (int i = 0; i < 400; i++) {
			struct addr a = random_addr(random_below(&rng, 2));

			assert_int_equal(prefix_set_has(&set, &a),
			    slow_has(members, n, &a));
		}
		prefix_set_fini(&set);
	}
}

static void
sets_are_joined_and_taken_out(void **unused)
{
	struct member left[PREFIXES], right[PREFIXES];

	(void)unused;
	for (int round = 0; round < ROUNDS; round++) {
		size_t nleft = random_members(left);
		size_t nright = random_members(right);
		struct prefix_set both, less, other;

		set_make(&both, left, nleft);
		set_make(&less, left, nleft);
		set_make(&other, right, nright);
		assert_true(prefix_set_add(&both, &other));
		assert_true(prefix_set_remove(&less, &other));
		assert_true(prefix_set_finish(&both));
		assert_true(prefix_set_finish(&less));
		for (int i = 0; i < 200; i++) {
			struct addr a = random_addr(random_below(&rng, 2));
			bool in = slow_has(left, nleft, &a);
			bool out = slow_has(right, nright, &a);

			assert_int_equal(prefix_set_has(&both, &a), in || out);
			assert_int_equal(prefix_set_has(&less, &a),
			    in && !out);
		}
		prefix_set_fini(&both);
		prefix_set_fini(&less);
		prefix_set_fini(&other);
	}
}

/* Prefixes of lengths from least to most in so many of 65,536 /16s. */
static void
make_wide(struct prefix_set *set, size_t n, unsigned least, unsigned most)
{
	struct prefix_list list;

	prefix_list_init(&list, n);
	for (size_t i = 0; i < n; i++) {
		struct prefix p = { .len = (uint8_t)(least +
					random_below64(
					    &rng, most - least + 1)) };
		uint32_t block = (uint32_t)(i * 65536 / n) << 16;

		p.addr = addr_from_v4(
		    (block | random_below(&rng, 65536)) &
		    UINT32_MAX << (32 - p.len));
		assert_int_equal(
		    prefix_list_add(&list, &p, random_below(&rng, 9) == 0),
		    0);
	}
	assert_true(prefix_set_init(set, &list));
	assert_true(prefix_set_finish(set));
	prefix_list_fini(&list);
}

/* In the flat and the indexed form, with mixed /24s or none. */
static void
dir24_answers_as_boundaries_do(void **unused)
{
	static const struct {
		size_t n;
		unsigned least, most;
		bool flat;
	} sets[] = {
		{ 60000, 17, 24, true }, { 60000, 17, 32, true },
		{ 60000, 25, 32, true }, { 5000, 8, 32, false },
		{ 100000, 16, 30, true },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		struct prefix_set set;

		make_wide(&set, sets[i].n, sets[i].least, sets[i].most);
		assert_non_null(set.dir24.index);
		assert_int_equal(set.dir24.mixed != NULL, sets[i].flat);
		for (size_t k = 0; k < set.v4.n; k++)
			for (int beside = -1; beside <= 1; beside++) {
				uint32_t x = set.v4.at[k] + (uint32_t)beside;

				assert_int_equal(prefix_set_has4(&set, x),
				    boundaries4_find(&set.v4, x) & 1);
			}
		prefix_set_fini(&set);
	}
}

static void
neighbours_leave_no_border(void **unused)
{
	struct member members[256];
	struct prefix_list list;
	struct prefix_set set;

	(void)unused;
	prefix_list_init(&list, 256);
	for (unsigned i = 0; i < 256; i++) {
		members[i].prefix.addr = addr_from_v4(i << 24);
		members[i].prefix.len = 8;
		assert_int_equal(prefix_list_add(&list, &members[i].prefix,
				     false), 0);
	}
	assert_int_equal(
	    prefix_list_add(&list, &members[0].prefix, false), FLOWD_ERANGE);
	assert_true(prefix_set_init(&set, &list));
	prefix_list_fini(&list);
	assert_int_equal(set.v4.n, 1);
	assert_true(prefix_set_has4(&set, 0));
	assert_true(prefix_set_has4(&set, UINT32_MAX));
	prefix_set_fini(&set);
}

static void
nothing_is_in_an_empty_set(void **unused)
{
	struct prefix_list list;
	struct prefix_set set;
	struct addr none = { .family = ADDR_NONE };

	(void)unused;
	prefix_list_init(&list, 1);
	assert_true(prefix_set_init(&set, &list));
	assert_false(prefix_set_has4(&set, 0));
	assert_false(prefix_set_has6(&set, (struct addr6){ 0, 0 }));
	assert_false(prefix_set_has(&set, &none));
	prefix_set_fini(&set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_prefix_decides),
		cmocka_unit_test(sets_are_joined_and_taken_out),
		cmocka_unit_test(dir24_answers_as_boundaries_do),
		cmocka_unit_test(neighbours_leave_no_border),
		cmocka_unit_test(nothing_is_in_an_empty_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
