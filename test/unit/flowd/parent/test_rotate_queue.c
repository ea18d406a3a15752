/* Orders that wait for the writer to go over: flowd/parent/rotate_queue.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rotate_queue.h"

enum { NOW = 1000 };

static struct rotate_request
request_take(struct rotate_queue *h, int64_t now_ms)
{
	struct rotate_request o;

	assert_true(rotate_queue_next(h, now_ms, &o));
	return o;
}

static void
assert_none(struct rotate_queue *h, int64_t now_ms)
{
	struct rotate_request o;

	assert_false(rotate_queue_next(h, now_ms, &o));
}

static void
an_order_waits_for_its_logs_only(void **state)
{
	struct rotate_queue h = { .n = 0 };

	(void)state;
	assert_true(rotate_queue_add(&h, 1, 3, NOW));
	assert_true(rotate_queue_add(&h, 2, 2, NOW));
	assert_true(rotate_queue_add(&h, 3, 0, NOW));
	assert_int_equal(request_take(&h, NOW).serial, 3);
	assert_none(&h, NOW);
	rotate_queue_settle(&h, 1);
	assert_int_equal(request_take(&h, NOW).serial, 2);
	/* The second log has an old file again: that is not of these. */
	rotate_queue_settle(&h, 7);
	rotate_queue_settle(&h, 6);
	assert_int_equal(request_take(&h, NOW).serial, 1);
	assert_none(&h, NOW);
	assert_int_equal(rotate_queue_end_ms(&h), 0);
}

static void
it_fails_when_its_time_is_up(void **state)
{
	struct rotate_queue h = { .n = 0 };
	struct rotate_request o;

	(void)state;
	assert_true(rotate_queue_add(&h, 1, 5, NOW));
	assert_true(rotate_queue_add(&h, 2, 5, NOW + 1));
	assert_int_equal(rotate_queue_end_ms(&h), NOW + ROTATE_WAIT_MS);
	rotate_queue_settle(&h, 4);
	assert_none(&h, NOW + ROTATE_WAIT_MS - 1);
	o = request_take(&h, NOW + ROTATE_WAIT_MS);
	assert_int_equal(o.serial, 1);
	assert_int_equal(o.slots, 4);
	assert_none(&h, NOW + ROTATE_WAIT_MS);
	assert_int_equal(rotate_queue_end_ms(&h), NOW + 1 + ROTATE_WAIT_MS);
}

static void
there_may_be_so_many(void **state)
{
	struct rotate_queue h = { .n = 0 };

	(void)state;
	for (uint32_t i = 0; i < ROTATE_QUEUE_MAX; i++)
		assert_true(rotate_queue_add(&h, i, 1, NOW));
	assert_false(rotate_queue_add(&h, 99, 1, NOW));
	rotate_queue_settle(&h, 0);
	for (uint32_t i = 0; i < ROTATE_QUEUE_MAX; i++)
		assert_int_equal(request_take(&h, NOW).serial, i);
	assert_none(&h, NOW);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_order_waits_for_its_logs_only),
		cmocka_unit_test(it_fails_when_its_time_is_up),
		cmocka_unit_test(there_may_be_so_many),
	};

	return cmocka_run_group_tests_name("rotations", tests, NULL, NULL);
}
