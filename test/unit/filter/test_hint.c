/* Hints for words of other tools: lib/filter/hint.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../syntax/collect.h"
#include "expression.h"

static void
assert_error(const char *text, const char *error)
{
	struct collected got;
	struct filter filter;
	struct source src;

	assert_int_equal(filter_init(&filter), 0);
	collected_init(&got);
	src = source_of_text("-e", bytes_of_text(text));
	assert_int_equal(expression_parse(&filter, &src, &got.sink),
	    FLOWD_EINVAL);
	assert_string_equal(got.text, error);
	filter_fini(&filter);
}

static void
words_of_other_tools_get_a_hint(void **unused)
{
	(void)unused;
	assert_error("dport 80",
	    "1: \"dport\" is not a test here; write \"dst port\"\n");
	assert_error("tcp.flags 2",
	    "1: \"tcp.flags\" is not a test here; write \"flags\"\n");
	assert_error("proto tcp & port 80",
	    "1: \"&\" is not a test here; write \"and\"\n");
}

static void
hints_depend_on_the_words_before(void **unused)
{
	(void)unused;
	assert_error("mask 24", "1: \"mask\" is not a test here; write "
	    "10.0.0.0/8 for a net, \"src_mask\" or \"dst_mask\" for a "
	    "column\n");
	assert_error("src mask 24",
	    "1: \"src mask\" is not a test here; write \"src_mask\"\n");
	assert_error("dst mask 24",
	    "1: \"dst mask\" is not a test here; write \"dst_mask\"\n");
}

static void
comparisons_get_a_hint(void **unused)
{
	(void)unused;
	assert_error("octets gt 5",
	    "1: \"gt\" is not a value here; write >\n");
	assert_error("port in 80",
	    "1: \"in\" is not a value here; write the list in braces\n");
}

static void
values_without_a_test_get_a_hint(void **unused)
{
	(void)unused;
	assert_error("10.0.0.1", "1: \"10.0.0.1\" is not a test here; write "
	    "\"host\", \"src\" or \"dst\" in front of an address\n");
	assert_error("fe80::1", "1: \"fe80::1\" is not a test here; write "
	    "\"host\", \"src\" or \"dst\" in front of an address\n");
	assert_error("port 80 or 443", "1: \"443\" is not a test here; write a "
	    "test before its value; a list of values is { 80, 443 }\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_of_other_tools_get_a_hint),
		cmocka_unit_test(hints_depend_on_the_words_before),
		cmocka_unit_test(comparisons_get_a_hint),
		cmocka_unit_test(values_without_a_test_get_a_hint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
