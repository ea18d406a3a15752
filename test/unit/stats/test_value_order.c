/* The order of values, and how much they change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "value_order.h"

#define VALUE(kind_, member, v) \
	{ \
		.kind = kind_, .member = v \
	}

static void
values_are_ordered_exactly(void **state)
{
	/* Each is less than the one behind it. */
	const struct aggregate_value uints[] = {
		{ .kind = VALUE_NONE },
		VALUE(VALUE_UINT, uint, 0),
		VALUE(VALUE_UINT, uint, UINT64_C(1) << 53),
		VALUE(VALUE_UINT, uint, (UINT64_C(1) << 53) + 1),
		VALUE(VALUE_UINT, uint, UINT64_MAX - 1),
		VALUE(VALUE_UINT, uint, UINT64_MAX),
	};
	const struct aggregate_value times[] = {
		{ .kind = VALUE_NONE },
		VALUE(VALUE_TIME, ns, INT64_MIN),
		VALUE(VALUE_TIME, ns, -1),
		VALUE(VALUE_TIME, ns, 0),
		VALUE(VALUE_TIME, ns, INT64_MAX),
	};
	const struct aggregate_value addrs[] = {
		{ .kind = VALUE_NONE },
		VALUE(VALUE_ADDR, addr, addr_from_v4(0)),
		VALUE(VALUE_ADDR, addr, addr_from_v4(UINT32_MAX)),
		VALUE(VALUE_ADDR, addr, addr_from_v6((struct addr6) { 0, 0 })),
		VALUE(VALUE_ADDR, addr, addr_from_v6((struct addr6) { 0, 1 })),
		VALUE(VALUE_ADDR, addr, addr_from_v6((struct addr6) { 1, 0 })),
	};
	const struct {
		const struct aggregate_value *v;
		size_t n;
	} lists[] = { { uints, 6 }, { times, 5 }, { addrs, 6 } };

	(void)state;
	for (size_t l = 0; l < 3; l++)
		for (size_t i = 0; i < lists[l].n; i++)
			for (size_t k = 0; k < lists[l].n; k++)
				assert_int_equal(
				    value_order(&lists[l].v[i], &lists[l].v[k]),
				    (i > k) - (i < k));
}

static void
changes_are_exact(void **state)
{
	const struct aggregate_value a = VALUE(VALUE_UINT, uint, UINT64_MAX);
	const struct aggregate_value b =
	    VALUE(VALUE_UINT, uint, UINT64_MAX - 1);
	const struct aggregate_value x = VALUE(VALUE_REAL, real, 1.5);
	const struct aggregate_value y = VALUE(VALUE_REAL, real, 4);
	const struct aggregate_value s = VALUE(VALUE_NS, ns, 5);
	const struct aggregate_value t = VALUE(VALUE_NS, ns, INT64_MAX);
	struct aggregate_value by;

	(void)state;
	assert_int_equal(value_change(&a, &b, &by), 1);
	assert_true(by.kind == VALUE_UINT && by.uint == 1);
	assert_int_equal(value_change(&b, &a, &by), -1);
	assert_true(by.uint == 1);
	assert_int_equal(value_change(&a, &a, &by), 0);
	assert_true(by.uint == 0);
	assert_int_equal(value_change(&x, &y, &by), -1);
	assert_true(by.kind == VALUE_REAL && by.real >= 2.5 && by.real <= 2.5);
	assert_int_equal(value_change(&s, &t, &by), -1);
	assert_true(by.kind == VALUE_NS && by.ns == INT64_MAX - 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_ordered_exactly),
		cmocka_unit_test(changes_are_exact),
	};

	return cmocka_run_group_tests_name("value_order", tests, NULL, NULL);
}
