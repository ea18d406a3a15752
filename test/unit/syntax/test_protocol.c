/* Names of IP protocols: both ways, and what is no name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "protocol.h"

static void
protocol_is_found_in_lower_and_upper_case(void **unused)
{
	(void)unused;
	assert_int_equal(protocol_by_name("tcp"), 6);
	assert_int_equal(protocol_by_name("TCP"), 6);
	assert_int_equal(protocol_by_name("ip"), 0);
	assert_int_equal(protocol_by_name("ipv6-icmp"), 58);
	assert_int_equal(protocol_by_name("Tcp"), -1);
	assert_int_equal(protocol_by_name(""), -1);
	assert_int_equal(protocol_by_name("6"), -1);
}

static void
protocol_name_is_found_again(void **unused)
{
	(void)unused;
	for (unsigned n = 0; n < 256; n++) {
		const char *name = protocol_name(n);

		if (name != NULL)
			assert_int_equal(protocol_by_name(name), n);
	}
	assert_string_equal(protocol_name(0), "ip");
	assert_string_equal(protocol_name(17), "udp");
	assert_null(protocol_name(255));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(protocol_is_found_in_lower_and_upper_case),
		cmocka_unit_test(protocol_name_is_found_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
