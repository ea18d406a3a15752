/* Tables: how they are written, read, printed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../syntax/collect.h"
#include "parse.h"
#include "prefix_table.h"

static struct filter filter;
static struct ast ast;
static struct source src;
static struct collected got;

static int
conf_load_text(const char *text)
{
	filter_fini(&filter);
	assert_int_equal(filter_init(&filter), 0);
	ast_init(&ast, &filter);
	collected_init(&got);
	src = source_of_text("t.conf", bytes_of_text(text));
	if (parse_config(&ast, &src, &got.sink) != 0)
		return -1;
	return prefix_tables_load(filter.tables, &got.sink);
}

static bool
table_has(const char *table, const char *address)
{
	struct prefix_table *t = prefix_table_find(filter.tables, table);
	struct addr a;

	assert_non_null(t);
	assert_int_equal(addr_parse(address, &a), 0);
	return prefix_set_has(&t->set, &a);
}

static void
tables_are_written_over_lines(void **unused)
{
	(void)unused;
	assert_int_equal(conf_load_text("table <lan-1> {\n\t10/8, # ours\n"
			      "\tfd00::/8 192.168/16\n\t! 10.1/16,\n}\n"
			      "table <empty> { }\n"), 0);
	assert_true(table_has("lan-1", "10.0.0.1"));
	assert_false(table_has("lan-1", "10.1.0.1"));
	assert_true(table_has("lan-1", "192.168.255.255"));
	assert_true(table_has("lan-1", "fdff::1"));
	assert_false(table_has("lan-1", "172.16.0.1"));
	assert_false(table_has("empty", "10.0.0.1"));
}

static void
tables_are_made_of_tables(void **unused)
{
	(void)unused;
	assert_int_equal(conf_load_text("table <a> { 10/8, ! 10.1/16 }\n"
			      "table <b> { 10.2/16 }\n"
			      "table <c> { <a>, 10.1.1/24, ! <b> }\n"), 0);
	assert_true(table_has("c", "10.0.0.1"));
	assert_true(table_has("c", "10.1.1.1"));
	assert_false(table_has("c", "10.1.2.1"));
	assert_false(table_has("c", "10.2.0.1"));
}

static void
tables_print_back(void **unused)
{
	struct buf out;

	(void)unused;
	assert_int_equal(
	    conf_load_text("table <a> { ! 10/8 fd00::/8 } file \"x y\" "
			   "file z\ntable <b> { <a> ! <a> }\n"
			   "table <c> {}\n"),
	    -8);
	buf_init(&out, 4096);
	ast_print(&ast, &out);
	buf_append_char(&out, 0);
	assert_string_equal((char *)out.ptr,
	    "table <a> { ! 10.0.0.0/8, fd00::/8 } file \"x y\" file \"z\"\n"
	    "table <b> { <a>, ! <a> }\ntable <c> {}\n");
	buf_fini(&out);
}

static void
mistakes_are_told(void **unused)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "table\n",
		    "1: expected <NAME> of a table; the line ends here\n" },
		{ "table lan { }\n",
		    "1: expected <NAME> of a table, not \"lan\"\n" },
		{ "table <lan { }\n",
		    "1: expected > behind the name of the table, not '{'\n" },
		{ "table <> { }\n",
		    "1: expected the name of a table, not '>'\n" },
		{ "table <a>\n", "1: expected { PREFIX, ... } or file "
				 "\"PATH\"; the line ends here\n" },
		{ "table <a> { 10.0.0.1/8 }\n",
		    "1: invalid address/masklength \"10.0.0.1/8\": bits behind "
		    "the mask are set\n" },
		{ "table <a> { <b> }\n",
		    "1: table <b> is not defined; write table <b> { ... } in "
		    "front of this line\n" },
		{ "table <a> { }\ntable <a> { }\n",
		    "2: table <a> is defined already\n" },
		{ "table <a> {\n10/8\nlogfile x\n",
		    "3: expected a prefix, not \"logfile\"\n" },
		{ "table <a> {\n10/8\n",
		    "1: this is not closed by '}'\n" },
		{ "table <a> { } file\n",
		    "1: expected the path of a file in quotes; the line ends "
		    "here\n" },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(conf_load_text(cases[i].text) < 0);
		assert_string_equal(got.text, cases[i].error);
	}
}

static void
a_word_may_still_name_a_macro(void **unused)
{
	(void)unused;
	assert_int_equal(conf_load_text("table = \"10.0.0.0/8\"\ninclude=x\n"
			      "flow source $table\nlogfile $include\n"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_are_written_over_lines),
		cmocka_unit_test(tables_are_made_of_tables),
		cmocka_unit_test(tables_print_back),
		cmocka_unit_test(mistakes_are_told),
		cmocka_unit_test(a_word_may_still_name_a_macro),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	filter_fini(&filter);
	return failed;
}
