/* Options records: every element that is understood, and hostile values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "options.h"
#include "other.h"
#include "result.h"

enum {
	SAMPLERS_MAX = 256
};

static uint8_t list[1024];
static size_t len;
static struct option_values v;

static void
entry(uint32_t pen, uint16_t id, const void *value, size_t n)
{
	other_put_head(list + len, pen, id, (uint16_t)n);
	memcpy(list + len + OTHER_HEAD, value, n);
	len += OTHER_HEAD + n;
}

static void
number(uint16_t id, uint32_t value)
{
	uint8_t octets[4];

	store_be32(octets, value);
	entry(PEN_IANA, id, octets, 4);
}

static const struct option_values *
read_list(void)
{
	options_read((struct bytes) { list, len }, &v);
	len = 0;
	return &v;
}

static void
options_give_the_interval_in_every_way(void **unused)
{
	static const uint8_t probability[] = { 0x3f, 0x84, 0x7a, 0xe1, 0x47,
		0xae, 0x14, 0x7b };	/* 0.01 */

	(void)unused;
	number(34, 100);
	assert_int_equal(read_list()->sampling.interval, 100);
	number(50, 200);
	assert_int_equal(read_list()->sampling.interval, 200);
	number(305, 2);
	number(306, 18);
	assert_int_equal(read_list()->sampling.interval, 10);
	number(309, 5);
	number(310, 500);
	assert_int_equal(read_list()->sampling.interval, 100);
	entry(PEN_IANA, 311, probability, 8);
	assert_int_equal(read_list()->sampling.interval, 100);
}

static void
options_ignore_intervals_that_make_no_sense(void **unused)
{
	static const uint8_t nan[] = { 0x7f, 0xf8, 0, 0, 0, 0, 0, 0 };
	static const uint8_t huge[9] = { 1 };

	(void)unused;
	number(305, 0);
	number(306, 10);
	assert_int_equal(read_list()->sampling.interval, 0);
	number(309, 0);
	number(310, 10);
	assert_int_equal(read_list()->sampling.interval, 0);
	entry(PEN_IANA, 311, nan, 8);
	assert_int_equal(read_list()->sampling.interval, 0);
	entry(PEN_IANA, 34, huge, 9);
	assert_int_equal(read_list()->sampling.interval, 0);
	entry(PEN_IANA, 34, huge, 8);
	assert_int_equal(read_list()->sampling.interval, UINT32_MAX);
}

static void
options_name_interfaces_by_scope_or_element(void **unused)
{
	(void)unused;
	entry(PEN_V9_SCOPE, 2, "\0\0\0\3", 4);
	entry(PEN_IANA, 82, "eth3", 4);
	(void)read_list();
	assert_int_equal(v.key[NAME_INTERFACE].len, 4);
	assert_memory_equal(v.name[NAME_INTERFACE].ptr, "eth3", 4);
	entry(PEN_IANA, 10, "\4", 1);
	entry(PEN_IANA, 83, "uplink", 6);
	(void)read_list();
	assert_int_equal(v.key[NAME_INTERFACE_DESCRIPTION].ptr[0], 4);
	assert_int_equal(v.name[NAME_INTERFACE_DESCRIPTION].len, 6);
}

static void
options_learn_samplers_up_to_a_limit(void **unused)
{
	struct sampling s = { 0 };

	(void)unused;
	for (uint32_t id = 0; id < 2 * SAMPLERS_MAX; id++) {
		number(302, id);
		number(34, id + 1);
		(void)sampling_learn(&s, read_list(), SAMPLERS_MAX);
	}
	assert_int_equal(s.nsamplers, SAMPLERS_MAX);
	assert_int_equal(sampling_find(&s, 7)->interval, 8);
	assert_null(sampling_find(&s, SAMPLERS_MAX));
	assert_int_equal(s.interval, 0);
	number(302, 7);
	number(34, 70);
	assert_int_equal(sampling_learn(&s, read_list(), SAMPLERS_MAX), 1);
	assert_int_equal(sampling_find(&s, 7)->interval, 70);
	assert_int_equal(sampling_learn(&s, &v, SAMPLERS_MAX), 0);
	v.sampler_id = 9999;
	assert_int_equal(sampling_learn(&s, &v, SAMPLERS_MAX), FLOWD_ENOMEM);
	sampling_fini(&s);
}

static void
options_learn_when_the_exporter_started(void **unused)
{
	static const uint8_t never[8] = { 0xff };
	struct sampling s = { 0 };

	(void)unused;
	entry(PEN_IANA, 160, "\0\0\0\0\0\0\3\350", 8);
	(void)sampling_learn(&s, read_list(), SAMPLERS_MAX);
	assert_true(s.has_init);
	assert_int_equal(s.init_ns, 1000000000);
	s.has_init = false;
	entry(PEN_IANA, 160, never, 8);
	(void)sampling_learn(&s, read_list(), SAMPLERS_MAX);
	assert_false(s.has_init);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_give_the_interval_in_every_way),
		cmocka_unit_test(options_ignore_intervals_that_make_no_sense),
		cmocka_unit_test(options_name_interfaces_by_scope_or_element),
		cmocka_unit_test(options_learn_samplers_up_to_a_limit),
		cmocka_unit_test(options_learn_when_the_exporter_started),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
