/* Lines "logdir" and logs in rules: logdir_parse.c, logdir_print.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conf_fixture.h"

static struct buf printed;

static int
setup(void **state)
{
	buf_init(&printed, 65536);
	return conf_setup(state);
}

static int
teardown(void **state)
{
	buf_fini(&printed);
	return conf_teardown(state);
}

/* The text prints as this, which prints as itself. */
static void
conf_prints(const char *text, const char *want)
{
	for (int i = 0; i < 2; i++) {
		(void)stmt_first(i == 0 ? text : want);
		buf_reset(&printed);
		ast_print(&conf.ast, &printed);
		buf_append_char(&printed, '\0');
		assert_true(buf_ok(&printed));
		assert_string_equal((char *)printed.ptr, want);
	}
}

static void
a_path_is_enough(void **state)
{
	const struct logdir_line *l =
	    stmt_first("logdir \"/var/flow\"\n")->logdir;

	(void)state;
	assert_int_equal(conf.ast.first->kind, STMT_LOGDIR);
	assert_string_equal(l->path, "/var/flow");
	assert_null(l->name);
	assert_int_equal(l->rotate_sec, 0);
	assert_int_equal(l->keep_sec, 0);
	assert_int_equal(l->keep_free, 0);
	assert_int_equal(l->max_octets, 0);
	assert_int_equal(l->compress, LOGDIR_COMPRESS_UNSAID);
	assert_int_equal(l->flush_ms, 0);
	assert_null(l->on_rotate);
	conf_fails("logdir\n",
	    "1: expected the path of a directory in quotes; the line ends "
	    "here\n");
	conf_fails("logdir all\n",
	    "1: expected the path of a directory in quotes, not \"all\"\n");
}

static void
clauses_stand_in_any_order(void **state)
{
	const struct logdir_line *l = stmt_first(
	    "logdir d on rotate \"/bin/x\" \"-a\" \"\" flush 250ms compress "
	    "lz4 max 1.5T keep free 5% keep 1w rotate 1h30m name voip\n")
	    ->logdir;

	(void)state;
	assert_string_equal(l->name, "voip");
	assert_int_equal(l->rotate_sec, 5400);
	assert_int_equal(l->keep_sec, 7 * 86400);
	assert_int_equal(l->keep_free, 5);
	assert_int_equal(l->max_octets, 1500000000000);
	assert_int_equal(l->compress, LOGDIR_COMPRESS_LZ4);
	assert_int_equal(l->flush_ms, 250);
	assert_string_equal(l->on_rotate[0], "/bin/x");
	assert_string_equal(l->on_rotate[1], "-a");
	assert_string_equal(l->on_rotate[2], "");
	assert_null(l->on_rotate[3]);
	assert_int_equal(l->level, 0);
	assert_int_equal(stmt_first("logdir d compress zstd level 19 max 1G\n")
			     ->logdir->level,
	    19);
	assert_int_equal(
	    stmt_first("logdir d rotate 300 flush 2\n")->logdir->rotate_sec,
	    300);
	assert_int_equal(conf.ast.first->logdir->flush_ms, 2000);
	conf_fails(
	    "logdir d keep 1d keep 2d\n", "1: \"keep\" is given twice\n");
	conf_fails("logdir d keep free 1% keep free 2%\n",
	    "1: \"keep free\" is given twice\n");
	conf_fails("logdir d rotate 1m name x rotate 1m\n",
	    "1: \"rotate\" is given twice\n");
}

