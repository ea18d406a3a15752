/* The registry of elements: lib/decode/tables/element.c and elements.def. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "decode.h"
#include "element.h"

static void
elements_are_sorted_by_enterprise_and_number(void **state)
{
	(void)state;
	for (size_t i = 1; i < ELEMENT_COUNT; i++) {
		const struct element *a = &elements[i - 1], *b = &elements[i];

		assert_true(
		    a->pen < b->pen || (a->pen == b->pen && a->id < b->id));
	}
}

static void
names_are_unique(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENT_COUNT; i++)
		for (size_t k = i + 1; k < ELEMENT_COUNT; k++)
			assert_string_not_equal(
			    elements[i].name, elements[k].name);
}

static void
every_element_is_found_by_its_number(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENT_COUNT; i++) {
		const struct element *e = &elements[i];

		assert_ptr_equal(element_find(e->pen, e->id), e);
		assert_int_equal(element_index(e), i);
	}
}

static void
an_unknown_number_is_not_found(void **state)
{
	(void)state;
	assert_null(element_find(PEN_IANA, 0));
	assert_null(element_find(PEN_IANA, 105));
	assert_null(element_find(PEN_IANA, UINT16_MAX));
	assert_null(element_find(UINT32_MAX, 1));
}

static void
named_elements_are_found_by_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENT_COUNT; i++) {
		const struct element *e = &elements[i];

		assert_ptr_equal(element_by_name(e->name), e->named ? e : NULL);
	}
	assert_null(element_by_name("octetdeltacount"));
	assert_null(element_by_name(""));
}

/* The types that a column takes. */
static bool
type_fits(uint8_t column, const struct element *e)
{
	switch (column_info[column].type) {
	case COLUMN_TIME:
		return e->transform == TRANSFORM_DELTA_US
			   ? e->type == ELEMENT_UNSIGNED
			   : e->type >= ELEMENT_SECONDS;
	case COLUMN_ADDR:
		return e->type == ELEMENT_ADDR4 || e->type == ELEMENT_ADDR6;
	case COLUMN_MAC:
		return e->type == ELEMENT_MAC;
	default:
		return e->type == ELEMENT_UNSIGNED;
	}
}

static void
a_column_takes_elements_of_its_type(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENT_COUNT; i++) {
		const struct element *e = &elements[i];

		if (e->column < 0)
			continue;
		assert_true(e->column < COL_COUNT);
		assert_true(type_fits((uint8_t)e->column, e));
	}
}

static void
exactly_elements_with_a_column_have_a_rank(void **state)
{
	(void)state;
	for (size_t i = 0; i < ELEMENT_COUNT; i++)
		assert_int_equal(elements[i].rank > 0, elements[i].column >= 0);
}

static void
lists_are_octets_without_a_column(void **state)
{
	size_t lists = 0;

	(void)state;
	for (size_t i = 0; i < ELEMENT_COUNT; i++) {
		if (!elements[i].list)
			continue;
		lists++;
		assert_int_equal(elements[i].type, ELEMENT_OCTETS);
		assert_int_equal(elements[i].column, -1);
	}
	assert_true(lists >= 3);
	assert_true(element_by_name("basicList")->list);
	assert_true(element_by_name("subTemplateList")->list);
	assert_true(element_by_name("subTemplateMultiList")->list);
	assert_false(element_by_name("applicationId")->list);
}

static void
a_more_precise_time_is_preferred(void **state)
{
	static const uint16_t hypotheses_best_first[][5] = {
		{ 156, 154, 152, 158, 150 },
		{ 157, 155, 153, 159, 151 },
		{ 325, 324, 323, 322, 258 },
	};

	(void)state;
	for (size_t i = 0; i < 3; i++)
		for (size_t k = 1; k < 5; k++) {
			const struct element *a, *b;

			a = element_find(
			    PEN_IANA, hypotheses_best_first[i][k - 1]);
			b = element_find(PEN_IANA, hypotheses_best_first[i][k]);
			assert_int_equal(a->column, b->column);
			assert_true(a->rank < b->rank);
		}
}

static void
a_delta_count_is_preferred_to_a_total(void **state)
{
	static const uint32_t pens[] = { PEN_IANA, PEN_REVERSE };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_true(element_find(pens[i], 1)->rank <
			    element_find(pens[i], 85)->rank);
		assert_true(element_find(pens[i], 2)->rank <
			    element_find(pens[i], 86)->rank);
	}
}

/* Compares element_text() with what outputs print. */
static void
assert_text(
    uint32_t pen, uint16_t id, const char *name, uint8_t type, bool reverse)
{
	struct element_text text = { "junk", 200, true };

	element_text(pen, id, &text);
	if (name == NULL)
		assert_null(text.name);
	else
		assert_string_equal(text.name, name);
	assert_int_equal(text.type, type);
	assert_int_equal(text.reverse, reverse);
}

static void
text_of_an_element_is_its_iana_name(void **state)
{
	(void)state;
	assert_text(PEN_IANA, 82, "interfaceName", ELEMENT_STRING, false);
	assert_text(
	    PEN_IANA, 293, "subTemplateMultiList", ELEMENT_OCTETS, false);
	assert_text(
	    PEN_IANA, 434, "mibObjectValueInteger", ELEMENT_SIGNED, false);
}

static void
text_of_an_element_without_a_published_name_is_its_number(void **state)
{
	(void)state;
	assert_text(PEN_IANA, 33002, NULL, ELEMENT_UNSIGNED, false);
	assert_text(PEN_IANA, 56701, NULL, ELEMENT_STRING, false);
	assert_text(10704, 8, NULL, ELEMENT_ADDR4, false);
	assert_text(9, 12230, NULL, ELEMENT_STRING, false);
}

