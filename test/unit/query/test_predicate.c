/* Predicates: rules of a file and an expression, and their errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "logs.h"
#include "parse.h"
#include "predicate.h"

struct fixture {
	char folder[FOLDER_PATH];
	char rules[FOLDER_PATH + 16];
	struct batch *batch;
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL || folder_make(f->folder) != 0)
		return -1;
	(void)snprintf(f->rules, sizeof(f->rules), "%s/rules", f->folder);
	f->batch = batch_new(BATCH_ROWS);
	*state = f;
	return f->batch != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	(void)unlink(f->rules);
	assert_int_equal(rmdir(f->folder), 0);
	batch_free(f->batch);
	free(f);
	return 0;
}

static void
write_rules(const struct fixture *f, const char *text)
{
	FILE *file = fopen(f->rules, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static size_t
flows_passing(struct fixture *f, struct predicate *p)
{
	logs_fill(f->batch, 0, 2000);
	predicate_select(p, f->batch);
	return bitmap_count(f->batch->selected, f->batch->nrows);
}

static void
an_expression_selects_rows(void **state)
{
	const struct predicate_text text = { .expression = "src port 7" };
	struct flowd_error err;
	struct predicate *p = predicate_new(&text, &err);
	struct colset cols;

	assert_non_null(p);
	assert_int_equal(flows_passing(*state, p), 2);
	cols = predicate_columns(p);
	assert_true(colset_has(&cols, COL_src_port));
	assert_false(colset_has(&cols, COL_octets));
	assert_false(predicate_seeks_host(p));
	assert_int_equal(predicate_store(p), CLASSIC_ALL);
	predicate_free(p);
}

static bool
is_ranged(const struct predicate_text *text, unsigned col)
{
	struct flowd_error err;
	struct predicate *p = predicate_new(text, &err);
	struct colset cols;

	assert_non_null(p);
	cols = predicate_ranged(p);
	predicate_free(p);
	return colset_has(&cols, col);
}

static void
values_of_which_ranges_are_tested_are_not_needed(void **state)
{
	static const struct {
		const char *expression;
		unsigned col;
		bool ranged;
	} cases[] = {
		{ "octets > 1M", COL_octets, true },
		{ "octets > 1M", COL_packets, false },
		{ "not port 443 or octets < 100", COL_src_port, true },
		{ "dst port {80, 443, 8000-8100}", COL_dst_port, true },
		{ "octets > 1M and bps > 1000", COL_octets, false },
		{ "tcp_flags mask 2 equals 2", COL_tcp_flags, false },
		{ "tag 5", COL_tag, false },
		{ "src 10.0.0.1", COL_src_addr, false },
	};
	struct fixture *f = *state;
	struct predicate_text text = { .rules = f->rules,
		.parse_rules = parse_config_rules,
		.expression = "octets > 1M" };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct predicate_text one = {
			.expression = cases[i].expression };

		assert_int_equal(
		    is_ranged(&one, cases[i].col), cases[i].ranged);
	}
	/* Rules of a file need them for something else. */
	write_rules(f, "discard octets > 5\n");
	assert_true(is_ranged(&text, COL_octets));
	write_rules(f, "discard bpp > 5\n");
	assert_false(is_ranged(&text, COL_octets));
}

static void
many_rules_need_all_values(void **state)
{
	struct fixture *f = *state;
	struct predicate_text text = { .rules = f->rules,
		.parse_rules = parse_config_rules };
	char rules[100 * 32];
	size_t len = 0;

	for (unsigned i = 0; i < 100; i++)
		len += (size_t)snprintf(rules + len, sizeof(rules) - len,
		    "discard octets %u\n", 2 * i);
	write_rules(f, rules);
	assert_false(is_ranged(&text, COL_octets));
}

static void
the_expression_sees_the_tags_of_the_rules(void **state)
{
	struct fixture *f = *state;
	const struct predicate_text text = { .rules = f->rules,
		.parse_rules = parse_config_rules,
		.expression = "tag 5" };
	struct flowd_error err;
	struct predicate *p, *copy;

	write_rules(f, "store OCTETS\ndiscard all\n"
		       "accept tag 5 src port 7\naccept tag 6 src port 8\n");
	p = predicate_new(&text, &err);
	assert_non_null(p);
	assert_int_equal(flows_passing(f, p), 2);
	assert_int_equal(predicate_store(p), CLASSIC_OCTETS);
	/* What it was made of is not read again. */
	write_rules(f, "discard all\n");
	copy = predicate_copy(p, &err);
	assert_non_null(copy);
	assert_int_equal(flows_passing(f, copy), 2);
	assert_int_equal(flows_passing(f, p), 2);
	predicate_free(copy);
	predicate_free(p);
}

static void
rules_are_described_with_their_counters(void **state)
{
	const struct predicate_text text = { .expression = "src port 7" };
	struct flowd_error err;
	struct predicate *p = predicate_new(&text, &err);
	struct buf out;

	assert_non_null(p);
	(void)flows_passing(*state, p);
	buf_init(&out, 4096);
	predicate_describe(p, "rule: ", &out);
	assert_int_equal(strncmp((char *)out.ptr, "rule: ", 6), 0);
	assert_int_equal(out.ptr[out.len - 1], '\n');
	buf_fini(&out);
	predicate_free(p);
}

static void
note_lines(void *arg, struct bytes lines)
{
	struct buf *out = arg;

	buf_append(out, lines.ptr, lines.len);
}

static void
an_error_is_in_err_or_reported(void **state)
{
	struct predicate_text text = { .expression = "port eighty" };
	struct flowd_error err;
	struct buf out;

	(void)state;
	assert_null(predicate_new(&text, &err));
	assert_int_equal(strncmp(err.text, "-e:1:", 5), 0);
	assert_non_null(strstr(err.text, "eighty"));
	assert_null(strchr(err.text, '\n'));
	buf_init(&out, 4096);
	text.report = note_lines;
	text.arg = &out;
	assert_null(predicate_new(&text, &err));
	assert_string_equal(err.text, "-e: has errors");
	assert_int_equal(strncmp((char *)out.ptr, "-e:1:", 5), 0);
	buf_fini(&out);
}

static void
a_file_of_rules_that_is_not_there_is_an_error(void **state)
{
	const struct predicate_text text = { .rules = "/nonexistent/rules" };
	struct flowd_error err;

	(void)state;
	assert_null(predicate_new(&text, &err));
	assert_non_null(strstr(err.text, "/nonexistent/rules"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_expression_selects_rows),
		TEST(values_of_which_ranges_are_tested_are_not_needed),
		TEST(many_rules_need_all_values),
		TEST(the_expression_sees_the_tags_of_the_rules),
		TEST(rules_are_described_with_their_counters),
		TEST(an_error_is_in_err_or_reported),
		TEST(a_file_of_rules_that_is_not_there_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