static void
values_have_bounds(void **state)
{
	(void)state;
	conf_fails("logdir d rotate 0\n",
	    "1: expected whole seconds from 1s to 31d, not \"0\"\n");
	conf_fails("logdir d rotate 500ms\n",
	    "1: expected whole seconds from 1s to 31d, not \"500ms\"\n");
	conf_fails("logdir d rotate 32d\n",
	    "1: expected whole seconds from 1s to 31d, not \"32d\"\n");
	conf_fails("logdir d rotate x\n",
	    "1: \"x\" is not a span of time, 1h30m say\n");
	conf_fails("logdir d rotate\n",
	    "1: expected a span of time; the line ends here\n");
	conf_fails("logdir d keep 36501d\n",
	    "1: expected whole seconds from 1s to 36500d, not \"36501d\"\n");
	conf_fails("logdir d keep 5%\n",
	    "1: \"5%\" is not a span of time; did you mean \"keep free "
	    "5%\"?\n");
	conf_fails("logdir d flush 0.0001s\n",
	    "1: expected whole milliseconds from 1ms to 1h, not "
	    "\"0.0001s\"\n");
	conf_fails("logdir d flush 61m\n",
	    "1: expected whole milliseconds from 1ms to 1h, not \"61m\"\n");
	conf_fails("logdir d keep free 0%\n",
	    "1: expected a part of the file system from 1% to 99%, not "
	    "\"0%\"\n");
	conf_fails("logdir d keep free 100%\n",
	    "1: expected a part of the file system from 1% to 99%, not "
	    "\"100%\"\n");
	conf_fails("logdir d keep free %\n",
	    "1: expected a part of the file system from 1% to 99%, not "
	    "'%'\n");
	conf_fails("logdir d keep free 5% down 5%\n",
	    "1: expected \"to\", not \"5%\"\n");
	conf_fails("logdir d keep free 5% down to 100%\n",
	    "1: expected a part of the file system from 0% to 99%, not "
	    "\"100%\"\n");
	assert_false(stmt_first("logdir d keep free 5%\n")->logdir->has_least);
	assert_true(stmt_first("logdir d keep free 5% down to 0%\n")
		->logdir->has_least);
	assert_int_equal(
	    stmt_first("logdir d keep free 5% down to 12% keep 1d\n")
		->logdir->keep_least,
	    12);
	conf_fails("logdir d keep free 5\n",
	    "1: expected a part of the file system from 1% to 99%, not "
	    "\"5\"\n");
	conf_fails("logdir d max 200\n",
	    "1: expected a size of 1M or more, 200G say, not \"200\"\n");
	assert_int_equal(stmt_first("logdir d max 1M\n")->logdir->max_octets,
	    1000000);
	conf_fails("logdir d max 5X\n", "1: \"5X\" is not a size, 200G say\n");
	conf_fails("logdir d compress gzip\n",
	    "1: expected none, lz4 or zstd, not \"gzip\"\n");
	conf_fails("logdir d compress zstd 9\n",
	    "1: expected \"level\" in front of a level, not \"9\"\n");
	conf_fails("logdir d compress zstd level 0\n",
	    "1: expected a level from 1 to 19, not \"0\"\n");
	conf_fails("logdir d compress zstd level 20\n",
	    "1: expected a level from 1 to 19, not \"20\"\n");
	conf_fails("logdir d compress zstd level x\n",
	    "1: expected a level from 1 to 19, not \"x\"\n");
	conf_fails("logdir d compress zstd level\n",
	    "1: expected a level from 1 to 19; the line ends here\n");
	conf_fails("logdir d compress lz4 level 3\n",
	    "1: unknown clause \"level\" of logdir\n");
	conf_fails(
	    "logdir d name \"\"\n", "1: \"\" is not the name of a log\n");
	conf_fails("logdir d on rotate\n",
	    "1: expected the path of a command in quotes; the line ends "
	    "here\n");
	conf_fails("logdir d on rotate x\n",
	    "1: expected the path of a command in quotes, not \"x\"\n");
	conf_fails("logdir d on flush \"x\"\n",
	    "1: expected \"rotate\", not \"flush\"\n");
}

static void
a_logfile_has_some_of_these_clauses(void **state)
{
	const struct logdir_line *l = stmt_first(
	    "logfile \"/var/log/flowd\" mode 0640 max 10G group \"adm\"\n")
					  ->logdir;

	(void)state;
	assert_int_equal(conf.ast.first->kind, STMT_LOGFILE);
	assert_string_equal(l->path, "/var/log/flowd");
	assert_int_equal(l->max_octets, 10000000000);
	assert_int_equal(l->mode, 0640);
	assert_string_equal(l->group, "adm");
	assert_int_equal(stmt_first("logfile x\n")->logdir->mode, 0);
	assert_null(stmt_first("logfile x\n")->logdir->group);
	/* As ever: words are joined, and these may be among what is quoted. */
	assert_string_equal(
	    stmt_first("logfile a 'b' c\n")->logdir->path, "a b c");
	assert_string_equal(
	    stmt_first("logfile max \"mode\" max 1M\n")->logdir->path,
	    "max mode");
	conf_fails("logfile \"x\" maxx 1G\n",
	    "1: unknown clause \"maxx\" of logfile; did you mean \"max\"?\n");
	conf_fails("logfile x max 1M keep 1d\n",
	    "1: unknown clause \"keep\" of logfile\n");
	conf_fails("logfile x max 1M maxx\n",
	    "1: unknown clause \"maxx\" of logfile; did you mean \"max\"?\n");
	conf_fails("logfile x max 1M max 2M\n", "1: \"max\" is given twice\n");
	conf_fails(
	    "logfile x max\n", "1: expected a size; the line ends here\n");
	conf_fails("logfile x max 5\n",
	    "1: expected a size of 1M or more, 200G say, not \"5\"\n");
	conf_fails("logfile x group\n",
	    "1: expected the name of a group; the line ends here\n");
}

static void
modes_let_others_read_at_most(void **state)
{
	static const char *const good_modes[] = { "0600", "0640", "0644" };
	static const char *const bad_modes[] = { "640", "0660", "0666", "0604",
		"0400", "0740", "0641", "00640", "06400", "\"0640\"", "rw" };
	char text[64], error[128];

	(void)state;
	for (size_t i = 0; i < sizeof(good_modes) / sizeof(char *); i++) {
		(void)snprintf(text, sizeof(text), "logdir d mode %s\n",
		    good_modes[i]);
		assert_int_equal(stmt_first(text)->logdir->mode,
		    strtoul(good_modes[i], NULL, 8));
	}
	for (size_t i = 0; i < sizeof(bad_modes) / sizeof(char *); i++) {
		(void)snprintf(text, sizeof(text), "logdir d mode %s\n",
		    bad_modes[i]);
		(void)snprintf(error, sizeof(error), "1: expected 0600, 0640 "
		    "or 0644, not \"%s\"\n", bad_modes[i][0] == '"'
			? "0640" : bad_modes[i]);
		conf_fails(text, error);
	}
}

