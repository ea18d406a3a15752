/* Template records: every style, truncated ones, and those to refuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decode.h"
#include "template.h"

static struct field fields[TEMPLATE_FIELDS_MAX];
static struct template_record rec;

static int
read_one(enum template_style style, const uint8_t *p, size_t len)
{
	struct wire w;

	wire_init(&w, (struct bytes) { p, len });
	return template_read(&w, style, &rec, fields);
}

#define READ(style, ...) \
	read_one(style, (const uint8_t[]) { __VA_ARGS__ }, \
	    sizeof((const uint8_t[]) { __VA_ARGS__ }))

static void
template_of_v9_is_read(void **unused)
{
	(void)unused;
	assert_int_equal(READ(TEMPLATE_V9, 1, 0, 0, 2, 0, 8, 0, 4, 0x82, 1, 0,
			     2), 1);
	assert_int_equal(rec.id, 256);
	assert_int_equal(rec.nfields, 2);
	assert_int_equal(fields[0].id, 8);
	assert_int_equal(fields[0].len, 4);
	/* NetFlow 9 has no enterprise bit: this is a vendor's number. */
	assert_int_equal(fields[1].id, 0x8201);
	assert_int_equal(fields[1].pen, 0);
}

static void
template_of_ipfix_has_enterprises(void **unused)
{
	(void)unused;
	assert_int_equal(READ(TEMPLATE_IPFIX, 1, 0, 0, 1, 0x80, 40, 0xff, 0xff,
			     0, 0, 0x1a, 0xd7), 1);
	assert_int_equal(fields[0].pen, 6871);
	assert_int_equal(fields[0].id, 40);
	assert_int_equal(fields[0].len, FIELD_VARIABLE);
}

static void
template_of_v9_options_has_scopes_of_its_own(void **unused)
{
	(void)unused;
	assert_int_equal(READ(TEMPLATE_V9_OPTIONS, 1, 0, 0, 4, 0, 4, 0, 2, 0,
			     4, 0, 82, 0, 32), 1);
	assert_int_equal(rec.nscope, 1);
	assert_int_equal(rec.nfields, 2);
	assert_int_equal(fields[0].pen, PEN_V9_SCOPE);
	assert_int_equal(fields[1].pen, PEN_IANA);
}

static void
template_of_v9_options_may_count_its_scope_twice(void **unused)
{
	(void)unused;
	/* The length 8 includes all fields: 4 and 8 would run past the set. */
	assert_int_equal(READ(TEMPLATE_V9_OPTIONS, 1, 0, 0, 4, 0, 8, 0, 2, 0,
			     4, 0, 82, 0, 32, 0, 0), 1);
	assert_int_equal(rec.nscope, 1);
	assert_int_equal(rec.nfields, 2);
	/* If more than padding follows, it is truncated. */
	assert_true(READ(TEMPLATE_V9_OPTIONS, 1, 0, 0, 8, 0, 8, 0, 2, 0, 4, 0,
			0, 0, 0, 0, 82, 0, 32) < 0);
	assert_true(READ(TEMPLATE_V9_OPTIONS, 1, 0, 0, 4, 0, 8, 0, 2, 0, 4) <
	    0);
}

static void
template_of_ipfix_options_counts_its_scope(void **unused)
{
	(void)unused;
	assert_int_equal(READ(TEMPLATE_IPFIX_OPTIONS, 1, 0, 0, 2, 0, 1, 0, 10,
			     0, 4, 0, 82, 0, 32), 1);
	assert_int_equal(rec.nscope, 1);
	assert_int_equal(rec.nfields, 2);
}

static void
template_refuses_a_scope_that_is_not_part_of_it(void **unused)
{
	(void)unused;
	assert_int_equal(READ(TEMPLATE_IPFIX_OPTIONS, 1, 0, 0, 1, 0, 2, 0, 10,
			     0, 4), -MALFORMED_OPTIONS_SCOPE);
	assert_int_equal(READ(TEMPLATE_IPFIX_OPTIONS, 1, 0, 0, 1, 0, 0, 0, 10,
			     0, 4), -MALFORMED_OPTIONS_SCOPE);
	assert_int_equal(READ(TEMPLATE_V9_OPTIONS, 1, 0, 0, 3, 0, 4, 0, 10, 0,
			     4), -MALFORMED_OPTIONS_SCOPE);
}

static void
template_refuses_a_count_past_the_set(void **unused)
{
	(void)unused;
	assert_int_equal(READ(TEMPLATE_V9, 1, 0, 0xff, 0xff, 0, 8, 0, 4),
	    -MALFORMED_TEMPLATE_CUT);
	assert_int_equal(READ(TEMPLATE_V9_OPTIONS, 1, 0, 0xff, 0xfc, 0xff,
			     0xfc, 0, 1, 0, 4), -MALFORMED_TEMPLATE_CUT);
}

