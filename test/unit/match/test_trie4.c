/* Tries against bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../random.h"
#include "trie4.h"

enum {
	ROUNDS = 100,
	TRIED = 2000,
	TOO_MANY = 100000
};

static struct random rng = { 1 };

static int
compare_u32(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return left < right ? -1 : left > right;
}

/* Up to n places, sorted, each once, with zeros at their ends. */
static struct boundaries4
random_bounds(size_t n, uint32_t base, uint32_t spread, unsigned zeros)
{
	uint32_t *at = malloc((n + 1) * sizeof(*at));
	struct boundaries4 s;
	size_t kept = 0;

	assert_non_null(at);
	for (size_t i = 0; i < n; i++)
		at[i] = (base + random_u32(&rng) % spread) >> zeros << zeros;
	qsort(at, n, sizeof(*at), compare_u32);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || at[kept - 1] != at[i])
			at[kept++] = at[i];
	assert_true(boundaries4_init(&s, at, kept, 10));
	return s;
}

/* A class for each number of places; some twice. */
static uint32_t *
some_classes(size_t n)
{
	uint32_t *of_class = malloc((n + 1) * sizeof(*of_class));

	assert_non_null(of_class);
	for (size_t i = 0; i <= n; i++)
		of_class[i] = random_u32(&rng) % 2 ? (uint32_t)i : 0;
	return of_class;
}

static void
assert_same(const struct trie4 *t, const struct boundaries4 *s,
    const uint32_t *of_class, uint32_t x)
{
	assert_int_equal(trie4_find(t, x), of_class[boundaries4_find(s, x)]);
}

static void
a_trie_finds_what_steps_find(void **unused)
{
	(void)unused;
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct boundaries4 s = random_bounds(random_u32(&rng) % 200,
		    round % 2 ? random_u32(&rng) : 0,
		    UINT32_MAX >> random_u32(&rng) % 28, random_u32(&rng) % 17);
		uint32_t *of_class = some_classes(s.n);
		struct trie4 t;

		assert_true(trie4_init(&t, &s, of_class));
		for (unsigned i = 0; i < TRIED; i++)
			assert_same(&t, &s, of_class, random_u32(&rng));
		for (size_t i = 0; i < s.n; i++)
			for (int beside = -1; beside <= 1; beside++)
				assert_same(&t, &s, of_class,
				    s.at[i] + (uint32_t)beside);
		assert_same(&t, &s, of_class, 0);
		assert_same(&t, &s, of_class, UINT32_MAX);
		trie4_fini(&t);
		boundaries4_fini(&s);
		free(of_class);
	}
}

static void
no_places_are_one_class(void **unused)
{
	struct boundaries4 s = random_bounds(0, 0, 1, 0);
	uint32_t only = 7;
	struct trie4 t;

	(void)unused;
	assert_true(trie4_init(&t, &s, &only));
	assert_int_equal(trie4_find(&t, 0), 7);
	assert_int_equal(trie4_find(&t, UINT32_MAX), 7);
	trie4_fini(&t);
	boundaries4_fini(&s);
}

static void
a_trie_that_would_be_too_large_is_not_made(void **unused)
{
	struct boundaries4 s = random_bounds(TOO_MANY, 0, UINT32_MAX, 0);
	uint32_t *of_class = some_classes(s.n);
	struct trie4 t;

	(void)unused;
	assert_false(trie4_init(&t, &s, of_class));
	assert_null(t.entry);
	boundaries4_fini(&s);
	free(of_class);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_trie_finds_what_steps_find),
		cmocka_unit_test(no_places_are_one_class),
		cmocka_unit_test(a_trie_that_would_be_too_large_is_not_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
