/* Options records: every supported element, and scopes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "option_record.h"
#include "other.h"

static uint8_t list[1024];
static size_t len;
static struct option_values v;

static void
record_entry(uint32_t pen, uint16_t id, const void *value, size_t n)
{
	other_put_head(list + len, pen, id, (uint16_t)n);
	memcpy(list + len + OTHER_HEAD, value, n);
	len += OTHER_HEAD + n;
}

static void
record_number(uint16_t id, uint32_t value)
{
	uint8_t octets[4];

	store_be32(octets, value);
	record_entry(PEN_IANA, id, octets, 4);
}

static const struct option_values *
read_list(size_t nscope)
{
	const struct addr exporter = addr_from_v4(1);

	options_read((struct bytes) { list, len }, nscope, &exporter, &v);
	len = 0;
	return &v;
}

static void
options_have_a_rate_and_its_scope(void **unused)
{
	(void)unused;
	record_number(143, 7);
	record_number(302, 9);
	record_number(305, 2);
	record_number(306, 18);
	assert_true(read_list(1)->has_rate);
	assert_int_equal(v.rate.interval, 10);
	assert_int_equal(v.scope.n, 1);
	assert_int_equal(v.scope.element[0].id, 302);
	assert_int_equal(v.scope.value[0], 9);
	assert_int_equal(v.key[NAME_SAMPLER].len, 4);
	record_number(143, 7);
	assert_false(read_list(1)->has_rate);
	/* These are a scope only among the scope fields. */
	record_number(138, 7);
	record_number(34, 0);
	assert_true(read_list(1)->has_rate);
	assert_int_equal(v.rate.interval, 0);
	assert_int_equal(v.scope.n, 1);
	record_number(143, 7);
	record_number(138, 7);
	assert_int_equal(read_list(1)->scope.n, 0);
}

static void
options_name_interfaces_by_scope_or_element(void **unused)
{
	(void)unused;
	record_entry(PEN_V9_SCOPE, 2, "\0\0\0\3", 4);
	record_entry(PEN_IANA, 82, "eth3", 4);
	(void)read_list(0);
	assert_int_equal(v.key[NAME_INTERFACE].len, 4);
	assert_memory_equal(v.name[NAME_INTERFACE].ptr, "eth3", 4);
	record_entry(PEN_IANA, 10, "\4", 1);
	record_entry(PEN_IANA, 83, "uplink", 6);
	(void)read_list(0);
	assert_int_equal(v.key[NAME_INTERFACE_DESCRIPTION].ptr[0], 4);
	assert_int_equal(v.name[NAME_INTERFACE_DESCRIPTION].len, 6);
}

static void
options_tell_when_the_exporter_started(void **unused)
{
	static const uint8_t never[8] = { 0xff };

	(void)unused;
	record_entry(PEN_IANA, 160, "\0\0\0\0\0\0\3\350", 8);
	assert_true(read_list(0)->has_start);
	assert_int_equal(v.start_ns, 1000000000);
	record_entry(PEN_IANA, 160, never, 8);
	assert_false(read_list(0)->has_start);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_have_a_rate_and_its_scope),
		cmocka_unit_test(options_name_interfaces_by_scope_or_element),
		cmocka_unit_test(options_tell_when_the_exporter_started),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