static void
template_refuses_an_enterprise_that_is_cut(void **unused)
{
	(void)unused;
	assert_int_equal(READ(TEMPLATE_IPFIX, 1, 0, 0, 1, 0x80, 40, 0, 4),
	    -MALFORMED_TEMPLATE_CUT);
	assert_int_equal(READ(TEMPLATE_IPFIX, 1, 0, 0, 1, 0x80, 40, 0, 4, 0, 0,
			     0), -MALFORMED_TEMPLATE_CUT);
}

static void
template_takes_zeros_for_padding(void **unused)
{
	(void)unused;
	assert_int_equal(READ(TEMPLATE_V9, 0, 0, 0), 0);
	assert_int_equal(READ(TEMPLATE_V9, 0, 0, 0, 0, 0, 0, 0, 0), 0);
	assert_int_equal(READ(TEMPLATE_V9_OPTIONS, 1, 0, 0, 4), 0);
}

static void
template_without_fields_is_a_withdrawal(void **unused)
{
	(void)unused;
	assert_int_equal(READ(TEMPLATE_IPFIX, 1, 0, 0, 0), 1);
	assert_int_equal(rec.nfields, 0);
	assert_int_equal(READ(TEMPLATE_IPFIX_OPTIONS, 1, 0, 0, 0), 1);
	assert_int_equal(rec.nfields, 0);
}

static void
template_check_refuses_records_without_length(void **unused)
{
	(void)unused;
	rec.nfields = 2;
	fields[0] = fields[1] = (struct field) { 0, 8, 0 };
	assert_int_equal(template_check(&rec, fields),
	    -MALFORMED_TEMPLATE_EMPTY);
	rec.nfields = 0;
	assert_int_equal(template_check(&rec, fields),
	    -MALFORMED_TEMPLATE_EMPTY);
	rec.nfields = 1;
	fields[0].len = FIELD_VARIABLE;
	assert_int_equal(template_check(&rec, fields), 0);
}

static void
template_check_refuses_records_past_a_datagram(void **unused)
{
	(void)unused;
	rec.nfields = 2;
	fields[0] = (struct field) { 0, 82, 65534 };
	fields[1] = (struct field) { 0, 82, 65534 };
	assert_int_equal(template_check(&rec, fields),
	    -MALFORMED_TEMPLATE_LENGTH);
	rec.nfields = 1;
	fields[0].len = TEMPLATE_RECORD_MAX;
	assert_int_equal(template_check(&rec, fields), 0);
	fields[0].len++;
	assert_int_equal(template_check(&rec, fields),
	    -MALFORMED_TEMPLATE_LENGTH);
}

static void
template_check_refuses_addresses_that_cannot_be(void **unused)
{
	(void)unused;
	rec.nfields = 1;
	fields[0] = (struct field) { 0, 8, 5 };
	assert_int_equal(template_check(&rec, fields),
	    -MALFORMED_TEMPLATE_FIELD);
	fields[0] = (struct field) { 0, 27, 17 };
	assert_int_equal(template_check(&rec, fields),
	    -MALFORMED_TEMPLATE_FIELD);
	fields[0] = (struct field) { 0, 27, 16 };
	assert_int_equal(template_check(&rec, fields), 0);
	fields[0] = (struct field) { 0, 8, 2 };
	assert_int_equal(template_check(&rec, fields), 0);
}

static void
template_same_compares_all_that_matters(void **unused)
{
	struct template_record r = { .id = 300, .nfields = 1 };
	struct field f = { 0, 8, 4 };
	struct template *t = template_new(&r, &f, false, 256);

	(void)unused;
	assert_non_null(t);
	assert_true(template_same(t, &r, &f, false));
	assert_false(template_same(t, &r, &f, true));
	f.len = 3;
	assert_false(template_same(t, &r, &f, false));
	template_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(template_of_v9_is_read),
		cmocka_unit_test(template_of_ipfix_has_enterprises),
		cmocka_unit_test(template_of_v9_options_has_scopes_of_its_own),
		cmocka_unit_test(
		    template_of_v9_options_may_count_its_scope_twice),
		cmocka_unit_test(template_of_ipfix_options_counts_its_scope),
		cmocka_unit_test(
		    template_refuses_a_scope_that_is_not_part_of_it),
		cmocka_unit_test(template_refuses_a_count_past_the_set),
		cmocka_unit_test(template_refuses_an_enterprise_that_is_cut),
		cmocka_unit_test(template_takes_zeros_for_padding),
		cmocka_unit_test(template_without_fields_is_a_withdrawal),
		cmocka_unit_test(template_check_refuses_records_without_length),
		cmocka_unit_test(
		    template_check_refuses_records_past_a_datagram),
		cmocka_unit_test(
		    template_check_refuses_addresses_that_cannot_be),
		cmocka_unit_test(template_same_compares_all_that_matters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
