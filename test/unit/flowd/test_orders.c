/* Orders that wait for the configuration to be read: flowd/orders.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "orders.h"

static struct answer a;
static struct conn asker;
static struct orders o;

static int
setup(void **state)
{
	int ends[2];

	(void)state;
	memset(&o, 0, sizeof(o));
	answer_init(&a, NULL, 0, NULL);
	assert_int_equal(conn_pair(ends), 0);
	answer_adopt(&a, ends[0]);
	conn_init(&asker, ends[1], 4096, 4096);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	answer_fini(&a);
	conn_close(&asker);
	return 0;
}

static void
assert_heard(enum frame_type type, uint32_t serial)
{
	struct frame f;

	assert_true(conn_turn(&asker));
	assert_int_equal(conn_next(&asker, &f), 1);
	assert_int_equal(f.type, type);
	assert_int_equal(f.serial, serial);
}

static void
assert_silence(void)
{
	struct frame f;

	assert_true(conn_turn(&asker));
	assert_int_equal(conn_next(&asker, &f), 0);
}

/* One that comes while the file is read may be about what came too late. */
static void
an_order_is_for_the_reading_that_begins_after_it(void **state)
{
	(void)state;
	assert_true(orders_add(&o, 1));
	orders_begin(&o);
	assert_true(orders_add(&o, 2));
	assert_true(orders_add(&o, 3));
	orders_end(&o, &a, END_GOOD, "");
	assert_heard(FRAME_END, 1);
	assert_silence();
	orders_begin(&o);
	orders_end(&o, &a, END_FAILED, "line 3\n");
	assert_heard(FRAME_TEXT, 2);
	assert_heard(FRAME_END, 2);
	assert_heard(FRAME_TEXT, 3);
	assert_heard(FRAME_END, 3);
	assert_silence();
	orders_begin(&o);
	orders_end(&o, &a, END_GOOD, "");
	assert_silence();
}

static void
orders_of_who_is_gone_are_forgotten(void **state)
{
	(void)state;
	assert_true(orders_add(&o, 1));
	orders_begin(&o);
	assert_true(orders_add(&o, 2));
	orders_forget(&o);
	/* The next one begins with the same numbers. */
	assert_true(orders_add(&o, 1));
	orders_end(&o, &a, END_GOOD, "");
	assert_silence();
	orders_begin(&o);
	orders_end(&o, &a, END_GOOD, "");
	assert_heard(FRAME_END, 1);
	assert_silence();
}

static void
there_may_be_so_many(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < ORDERS; i++)
		assert_true(orders_add(&o, i));
	assert_false(orders_add(&o, 99));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    an_order_is_for_the_reading_that_begins_after_it, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    orders_of_who_is_gone_are_forgotten, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    there_may_be_so_many, setup, teardown),
	};

	return cmocka_run_group_tests_name("orders", tests, NULL, NULL);
}
