/* What a misspelt word may have been meant as: lib/base/suggest.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "suggest.h"

static void
distance_counts_letters_to_change(void **state)
{
	(void)state;
	assert_int_equal(suggest_distance("", "", 9), 0);
	assert_int_equal(suggest_distance("octets", "octets", 9), 0);
	assert_int_equal(suggest_distance("octet", "octets", 9), 1);
	assert_int_equal(suggest_distance("octetss", "octets", 9), 1);
	assert_int_equal(suggest_distance("oktets", "octets", 9), 1);
	assert_int_equal(suggest_distance("cotets", "octets", 9), 1);
	assert_int_equal(suggest_distance("", "octets", 9), 6);
	assert_int_equal(suggest_distance("kitten", "sitting", 9), 3);
}

static void
distance_ends_at_its_limit(void **state)
{
	(void)state;
	assert_int_equal(suggest_distance("abcdef", "uvwxyz", 3), 3);
	assert_int_equal(suggest_distance(
	    "a word of very many letters, more than any of ours has",
	    "octets", 4), 4);
}

static void
the_nearest_word_is_suggested(void **state)
{
	static const char *const words[] = { "listen", "logfile", "logdir" };

	(void)state;
	assert_string_equal(suggest_word("logdri", words, 3), "logdir");
	assert_string_equal(suggest_word("lisen", words, 3), "listen");
	assert_null(suggest_word("zebra", words, 3));
	assert_null(suggest_word("", words, 3));
	assert_null(suggest_word("listen", words, 0));
}

static void
words_may_be_members_of_rows(void **state)
{
	static const struct {
		int number;
		const char *word;
	} rows[] = { { 80, "http" }, { 443, "https" }, { 53, "domain" } };

	(void)state;
	assert_string_equal(
	    suggest_row("domian", &rows[0].word, sizeof(rows[0]), 3), "domain");
	assert_null(suggest_row("domian", &rows[0].word, sizeof(rows[0]), 2));
	assert_null(suggest_row("http", &rows[0].word, sizeof(rows[0]), 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(distance_counts_letters_to_change),
		cmocka_unit_test(distance_ends_at_its_limit),
		cmocka_unit_test(the_nearest_word_is_suggested),
		cmocka_unit_test(words_may_be_members_of_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
