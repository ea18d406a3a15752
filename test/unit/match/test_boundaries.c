/* Boundaries against counting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../random.h"
#include "boundaries.h"

static struct random rng = { 1 };

enum { ROUNDS = 200 };

static int
compare_u32(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return left < right ? -1 : left > right;
}

/* n places, each once, sorted; some at the very ends. */
static uint32_t *
random_places4(size_t *n, uint64_t spread)
{
	uint32_t *at = malloc((*n + 2) * sizeof(*at));
	size_t kept = 0;

	assert_non_null(at);
	for (size_t i = 0; i < *n; i++)
		at[i] = (uint32_t)random_below64(&rng, spread);
	at[(*n)++] = 0;
	at[(*n)++] = UINT32_MAX;
	qsort(at, *n, sizeof(*at), compare_u32);
	for (size_t i = 0; i < *n; i++)
		if (kept == 0 || at[kept - 1] != at[i])
			at[kept++] = at[i];
	*n = kept;
	return at;
}

static size_t
slow_find4(const struct boundaries4 *s, uint32_t x)
{
	size_t n = 0;

	while (n < s->n && s->at[n] <= x)
		n++;
	return n;
}

static void
places_of_32_bits_are_found(void **unused)
{
	(void)unused;
	for (int round = 0; round < ROUNDS; round++) {
		size_t n = random_below(&rng, 3000);
		uint64_t spread =
		    random_below(&rng, 2) ? UINT64_C(1) << 32 : 5000;
		uint32_t *at = random_places4(&n, spread);
		struct boundaries4 s;

		assert_true(boundaries4_init(
		    &s, at, n, random_below(&rng, 12)));
		for (int i = 0; i < 300; i++) {
			uint32_t x = random_below(&rng, 2)
			    ? (uint32_t)random_below64(&rng, spread)
			    : s.at[random_below64(&rng, n)] -
				random_below(&rng, 2);

			assert_int_equal(
			    boundaries4_find(&s, x), slow_find4(&s, x));
		}
		assert_int_equal(boundaries4_find(&s, UINT32_MAX), n);
		boundaries4_fini(&s);
	}
}

static void
no_places_are_found_nowhere(void **unused)
{
	struct boundaries4 v4;
	struct boundaries6 v6;

	(void)unused;
	assert_true(boundaries4_init(&v4, malloc(1), 0, 0));
	assert_true(boundaries6_init(&v6, malloc(1), 0, 0));
	assert_int_equal(boundaries4_find(&v4, UINT32_MAX), 0);
	assert_int_equal(boundaries6_find(&v6,
			     (struct addr6){ UINT64_MAX, UINT64_MAX }), 0);
	boundaries4_fini(&v4);
	boundaries6_fini(&v6);
}

static size_t
slow_find6(const struct boundaries6 *s, struct addr6 x)
{
	size_t n = 0;

	while (n < s->n && !addr6_less(x, s->at[n]))
		n++;
	return n;
}

static int
compare_addr6(const void *a, const void *b)
{
	const struct addr6 *left = a, *right = b;

	return addr6_less(*left, *right) ? -1 : addr6_less(*right, *left);
}

/* All over, below one prefix, or with one upper half. */
static struct addr6
random_place6(int kind)
{
	switch (kind) {
	case 0:
		return (struct addr6){ random_u64(&rng) << 20,
			random_u64(&rng) };
	case 1:
		return (struct addr6) { UINT64_C(0x20010db8) << 32 |
			    random_below(&rng, 9999),
			random_below(&rng, 3) };
	default:
		return (struct addr6) { UINT64_C(0xfd) << 56,
			random_below(&rng, 99999) };
	}
}

static void
places_of_128_bits_are_found(void **unused)
{
	(void)unused;
	for (int round = 0; round < ROUNDS; round++) {
		size_t n = 1 + random_below(&rng, 2000), kept = 0;
		struct addr6 *at = malloc(n * sizeof(*at));
		int kind = (int)random_below(&rng, 3);
		struct boundaries6 s;

		assert_non_null(at);
		for (size_t i = 0; i < n; i++)
			at[i] = random_place6(kind);
		qsort(at, n, sizeof(*at), compare_addr6);
		for (size_t i = 0; i < n; i++)
			if (kept == 0 ||
			    compare_addr6(&at[kept - 1], &at[i]) != 0)
				at[kept++] = at[i];
		assert_true(boundaries6_init(
		    &s, at, kept, random_below(&rng, 12)));
		for (int i = 0; i < 300; i++) {
			struct addr6 x = random_below(&rng, 2)
			    ? random_place6((int)random_below(&rng, 3))
			    : s.at[random_below64(&rng, kept)];

			x.lo -= random_below(&rng, 2);
			assert_int_equal(
			    boundaries6_find(&s, x), slow_find6(&s, x));
		}
		boundaries6_fini(&s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_of_32_bits_are_found),
		cmocka_unit_test(no_places_are_found_nowhere),
		cmocka_unit_test(places_of_128_bits_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
