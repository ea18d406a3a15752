/* Addresses of the public header: lib/api/flowd_addr.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <flowd/flowd.h>

static void
texts_are_read_and_written(void **state)
{
	static const struct {
		const char *in, *out;
		uint8_t family, first, last;
	} cases[] = {
		{ "192.0.2.1", "192.0.2.1", 4, 192, 0 },
		{ "2001:DB8:0::1", "2001:db8::1", 6, 0x20, 1 },
		{ "fe80::1%2", "fe80::1%2", 6, 0xfe, 1 },
		{ "::ffff:1.2.3.4", "::ffff:1.2.3.4", 6, 0, 4 },
	};
	char text[FLOWD_ADDR_TEXT];
	struct flowd_addr a;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(flowd_addr_parse(cases[i].in, &a), 0);
		assert_int_equal(a.family, cases[i].family);
		assert_int_equal(a.octets[0], cases[i].first);
		assert_int_equal(a.octets[15], cases[i].last);
		assert_int_equal(
		    flowd_addr_format(&a, text), strlen(cases[i].out));
		assert_string_equal(text, cases[i].out);
	}
}

static void
what_is_no_address_leaves_it_as_it_is(void **state)
{
	struct flowd_addr a = { .family = 4, .octets = { 1, 2, 3, 4 } };
	char text[FLOWD_ADDR_TEXT];

	(void)state;
	assert_int_equal(flowd_addr_parse("example.org", &a), FLOWD_EINVAL);
	assert_int_equal(flowd_addr_format(&a, text), 7);
	assert_string_equal(text, "1.2.3.4");
	a.family = FLOWD_ADDR_NONE;
	assert_int_equal(flowd_addr_format(&a, text), 0);
	a.family = 5;
	assert_int_equal(flowd_addr_format(&a, text), 0);
	assert_string_equal(text, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_read_and_written),
		cmocka_unit_test(what_is_no_address_leaves_it_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
