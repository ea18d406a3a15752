/* Errors as people read them, and texts by line: lib/syntax/diag.c, source.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "collect.h"

static void
diag_check(const char *text, struct place at, const char *want)
{
	struct source src = source_of_text("t.conf", bytes_of_text(text));
	struct diag d = { at, "wrong" };
	struct buf out;

	d.at.src = &src;
	buf_init(&out, 4096);
	diag_format(&d, &out);
	buf_append_char(&out, '\0');
	assert_true(buf_ok(&out));
	assert_string_equal((char *)out.ptr, want);
	buf_fini(&out);
}

static void
the_line_is_shown_with_a_caret(void **state)
{
	(void)state;
	diag_check("one\ntwo words\n", (struct place){ NULL, 2, 5, 5 },
	    "t.conf:2:5: wrong\n    two words\n        ^~~~~\n");
	diag_check("last", (struct place){ NULL, 1, 5, 1 },
	    "t.conf:1:5: wrong\n    last\n        ^\n");
}

static void
tabs_keep_the_caret_in_its_place(void **state)
{
	(void)state;
	diag_check("\ta b\n", (struct place){ NULL, 1, 4, 1 },
	    "t.conf:1:4: wrong\n    \ta b\n    \t  ^\n");
}

static void
control_characters_do_not_reach_the_terminal(void **state)
{
	(void)state;
	diag_check("a\033[2Jb\n", (struct place){ NULL, 1, 1, 1 },
	    "t.conf:1:1: wrong\n    a?[2Jb\n    ^\n");
}

static void
a_line_that_is_empty_or_long_is_left_out(void **state)
{
	char text[500];

	(void)state;
	diag_check("", (struct place){ NULL, 1, 1, 1 }, "t.conf:1:1: wrong\n");
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	diag_check(
	    text, (struct place) { NULL, 1, 400, 1 }, "t.conf:1:400: wrong\n");
	diag_check(
	    "a\n", (struct place) { NULL, 2, 1, 1 }, "t.conf:2:1: wrong\n");
}

static void
lines_are_found_by_number(void **state)
{
	struct source src = source_of_text("t", bytes_of_text("a\n\nbc"));

	(void)state;
	assert_int_equal(source_line(&src, 1).len, 1);
	assert_int_equal(source_line(&src, 2).len, 0);
	assert_int_equal(source_line(&src, 3).len, 2);
	assert_memory_equal(source_line(&src, 3).ptr, "bc", 2);
	assert_int_equal(source_line(&src, 4).len, 0);
}

static void
a_file_that_cannot_be_read_is_named(void **state)
{
	struct source src;
	struct flowd_error err;

	(void)state;
	assert_int_equal(source_read(&src, "/nonexistent/x", &err), FLOWD_EIO);
	assert_string_equal(
	    err.text, "cannot open /nonexistent/x: No such file or directory");
	assert_int_equal(source_read(&src, "/", &err), FLOWD_EIO);
	assert_non_null(strstr(err.text, "cannot read /"));
	assert_int_equal(source_read(&src, "/dev/zero", &err), FLOWD_ERANGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_line_is_shown_with_a_caret),
		cmocka_unit_test(tabs_keep_the_caret_in_its_place),
		cmocka_unit_test(control_characters_do_not_reach_the_terminal),
		cmocka_unit_test(a_line_that_is_empty_or_long_is_left_out),
		cmocka_unit_test(lines_are_found_by_number),
		cmocka_unit_test(a_file_that_cannot_be_read_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
