/* What a clock went ahead over: lib/store/logdir/clockgaps.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "clockgaps.h"

enum {
	T = 1795428300, /* 2026-11-23T10:05:00Z */
	DAY = 86400
};

static const char text[] =
    "# What the clock went ahead over; see \"keep\" in flowd.conf(5).\n"
    "seen 2026-11-24T10:05:00Z\n"
    "gap 2026-11-23T10:05:00Z 2026-11-23T10:05:01Z\n"
    "gap 2026-11-23T12:00:00Z 2027-01-01T00:00:00Z\n";

static void
what_is_printed_is_read_again(void **state)
{
	struct clockgaps g;
	struct buf out;

	(void)state;
	assert_int_equal(clockgaps_parse(&g, text), 0);
	assert_int_equal(g.seen_sec, T + DAY);
	assert_int_equal(g.n, 2);
	assert_int_equal(g.gap[0].from_sec, T);
	assert_int_equal(g.gap[0].to_sec, T + 1);
	buf_init(&out, CLOCKGAPS_TEXT);
	clockgaps_print(&g, &out);
	buf_append_char(&out, '\0');
	assert_true(buf_ok(&out));
	assert_string_equal((char *)out.ptr, text);
	buf_fini(&out);
	assert_int_equal(clockgaps_parse(&g, ""), 0);
	assert_int_equal(g.n, 0);
	assert_int_equal(clockgaps_parse(&g, "\n# x\n"), 0);
}

static void
as_many_as_there_may_be_have_room(void **state)
{
	struct clockgaps g = { .seen_sec = T };
	struct buf out;

	(void)state;
	for (int i = 0; i < CLOCKGAPS_MAX; i++)
		clockgaps_add(&g, T + i * DAY, T + i * DAY + 1);
	buf_init(&out, CLOCKGAPS_TEXT);
	clockgaps_print(&g, &out);
	assert_true(buf_ok(&out) && out.len + 1 < CLOCKGAPS_TEXT);
	buf_fini(&out);
}

static void
anything_else_is_refused(void **state)
{
	static const char *const texts[] = { "x", "seen\n", "seen \n",
		"seen 2026-11-24T10:05:00Z", "seen 2026-13-24T10:05:00Z\n",
		"seen 2026-11-24 10:05:00Z\n", "seen 2026-11-24T10:05:00Zx\n",
		"seen 99999-11-24T10:05:00Z\n", "# no end",
		"gap 2026-11-24T10:05:00Z\n",
		"gap 2026-11-24T10:05:00Z 2026-11-24T10:05:00Z\n",
		"gap 2026-11-24T10:05:00Z 2026-11-24T10:05:01Z \n",
		"gap 2026-11-24T10:05:00Z  2026-11-24T10:05:01Z\n" };
	struct clockgaps g;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(clockgaps_parse(&g, texts[i]),
		    FLOWD_EFORMAT);
		assert_true(g.n == 0 && g.seen_sec == 0);
	}
}

/* Two days, of which one is a gap. */
static void
age_is_counted_without_gaps(void **state)
{
	struct clockgaps g = { .n = 0 };
	int64_t now = T + 3 * DAY;

	(void)state;
	assert_int_equal(clockgaps_age(&g, T, T + 300, now), 3 * DAY - 300);
	clockgaps_add(&g, T + DAY, T + 2 * DAY);
	assert_int_equal(clockgaps_age(&g, T, T + 300, now), 2 * DAY - 300);
	assert_int_equal(clockgaps_age(&g, T + DAY, T + DAY, now), DAY);
	/* Begun behind it. */
	assert_int_equal(
	    clockgaps_age(&g, T + DAY + 1, T + 2 * DAY, now), DAY);
	assert_int_equal(
	    clockgaps_age(&g, T + 2 * DAY, T + 2 * DAY, now), DAY);
	/* Written to before and after: it is as old as the gap's begin. */
	assert_int_equal(
	    clockgaps_age(&g, T + DAY - 9, T + 2 * DAY + 5, now), DAY);
	/* What is ahead of the clock is no gap now. */
	assert_int_equal(clockgaps_age(&g, T, T, T + 3 * DAY / 2),
	    3 * DAY / 2);
	/* They add up, and what two have in common counts once. */
	clockgaps_add(&g, T + 5 * DAY / 2, T + 5 * DAY / 2 + 100);
	clockgaps_add(&g, T + DAY / 2, T + DAY + 50);
	assert_int_equal(clockgaps_age(&g, T, T, now),
	    2 * DAY - DAY / 2 - 100);
}

static void
too_many_become_fewer_of_the_same_length(void **state)
{
	struct clockgaps g = { .n = 0 };

	(void)state;
	for (int i = 0; i < CLOCKGAPS_MAX + 1; i++)
		clockgaps_add(&g, T + i * DAY, T + i * DAY + 100 + i);
	assert_int_equal(g.n, CLOCKGAPS_MAX);
	assert_int_equal(g.gap[0].from_sec, T + DAY - 100);
	assert_int_equal(g.gap[0].to_sec, T + DAY + 101);
	clockgaps_add(&g, T, T);
	assert_int_equal(g.gap[0].from_sec, T + DAY - 100);
	for (size_t i = 1; i < g.n; i++)
		assert_true(g.gap[i - 1].from_sec < g.gap[i].from_sec);
}

static void
a_clock_that_goes_back_takes_its_part_away(void **state)
{
	struct clockgaps g = { .n = 0 };

	(void)state;
	clockgaps_add(&g, T, T + 400 * DAY);
	clockgaps_back(&g, T + 400 * DAY);
	assert_int_equal(g.gap[0].to_sec, T + 400 * DAY);
	clockgaps_back(&g, T + 3600);
	assert_int_equal(g.gap[0].to_sec, T + 3600);
	/* Before it: it may be right again. */
	clockgaps_back(&g, T - 10 * DAY);
	assert_int_equal(g.n, 1);
	assert_int_equal(g.gap[0].to_sec, T + 3600);
}

static void
those_that_nothing_is_before_go(void **state)
{
	struct clockgaps g = { .n = 0 };

	(void)state;
	clockgaps_add(&g, T, T + 100);
	clockgaps_add(&g, T + 200, T + 300);
	assert_false(clockgaps_drop(&g, T));
	assert_true(clockgaps_drop(&g, T + 1));
	assert_int_equal(g.n, 1);
	assert_int_equal(g.gap[0].from_sec, T + 200);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_printed_is_read_again),
		cmocka_unit_test(as_many_as_there_may_be_have_room),
		cmocka_unit_test(anything_else_is_refused),
		cmocka_unit_test(age_is_counted_without_gaps),
		cmocka_unit_test(too_many_become_fewer_of_the_same_length),
		cmocka_unit_test(a_clock_that_goes_back_takes_its_part_away),
		cmocka_unit_test(those_that_nothing_is_before_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