static void
text_of_a_vendors_element_is_its_published_name(void **state)
{
	(void)state;
	assert_text(9, 12242, "connectionId", ELEMENT_UNSIGNED, false);
	assert_text(637, 93, "aluNatSubString", ELEMENT_STRING, false);
	assert_text(3054, 126, "ixiaSrcLatitude", ELEMENT_FLOAT, false);
	assert_text(5951, 128, "netscalerRoundTripTime", ELEMENT_UNSIGNED,
	    false);
	assert_text(6871, 33, "silkAppLabel", ELEMENT_UNSIGNED, false);
	assert_text(6876, 881, "tenantSourceIPv4", ELEMENT_ADDR4, false);
	assert_text(15397, 1, "proceraService", ELEMENT_STRING, false);
	assert_text(35632, 118, "L7_PROTO", ELEMENT_UNSIGNED, false);
}

static void
numbers_of_netflow_9_stand_for_vendors_elements(void **state)
{
	struct other_id id;

	(void)state;
	assert_text(PEN_IANA, 57590, "L7_PROTO", ELEMENT_UNSIGNED, false);
	assert_text(PEN_IANA, 57591, "L7_PROTO_NAME", ELEMENT_STRING, false);
	assert_text(PEN_IANA, 45010, "connectionId", ELEMENT_UNSIGNED, false);
	assert_ptr_equal(element_find(PEN_IANA, 45004),
	    element_find(9, 12236));
	assert_true(element_v9(element_find(35632, 119), &id));
	assert_int_equal(id.pen, PEN_IANA);
	assert_int_equal(id.id, 57591);
	assert_false(element_v9(element_find(6871, 40), &id));
	assert_false(element_v9(element_find(PEN_IANA, 1), &id));
}

static void
reverse_elements_of_cert_have_a_number_of_their_own(void **state)
{
	struct other_id id;

	(void)state;
	assert_text(6871, 16424, "flowAttributes", ELEMENT_UNSIGNED, true);
	assert_text(6871, 16402, "payload", ELEMENT_OCTETS, true);
	assert_true(element_reverse(element_find(6871, 40), &id));
	assert_int_equal(id.pen, 6871);
	assert_int_equal(id.id, 16424);
	assert_true(element_reverse(element_find(PEN_IANA, 5), &id));
	assert_int_equal(id.pen, PEN_REVERSE);
	assert_int_equal(id.id, 5);
	assert_false(element_reverse(element_find(35632, 118), &id));
}

static void
text_of_an_unknown_element_is_octets_without_a_name(void **state)
{
	(void)state;
	assert_text(PEN_IANA, 65, NULL, ELEMENT_OCTETS, false);
	assert_text(6871, 41, NULL, ELEMENT_OCTETS, false);
	assert_text(6871, 16384 + 41, NULL, ELEMENT_OCTETS, false);
	assert_text(PEN_IANA, 57472 + 77, NULL, ELEMENT_OCTETS, false);
	assert_text(PEN_REVERSE, 65, NULL, ELEMENT_OCTETS, false);
}

static void
text_of_a_reverse_element_is_that_of_its_forward_one(void **state)
{
	(void)state;
	assert_text(
	    PEN_REVERSE, 184, "tcpSequenceNumber", ELEMENT_UNSIGNED, true);
	assert_text(PEN_REVERSE, 152, "flowStartMilliseconds",
	    ELEMENT_MILLISECONDS, true);
}

static void
text_of_a_reverse_element_with_a_row_is_of_that_row(void **state)
{
	(void)state;
	assert_text(PEN_REVERSE, 86, "reversePacketTotalCount",
	    ELEMENT_UNSIGNED, false);
}

static void
a_vendors_number_has_no_reverse_name(void **state)
{
	(void)state;
	assert_text(PEN_REVERSE, 33002, NULL, ELEMENT_UNSIGNED, false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_are_sorted_by_enterprise_and_number),
		cmocka_unit_test(names_are_unique),
		cmocka_unit_test(every_element_is_found_by_its_number),
		cmocka_unit_test(an_unknown_number_is_not_found),
		cmocka_unit_test(named_elements_are_found_by_name),
		cmocka_unit_test(a_column_takes_elements_of_its_type),
		cmocka_unit_test(exactly_elements_with_a_column_have_a_rank),
		cmocka_unit_test(lists_are_octets_without_a_column),
		cmocka_unit_test(a_more_precise_time_is_preferred),
		cmocka_unit_test(a_delta_count_is_preferred_to_a_total),
		cmocka_unit_test(text_of_an_element_is_its_iana_name),
		cmocka_unit_test(
		    text_of_an_element_without_a_published_name_is_its_number),
		cmocka_unit_test(
		    text_of_a_vendors_element_is_its_published_name),
		cmocka_unit_test(
		    numbers_of_netflow_9_stand_for_vendors_elements),
		cmocka_unit_test(
		    reverse_elements_of_cert_have_a_number_of_their_own),
		cmocka_unit_test(
		    text_of_an_unknown_element_is_octets_without_a_name),
		cmocka_unit_test(
		    text_of_a_reverse_element_is_that_of_its_forward_one),
		cmocka_unit_test(
		    text_of_a_reverse_element_with_a_row_is_of_that_row),
		cmocka_unit_test(a_vendors_number_has_no_reverse_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
