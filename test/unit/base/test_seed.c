/* Random seeds: lib/base/seed.c. The linker puts a getentropy() in front. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "seed.h"

static bool none; /* the system has no entropy to give */

int __real_getentropy(void *to, size_t n);
int __wrap_getentropy(void *to, size_t n);

int
__wrap_getentropy(void *to, size_t n)
{
	if (!none)
		return __real_getentropy(to, n);
	errno = ENOSYS;
	return -1;
}

static void
no_two_are_equal(void **state)
{
	uint64_t a = seed_draw(), b = seed_draw();

	(void)state;
	assert_true(a != b);
}

static void
without_entropy_there_is_a_seed(void **state)
{
	(void)state;
	none = true;
	assert_true(seed_draw() != 0);
	none = false;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_two_are_equal),
		cmocka_unit_test(without_entropy_there_is_a_seed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
