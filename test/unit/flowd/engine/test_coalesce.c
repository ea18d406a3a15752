/* Waking up less often: flowd/engine/coalesce.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "coalesce.h"

static const int64_t s_ns = 1000000000, ms_ns = 1000000;
enum { LARGE = 128 * 1024 * 1024, FOUR_MB = 4 * 1024 * 1024 };

static struct {
	struct coalesce p;
	int64_t now_ns;
	uint64_t n;
} t;

static int
sleep_after(unsigned n, int64_t gap_ns)
{
	t.n += n;
	t.now_ns += gap_ns;
	return coalesce_after(&t.p, t.n, t.now_ns);
}

static void
coalesce_start(uint32_t rcvbuf)
{
	coalesce_init(&t.p, rcvbuf);
	t.now_ns = 100 * s_ns;
	t.n = 0;
	(void)sleep_after(0, 0);
}

static void
few_datagrams_are_never_waited_for(void **state)
{
	(void)state;
	coalesce_start(LARGE);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(sleep_after(1, s_ns), 0);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(sleep_after(1, 4 * ms_ns), 0);
	assert_int_equal(sleep_after(0, 1), 0);
	assert_int_equal(sleep_after(0, 0), 0);
}

static void
many_are(void **state)
{
	(void)state;
	coalesce_start(LARGE);
	/* 20,000 a second: at first one by one, then by the rest. */
	assert_int_equal(sleep_after(1, 50000), COALESCE_MS_MAX);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(sleep_after(20 * COALESCE_MS_MAX,
				     COALESCE_MS_MAX * ms_ns + 50000),
		    COALESCE_MS_MAX);
	/* It stops at once when they do. */
	assert_int_equal(sleep_after(1, s_ns), 0);
}

static void
a_small_buffer_is_not_left_alone(void **state)
{
	(void)state;
	coalesce_start(212992);
	assert_int_equal(sleep_after(1000, ms_ns), 0);
	coalesce_start(0);
	assert_int_equal(sleep_after(1000, ms_ns), 0);
	coalesce_start(FOUR_MB);
	assert_int_equal(sleep_after(1000, ms_ns), 1);
	coalesce_start(3 * FOUR_MB);
	assert_int_equal(sleep_after(1000, ms_ns), 3);
	coalesce_start(UINT32_MAX);
	assert_int_equal(sleep_after(1000, ms_ns), COALESCE_MS_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_datagrams_are_never_waited_for),
		cmocka_unit_test(many_are),
		cmocka_unit_test(a_small_buffer_is_not_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
