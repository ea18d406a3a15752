/* Tests of groups, from their texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "having.h"

static const struct datetime_view view = { .utc = true };

static struct aggregate_having
parsed(struct aggregate_output *o, const char *text)
{
	struct flowd_error err;
	unsigned n = o->nhaving;

	if (having_parse(o, text, &view, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(o->nhaving, n + 1);
	return o->having[n];
}

static void
values_are_of_the_type_of_their_measure(void **state)
{
	struct aggregate_output o = { .nhaving = 0 };
	struct aggregate_having h;

	(void)state;
	h = parsed(&o, "octets>18446744073709551614");
	assert_true(h.test == HAVING_MORE && h.uint == UINT64_MAX - 1);
	assert_false(h.fraction);
	h = parsed(&o, "flows <= 1.5");
	assert_true(h.test == HAVING_AT_MOST && h.uint == 1 && h.fraction);
	h = parsed(&o, "avg(octets)!=0.5k");
	assert_true(h.test == HAVING_NOT && h.real >= 500 && h.real <= 500);
	h = parsed(&o, "duration>=1.5s");
	assert_true(h.test == HAVING_AT_LEAST && h.ns == 1500000000);
	h = parsed(&o, "duration=0");
	assert_true(h.test == HAVING_EQUAL && h.ns == 0);
	/* A day is all of it. */
	h = parsed(&o, "last==1970-01-02");
	assert_true(h.test == HAVING_EQUAL && h.ns == INT64_C(86400000000000));
	assert_true(h.last_ns == 2 * INT64_C(86400000000000) - 1);
}

static void
measures_are_there_once(void **state)
{
	struct aggregate_output o = { .nhaving = 0 };

	(void)state;
	assert_int_equal(parsed(&o, "octets>1").measure, 0);
	assert_int_equal(parsed(&o, "flows>1").measure, 1);
	assert_int_equal(parsed(&o, "octets<9").measure, 0);
	assert_int_equal(o.measures.n, 2);
	assert_string_equal(o.measures.measure[1].name, "flows");
}

static void
what_is_no_test_is_refused(void **state)
{
	static const char *const bad[] = { "", "octets", ">5", "octets>",
		"octets>x", "octets=>5", "octets~5", "octets,flows>5",
		"octet>5", "duration>5", "last>soon" };
	struct aggregate_output o = { .nhaving = 0 };
	struct flowd_error err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(
		    having_parse(&o, bad[i], &view, &err), FLOWD_EINVAL);
		assert_true(strlen(err.text) > 0);
	}
	assert_int_equal(o.nhaving, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_of_the_type_of_their_measure),
		cmocka_unit_test(measures_are_there_once),
		cmocka_unit_test(what_is_no_test_is_refused),
	};

	return cmocka_run_group_tests_name("having", tests, NULL, NULL);
}
