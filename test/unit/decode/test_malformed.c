/* The table of malformations: lib/decode/tables/malformed.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "malformed.h"

static void
malformed_has_a_word_of_its_own(void **unused)
{
	(void)unused;
	for (int i = 1; i < MALFORMED_COUNT; i++) {
		const char *word = malformed_info[i].word;

		assert_int_equal(strspn(word, "abcdefghijklmnopqrstuvwxyz-"),
		    strlen(word));
		assert_true(strlen(malformed_info[i].text) > 0);
		for (int k = 1; k < i; k++)
			assert_string_not_equal(word, malformed_info[k].word);
	}
	assert_string_equal(malformed_info[MALFORMED_SHORT_HEADER].word,
	    "short-header");
	assert_null(malformed_info[MALFORMED_NONE].word);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(malformed_has_a_word_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
