/* UTF-8: every length, and what RFC 3629 forbids. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "utf8.h"

static size_t
text_utf8_len(const char *text)
{
	return utf8_len((const uint8_t *)text, strlen(text));
}

static void
utf8_knows_every_length(void **unused)
{
	(void)unused;
	assert_int_equal(text_utf8_len("a"), 1);
	assert_int_equal(text_utf8_len("\xc3\xbc"), 2);
	assert_int_equal(text_utf8_len("\xe2\x82\xac"), 3);
	assert_int_equal(text_utf8_len("\xf0\x9f\x98\x80"), 4);
}

static void
utf8_refuses_what_is_none(void **unused)
{
	(void)unused;
	assert_int_equal(text_utf8_len("\xc3"), 0);		/* cut */
	assert_int_equal(text_utf8_len("\xc3("), 0);
	assert_int_equal(text_utf8_len("\x80"), 0);		/* no lead */
	assert_int_equal(text_utf8_len("\xc0\x80"), 0);	/* overlong */
	assert_int_equal(text_utf8_len("\xe0\x80\x80"), 0);
	assert_int_equal(text_utf8_len("\xed\xa0\x80"), 0);	/* surrogate */
	assert_int_equal(text_utf8_len("\xf4\x90\x80\x80"), 0); /* too large */
	assert_int_equal(text_utf8_len("\xff"), 0);
}

static void
utf8_knows_control_characters(void **unused)
{
	(void)unused;
	assert_int_equal(utf8_control((const uint8_t *)"\x1b", 1), 0x1b);
	assert_int_equal(utf8_control((const uint8_t *)"\x7f", 1), 0x7f);
	assert_int_equal(utf8_control((const uint8_t *)"\xc2\x80", 2), 0x80);
	assert_int_equal(utf8_control((const uint8_t *)"\xc2\x9f", 2), 0x9f);
	assert_int_equal(utf8_control((const uint8_t *)"\xc2\xa0", 2), -1);
	assert_int_equal(utf8_control((const uint8_t *)"\xc3\x9b", 2), -1);
	assert_int_equal(utf8_control((const uint8_t *)" ", 1), -1);
	/* What is no sequence is none either. */
	assert_int_equal(utf8_control((const uint8_t *)"\x9b", 0), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8_knows_every_length),
		cmocka_unit_test(utf8_refuses_what_is_none),
		cmocka_unit_test(utf8_knows_control_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
