/* Memory that goes together: lib/base/arena.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arena.h"

static void
memory_is_zeroed_and_aligned(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, 1 << 20);
	for (size_t size = 1; size < 200; size += 7) {
		uint8_t *p = arena_alloc(&arena, size);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, size);
	}
	arena_fini(&arena);
}

static void
pieces_do_not_overlap(void **state)
{
	enum {
		N = 3000
	};
	struct arena arena;
	uint32_t *piece[N];

	(void)state;
	arena_init(&arena, 1 << 20);
	for (uint32_t i = 0; i < N; i++) {
		piece[i] = arena_alloc(&arena, 4 + i % 40);
		assert_non_null(piece[i]);
		*piece[i] = i;
	}
	for (uint32_t i = 0; i < N; i++)
		assert_int_equal(*piece[i], i);
	arena_fini(&arena);
}

static void
a_piece_may_be_larger_than_a_block(void **state)
{
	struct arena arena;
	char *p;

	(void)state;
	arena_init(&arena, 1 << 20);
	assert_non_null(arena_alloc(&arena, 100));
	p = arena_alloc(&arena, 100000);
	assert_non_null(p);
	memset(p, 1, 100000);
	assert_non_null(arena_alloc(&arena, 100));
	arena_fini(&arena);
}

static void
the_maximum_is_kept_to(void **state)
{
	struct arena arena;
	size_t n = 0;

	(void)state;
	arena_init(&arena, 10000);
	while (arena_alloc(&arena, 100) != NULL)
		n++;
	assert_in_range(n, 50, 100);
	assert_true(arena.used <= 10000);
	assert_null(arena_alloc(&arena, 10001));
	arena_fini(&arena);
	assert_int_equal(arena.used, 0);
	/* After that it may be used again. */
	assert_non_null(arena_alloc(&arena, 100));
	arena_fini(&arena);
}

static void
sizes_that_overflow_are_refused(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, SIZE_MAX);
	assert_null(arena_alloc(&arena, SIZE_MAX));
	assert_null(arena_alloc(&arena, SIZE_MAX - sizeof(max_align_t)));
	assert_null(arena_calloc(&arena, SIZE_MAX / 2, 3));
	assert_null(arena_calloc(&arena, 3, SIZE_MAX / 2));
	assert_null(arena_strndup(&arena, "", SIZE_MAX));
	assert_non_null(arena_calloc(&arena, 3, 0));
	assert_non_null(arena_calloc(&arena, 0, 3));
	arena_fini(&arena);
}

static void
a_copy_of_text_ends_in_zero(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, 10000);
	assert_string_equal(arena_strndup(&arena, "flow source", 4), "flow");
	assert_string_equal(arena_strndup(&arena, "", 0), "");
	arena_fini(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_and_aligned),
		cmocka_unit_test(pieces_do_not_overlap),
		cmocka_unit_test(a_piece_may_be_larger_than_a_block),
		cmocka_unit_test(the_maximum_is_kept_to),
		cmocka_unit_test(sizes_that_overflow_are_refused),
		cmocka_unit_test(a_copy_of_text_ends_in_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
