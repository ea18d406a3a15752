/* Names of services and ICMP messages: service.c, icmp_name.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "icmp_name.h"
#include "service.h"

static void
services_are_found_by_name(void **state)
{
	(void)state;
	assert_int_equal(service_by_name("https"), 443);
	assert_int_equal(service_by_name("dns"), service_by_name("domain"));
	assert_int_equal(service_by_name("HTTPS"), -1);
	assert_int_equal(service_by_name(""), -1);
}

static void
a_misspelt_service_has_a_suggestion(void **state)
{
	(void)state;
	assert_string_equal(service_suggest("htps"), "https");
	assert_null(service_suggest("zzzzzzzz"));
}

static void
icmp_messages_have_a_type_in_one_protocol_or_in_both(void **state)
{
	const struct icmp_name *name;

	(void)state;
	name = icmp_by_name("echoreq");
	assert_non_null(name);
	assert_int_equal(name->type4, 8);
	assert_int_equal(name->type6, 128);
	name = icmp_by_name("toobig");
	assert_non_null(name);
	assert_int_equal(name->type4, -1);
	assert_int_equal(name->type6, 2);
	assert_null(icmp_by_name("echo-req"));
	assert_string_equal(icmp_suggest("echo-req"), "echoreq");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(services_are_found_by_name),
		cmocka_unit_test(a_misspelt_service_has_a_suggestion),
		cmocka_unit_test(
		    icmp_messages_have_a_type_in_one_protocol_or_in_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
