/*
 * Alternatives for columns: lib/decode/record/element_choice.c. test_plan.c
 * runs them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "element_choice.h"

static void
choice_add(struct alternatives *a, uint16_t id, size_t field)
{
	alternatives_add(a, element_find(PEN_IANA, id), field);
}

/* All elements that can fill a column or those chosen with it. */
static void
add_all(struct alternatives *a, unsigned lead)
{
	for (size_t i = 0; i < ELEMENT_COUNT; i++)
		if (elements[i].column >= 0 &&
		    element_choice_lead((unsigned)elements[i].column) == lead)
			alternatives_add(a, &elements[i], i);
}

static bool
is_alternative(const struct alternatives *a, size_t field)
{
	for (unsigned k = 0; k < a->n; k++)
		for (unsigned which = 0; which < CHOICE_COLS; which++)
			if (a->alt[k].field[which] == field + 1)
				return true;
	return false;
}

/* No element of the registry is left out or replaces another. */
static void
all_elements_for_a_column_are_alternatives(void **state)
{
	(void)state;
	for (unsigned col = 0; col < COL_COUNT; col++) {
		struct alternatives a = { .n = 0 };

		add_all(&a, col);
		for (size_t i = 0; i < ELEMENT_COUNT; i++)
			if (elements[i].column >= 0 && col ==
			    element_choice_lead((unsigned)elements[i].column))
				assert_true(is_alternative(&a, i));
	}
}

static void
alternatives_are_in_order_of_rank_and_then_from_the_last(void **state)
{
	struct alternatives a = { .n = 0 };

	(void)state;
	alternatives_add(&a, element_find(9, 12236), 0);
	choice_add(&a, 8, 1);
	choice_add(&a, 28, 2);
	choice_add(&a, 12, 3);
	choice_add(&a, 27, 4);
	alternatives_sort(&a);
	assert_int_equal(a.n, 3);
	assert_int_equal(a.alt[0].only, ONLY_IPV6);
	assert_int_equal(a.alt[0].field[0], 5);
	assert_int_equal(a.alt[0].field[1], 3);
	assert_int_equal(a.alt[1].only, ONLY_IPV4);
	assert_int_equal(a.alt[2].rank, 2);
	assert_true(alternatives_compete(&a));
	assert_int_equal(alternatives_family(&a), ONLY_ANY);
}

static void
one_element_for_each_column_is_no_choice(void **state)
{
	struct alternatives a = { .n = 0 }, icmp = { .n = 0 };

	(void)state;
	choice_add(&a, 8, 0);
	choice_add(&a, 28, 1);
	assert_false(alternatives_compete(&a));
	choice_add(&icmp, 32, 0);
	assert_false(alternatives_compete(&icmp));
	choice_add(&icmp, 177, 1);
	assert_true(alternatives_compete(&icmp));
}

static void
addresses_of_one_family_say_the_family(void **state)
{
	struct alternatives a = { .n = 0 };

	(void)state;
	assert_int_equal(alternatives_family(&a), ONLY_ANY);
	choice_add(&a, 28, 1);
	assert_int_equal(alternatives_family(&a), ONLY_IPV6);
	alternatives_add(&a, element_find(9, 12238), 2);
	assert_int_equal(alternatives_family(&a), ONLY_IPV6);
}

static void
an_uptime_is_an_alternative_to_a_time(void **state)
{
	struct alternatives a = { .n = 0 };

	(void)state;
	choice_add(&a, 22, 0);
	assert_false(alternatives_compete(&a));
	choice_add(&a, 150, 1);
	alternatives_sort(&a);
	assert_true(alternatives_compete(&a));
	assert_int_equal(a.alt[0].field[0], 2);
	assert_int_equal(a.alt[0].field[1], 0);
	assert_int_equal(a.alt[1].field[0], 1);
	assert_int_equal(a.alt[1].field[1], 1);
}

static void
a_post_counter_is_none_beside_others(void **state)
{
	struct alternatives a = { .n = 0 };

	(void)state;
	choice_add(&a, 23, 0);
	alternatives_sort(&a);
	assert_int_equal(a.n, 1);
	choice_add(&a, 231, 1);
	alternatives_sort(&a);
	assert_int_equal(a.n, 1);
	assert_int_equal(a.alt[0].field[0], 2);
	assert_false(alternatives_compete(&a));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_elements_for_a_column_are_alternatives),
		cmocka_unit_test(
		    alternatives_are_in_order_of_rank_and_then_from_the_last),
		cmocka_unit_test(one_element_for_each_column_is_no_choice),
		cmocka_unit_test(addresses_of_one_family_say_the_family),
		cmocka_unit_test(an_uptime_is_an_alternative_to_a_time),
		cmocka_unit_test(a_post_counter_is_none_beside_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
