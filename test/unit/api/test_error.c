/* Failures, as bindings see them: code, errno and text. lib/base/result.c. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <flowd/flowd.h>

#include "../query/logs.h"

struct fixture {
	char folder[FOLDER_PATH], text[FOLDER_PATH + 16];
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct buf out;

	if (f == NULL || folder_make(f->folder) != 0)
		return -1;
	(void)snprintf(f->text, sizeof(f->text), "%s/text", f->folder);
	buf_init(&out, LOGS_OCTETS_MAX);
	for (int i = 0; i < 100; i++)
		buf_append_text(&out, "This is not a log.\n");
	assert_int_equal(logs_save(f->text, &out, false), 0);
	buf_fini(&out);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(folder_remove(f->folder), 0);
	free(f);
	return 0;
}

/* What opening and reading a scan fails with. */
static struct flowd_error
scan_failure(const struct flowd_scan_options *o)
{
	struct flowd_error err = { .text = "", .code = 1, .system = -1 };
	struct flowd_scan *s = flowd_scan_open(o, &err);
	const struct flowd_batch *b;
	int got;

	if (s != NULL) {
		got = flowd_scan_next(s, &b, &err);
		assert_true(got < 0);
		assert_int_equal(err.code, got);
		/* It stays so. */
		assert_int_equal(flowd_scan_next(s, &b, &err), got);
		assert_int_equal(err.code, got);
	}
	flowd_scan_close(s);
	return err;
}

static void
a_scan_that_fails_says_how(void **state)
{
	const struct fixture *f = *state;
	const char *const none[] = { "/nonexistent/log", NULL };
	const char *const text[] = { f->text, NULL };
	const char *const folder[] = { f->folder, NULL };
	const struct {
		struct flowd_scan_options options;
		int code, system;
		const char *text;
	} cases[] = {
		{ { .paths = none }, FLOWD_EIO, ENOENT,
		    "/nonexistent/log: No such file or directory" },
		{ { .paths = text }, FLOWD_EFORMAT, 0, "is a text" },
		{ { .paths = text, .where = "proto tpc" }, FLOWD_EINVAL, 0,
		    "tpc" },
		{ { .paths = text, .rules = "/nonexistent/rules" }, FLOWD_EIO,
		    ENOENT,
		    "cannot open /nonexistent/rules: No such file or "
		    "directory" },
		{ { .paths = text, .rules = f->folder }, FLOWD_EIO, EISDIR,
		    f->folder },
		{ { .paths = text, .time = "yesterday,noon" }, FLOWD_EINVAL,
		    0, "noon" },
		{ { .paths = text, .columns = "octtes" }, FLOWD_EINVAL, 0,
		    "octets" },
		{ { .paths = text, .rows = (size_t)FLOWD_BATCH_MAX + 1 },
		    FLOWD_ERANGE, 0, "rows" },
		{ { .paths = folder, .columns = "nothing" }, FLOWD_EINVAL, 0,
		    "nothing" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct flowd_error err = scan_failure(&cases[i].options);

		if (err.code != cases[i].code ||
		    err.system != cases[i].system ||
		    strstr(err.text, cases[i].text) == NULL)
			fail_msg("%zu: %d, errno %d: %s", i, err.code,
			    err.system, err.text);
	}
}

static void
a_writer_that_fails_says_how(void **state)
{
	const struct flowd_writer_options old = { .version = 2 };
	struct flowd_error err = { .text = "" };

	(void)state;
	assert_null(flowd_writer_open("/nonexistent/log", NULL, &err));
	assert_int_equal(err.code, FLOWD_EIO);
	assert_int_equal(err.system, ENOENT);
	assert_null(flowd_writer_open("/nonexistent/log", &old, &err));
	assert_int_equal(err.code, FLOWD_EINVAL);
	assert_int_equal(err.system, 0);
}

static void
other_objects_that_are_not_made_say_why(void **state)
{
	const struct flowd_query_options query = { .keys = "nothing" };
	const struct flowd_format_options format = { .format = 99 };
	struct flowd_error err = { .text = "" };

	(void)state;
	assert_null(flowd_query_new(&query, &err));
	assert_int_equal(err.code, FLOWD_EINVAL);
	err.code = 0;
	assert_null(flowd_formatter_new(&format, &err));
	assert_int_equal(err.code, FLOWD_EINVAL);
	err.code = 0;
	assert_null(flowd_batch_new("nothing", 0, &err));
	assert_int_equal(err.code, FLOWD_EINVAL);
}

static void
every_code_has_a_text(void **state)
{
	(void)state;
	for (int code = FLOWD_ECANCELED; code <= FLOWD_OK; code++)
		assert_string_not_equal(
		    flowd_result_text(code), "unknown error");
	assert_string_equal(
	    flowd_result_text(FLOWD_ECANCELED - 1), "unknown error");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_scan_that_fails_says_how),
		cmocka_unit_test(a_writer_that_fails_says_how),
		cmocka_unit_test(other_objects_that_are_not_made_say_why),
		cmocka_unit_test(every_code_has_a_text),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