static void
words_are_suggested(void **state)
{
	(void)state;
	conf_fails("logdir d rotat 5m\n",
	    "1: unknown clause \"rotat\" of logdir; did you mean "
	    "\"rotate\"?\n");
	conf_fails("logdir d bufsize 5\n",
	    "1: unknown clause \"bufsize\" of logdir\n");
	conf_fails("logdir \"a\" \"b\"\n",
	    "1: expected the end of the line, not \"b\"\n");
}

static void
a_command_has_so_many_arguments(void **state)
{
	char text[1024] = "logdir d on rotate";

	(void)state;
	for (int i = 0; i < LOGDIR_ARGS_MAX; i++)
		strcat(text, " \"a\"");
	strcat(text, "\n");
	assert_null(stmt_first(text)->logdir->on_rotate[LOGDIR_ARGS_MAX]);
	strcpy(strchr(text, '\n'), " \"a\"\n");
	conf_fails(text, "1: more than 31 arguments\n");
}

static void
rules_name_logs(void **state)
{
	const struct log_name *n =
	    stmt_first("accept tag 7 log { \"voip\", main third } quick all\n")
		->rule->log_names;

	(void)state;
	assert_int_equal(conf.ast.first->rule->tag, 7);
	assert_true(conf.ast.first->rule->quick);
	assert_string_equal(n->name, "voip");
	assert_string_equal(n->next->name, "main");
	assert_string_equal(n->next->next->name, "third");
	assert_null(n->next->next->next);
	assert_null(stmt_first("accept proto tcp\n")->rule->log_names);
	conf_fails("discard log x\n", "1: log not allowed in discard\n");
	conf_fails("accept log x log y\n",
	    "1: \"log\" is given twice; { \"a\", \"b\" } names several\n");
	conf_fails("accept quick log x\n",
	    "1: \"log\" comes before \"quick\"\n");
	conf_fails(
	    "accept log {}\n", "1: expected the name of a log, not '}'\n");
	conf_fails("accept log { x\n", "1: this is not closed by '}'\n");
	conf_fails("accept log quick\n",
	    "1: expected the name of a log, not \"quick\"\n");
}

static void
elements_are_chosen_by_a_word(void **state)
{
	const struct stmt *s = stmt_first("store ie applicationName\n");

	(void)state;
	assert_string_equal(s->store.element, "applicationName");
	assert_string_equal(stmt_first("store ie 6871:40\n")->store.element,
	    "6871:40");
	conf_fails("store ie\n",
	    "1: expected the name or number of an element; "
	    "the line ends here\n");
}

static void
what_is_printed_is_canonical(void **state)
{
	(void)state;
	conf_prints("logdir d\n", "logdir \"d\"\n");
	conf_prints(
	    "logdir 'a \"b\"' on rotate \"x\" 'y \"z\"' flush 1s compress "
	    "none max 200G keep free 05% keep 30d rotate 300 name a\n",
	    "logdir 'a \"b\"' name \"a\" rotate 5m keep 30d keep free 5% max "
	    "200G compress none flush 1s on rotate \"x\" 'y \"z\"'\n");
	conf_prints(
	    "logdir d max 200Gi flush 1.5s keep 36h rotate 90s compress "
	    "zstd\n",
	    "logdir \"d\" rotate 90s keep 36h max 200Gi compress zstd flush "
	    "1500ms\n");
	conf_prints("logdir d group adm mode 0644 max 1G compress lz4\n",
	    "logdir \"d\" max 1G mode 0644 group \"adm\" compress lz4\n");
	conf_prints("logfile a b group x mode 0640 max 1000k\n",
	    "logfile \"a b\" max 1M mode 0640 group \"x\"\n");
	conf_prints("logdir d max 1G keep free 5% down to 0%\n",
	    "logdir \"d\" keep free 5% down to 0% max 1G\n");
	conf_prints("logdir d keep 1d compress zstd level 09 flush 1s\n",
	    "logdir \"d\" keep 1d compress zstd level 9 flush 1s\n");
	conf_prints("accept tag 5 log voip quick tcp\n",
	    "accept log \"voip\" tag 5 quick proto 6\n");
	conf_prints("accept log { a,\n b } (tag 5)\n",
	    "accept log { \"a\", \"b\" } (tag 5)\n");
	conf_prints("store ie 6871:40\n", "store ie \"6871:40\"\n");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_path_is_enough),
		T(clauses_stand_in_any_order),
		T(values_have_bounds),
		T(a_logfile_has_some_of_these_clauses),
		T(modes_let_others_read_at_most),
		T(words_are_suggested),
		T(a_command_has_so_many_arguments),
		T(rules_name_logs),
		T(elements_are_chosen_by_a_word),
		T(what_is_printed_is_canonical),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
