/*
 * Orders that wait for the configuration to be read:
 * flowd/parent/reload_queue.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "reload_queue.h"

static struct reload_queue o;

static int
setup(void **state)
{
	(void)state;
	memset(&o, 0, sizeof(o));
	return 0;
}

/* The reading was for so many, from this one on. */
static void
assert_ended(size_t n, uint32_t first)
{
	uint32_t serials[RELOAD_QUEUE_MAX];

	assert_int_equal(reload_queue_end(&o, serials), n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(serials[i], first + i);
}

/* One that comes while the file is read may be about what came too late. */
static void
an_order_is_for_the_reading_that_begins_after_it(void **state)
{
	(void)state;
	assert_true(reload_queue_add(&o, 1));
	reload_queue_begin(&o);
	assert_true(reload_queue_add(&o, 2));
	assert_true(reload_queue_add(&o, 3));
	assert_ended(1, 1);
	reload_queue_begin(&o);
	assert_ended(2, 2);
	reload_queue_begin(&o);
	assert_ended(0, 0);
}

static void
reload_queue_of_who_is_gone_are_forgotten(void **state)
{
	(void)state;
	assert_true(reload_queue_add(&o, 1));
	reload_queue_begin(&o);
	assert_true(reload_queue_add(&o, 2));
	reload_queue_forget(&o);
	/* The next one begins with the same numbers. */
	assert_true(reload_queue_add(&o, 1));
	assert_ended(0, 0);
	reload_queue_begin(&o);
	assert_ended(1, 1);
}

static void
there_may_be_so_many(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < RELOAD_QUEUE_MAX; i++)
		assert_true(reload_queue_add(&o, i));
	assert_false(reload_queue_add(&o, 99));
	reload_queue_begin(&o);
	assert_ended(RELOAD_QUEUE_MAX, 0);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup(name, setup)
	const struct CMUnitTest tests[] = {
		T(an_order_is_for_the_reading_that_begins_after_it),
		T(reload_queue_of_who_is_gone_are_forgotten),
		T(there_may_be_so_many),
	};

	return cmocka_run_group_tests_name("orders", tests, NULL, NULL);
}
