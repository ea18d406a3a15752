/* The options of a command line: lib/base/option.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "option.h"

enum { VERBOSE, FILE_NAME, FOLLOW, FORCE, HIDDEN, OPTIONS };

static const struct option_info table[OPTIONS] = {
	[VERBOSE] = { 'v', NULL, NULL, "say more" },
	[FILE_NAME] = { 'f', "file", "FILE", "a file" },
	[FOLLOW] = { 0, "follow", NULL, "go on" },
	[FORCE] = { 'F', "force", NULL, "do it" },
	[HIDDEN] = { 'R', NULL, NULL, NULL },
};

/* What a command line gives, as text; it ends with the first error. */
static const char *
options_given(const char *text)
{
	static char out[512];
	char program[] = "prog", copy[256], *argv[16] = { program };
	struct option_args args;
	size_t n = 1;
	int got;

	(void)strncpy(copy, text, sizeof(copy) - 1);
	copy[sizeof(copy) - 1] = '\0';
	for (char *p = strtok(copy, " "); p != NULL; p = strtok(NULL, " "))
		argv[n++] = p;
	out[0] = '\0';
	option_begin(&args, table, OPTIONS, argv);
	while ((got = option_next(&args)) != OPTION_END) {
		static const char *const names[] = { "v", "f", "follow", "F",
			"R" };

		if (got == OPTION_BAD) {
			(void)strcat(out, args.err.text);
			break;
		}
		(void)strcat(out, got == OPTION_OPERAND ? "" : names[got]);
		if (args.value != NULL) {
			(void)strcat(out, "<");
			(void)strcat(out, args.value);
			(void)strcat(out, ">");
		}
		(void)strcat(out, " ");
	}
	return out;
}

static void
letters_stand_alone_or_together(void **state)
{
	(void)state;
	assert_string_equal(options_given(""), "");
	assert_string_equal(options_given("-v -F"), "v F ");
	assert_string_equal(options_given("-vF"), "v F ");
	assert_string_equal(options_given("-vfx"), "v f<x> ");
	assert_string_equal(options_given("-vf x -F"), "v f<x> F ");
	assert_string_equal(options_given("-f -v"), "f<-v> ");
	assert_string_equal(options_given("-R"), "R ");
}

static void
words_take_values_in_two_ways(void **state)
{
	(void)state;
	assert_string_equal(options_given("--file x --follow"), "f<x> follow ");
	assert_string_equal(options_given("--file=x --file="), "f<x> f<> ");
	assert_string_equal(options_given("--file=a=b"), "f<a=b> ");
}

static void
a_word_may_be_shortened(void **state)
{
	(void)state;
	assert_string_equal(options_given("--fi x --fol"), "f<x> follow ");
	assert_string_equal(options_given("--fo"),
	    "--fo may be short for --follow or --force");
}

static void
operands_stand_anywhere(void **state)
{
	(void)state;
	assert_string_equal(options_given("a -v b"), "<a> v <b> ");
	assert_string_equal(options_given("- -v"), "<-> v ");
	assert_string_equal(options_given("-v -- -v --file -- -"),
	    "v <-v> <--file> <--> <-> ");
}

static void
errors_name_the_option(void **state)
{
	(void)state;
	assert_string_equal(options_given("-x"),
	    "unknown option -x; --help lists them");
	assert_string_equal(options_given("-vx"),
	    "v unknown option -x; --help lists them");
	assert_string_equal(options_given("--bogus"),
	    "unknown option --bogus; --help lists them");
	assert_string_equal(options_given("--bogus=1"),
	    "unknown option --bogus; --help lists them");
	assert_string_equal(options_given("--flie x"),
	    "unknown option --flie; did you mean --file?");
	assert_string_equal(options_given("--=x"),
	    "unknown option --; --help lists them");
	assert_string_equal(options_given("-f"), "-f wants a value: FILE");
	assert_string_equal(options_given("-vf"), "v -f wants a value: FILE");
	assert_string_equal(
	    options_given("--fi"), "--file wants a value: FILE");
	assert_string_equal(
	    options_given("--follow=1"), "--follow takes no value");
}

static void
help_lists_what_has_a_text(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	option_help(table, OPTIONS, &out);
	buf_append_char(&out, '\0');
	assert_string_equal((const char *)out.ptr,
	    "  -v                   say more\n"
	    "  -f, --file FILE      a file\n"
	    "      --follow         go on\n"
	    "  -F, --force          do it\n");
	buf_fini(&out);
}

static void
an_empty_command_line_ends(void **state)
{
	char *argv[] = { NULL };
	struct option_args args;

	(void)state;
	option_begin(&args, table, OPTIONS, argv);
	assert_int_equal(option_next(&args), OPTION_END);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(letters_stand_alone_or_together),
		cmocka_unit_test(words_take_values_in_two_ways),
		cmocka_unit_test(a_word_may_be_shortened),
		cmocka_unit_test(operands_stand_anywhere),
		cmocka_unit_test(errors_name_the_option),
		cmocka_unit_test(help_lists_what_has_a_text),
		cmocka_unit_test(an_empty_command_line_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
