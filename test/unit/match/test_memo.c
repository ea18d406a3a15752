/* The memory of the classifier. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "memo.h"

enum { MANY = 300000 };

static void
memo_fill(struct memo *memo, uint64_t *key, uint64_t i)
{
	for (unsigned w = 0; w < memo->words; w++)
		key[w] = i * (w + 1) * UINT64_C(0x100000001);
}

static void
what_is_kept_is_found_or_forgotten(void **unused)
{
	uint64_t key[3];

	(void)unused;
	for (unsigned words = 1; words <= 3; words++) {
		struct memo memo;
		size_t found = 0;

		assert_true(memo_init(&memo, words));
		for (uint64_t i = 1; i <= MANY; i++) {
			memo_fill(&memo, key, i);
			assert_int_equal(memo_find(&memo, key)->value, 0);
			if (!memo_grow(&memo))
				memo_clear(&memo);
			memo_put(&memo, key, (uint32_t)i)->count = i % 7;
			assert_int_equal(memo_find(&memo, key)->value, i);
			if (words == 1)
				assert_ptr_equal(memo_find1(&memo, *key),
				    memo_find(&memo, key));
		}
		/* What is still there is right. */
		for (uint64_t i = 1; i <= MANY; i++) {
			const struct memo_slot *slot;

			memo_fill(&memo, key, i);
			slot = memo_find(&memo, key);
			found += slot->value != 0;
			assert_true(slot->value == 0 ||
			    (slot->value == i && slot->count == i % 7));
		}
		assert_int_equal(found, memo.nkeys);
		assert_true(2 * memo.nkeys <= memo.nslots);
		assert_true(memo.nslots < MANY);
		memo_clear(&memo);
		assert_int_equal(memo_find(&memo, key)->value, 0);
		memo_fini(&memo);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_kept_is_found_or_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
