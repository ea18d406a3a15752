/* Queries by the public header: lib/api/flowd_query.c. */
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

enum { FLOWS = 40000, MANY = 400000 };

struct fixture {
	char folder[FOLDER_PATH], v3[FOLDER_PATH + 16], v4[FOLDER_PATH + 16];
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct buf out;

	if (f == NULL || folder_make(f->folder) != 0)
		return -1;
	(void)snprintf(f->v3, sizeof(f->v3), "%s/v3", f->folder);
	(void)snprintf(f->v4, sizeof(f->v4), "%s/v4", f->folder);
	buf_init(&out, LOGS_OCTETS_MAX);
	logs_put_records(&out, 0, FLOWS);
	assert_int_equal(logs_save(f->v3, &out, false), 0);
	buf_reset(&out);
	logs_put_blocks(&out, 0, 10, FLOWS / 10);
	assert_int_equal(logs_save(f->v4, &out, false), 0);
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

/* The groups of a file, and the query, which is freed behind them. */
static struct flowd_groups *
groups_of(const char *path, const char *where,
    const struct flowd_query_options *o, struct flowd_query **query)
{
	const char *const paths[] = { path, NULL };
	const struct flowd_scan_options what = { .paths = paths,
		.where = where };
	struct flowd_error err = { .text = "" };
	struct flowd_query *q = flowd_query_new(o, &err);
	struct flowd_scan *s =
	    q != NULL ? flowd_query_scan(q, &what, &err) : NULL;
	struct flowd_groups *g = NULL;

	if (s != NULL && flowd_query_run(q, s, &err) == 0)
		g = flowd_query_groups(q, &err);
	flowd_scan_close(s);
	if (g == NULL)
		fail_msg("%s", err.text);
	*query = q;
	return g;
}

static uint64_t
uint_at(const struct flowd_groups *g, size_t row, size_t column)
{
	struct flowd_value v;

	assert_int_equal(flowd_groups_value(g, row, column, &v), 0);
	assert_int_equal(v.kind, FLOWD_VALUE_UINT);
	return v.uint;
}

static void
flows_without_keys_are_one_group(void **state)
{
	const struct fixture *f = *state;
	const struct flowd_query_options o = { .keys = NULL };
	const char *paths[] = { f->v3, f->v4 };
	struct flowd_notes notes;
	struct flowd_query *q;

	for (int i = 0; i < 2; i++) {
		struct flowd_groups *g =
		    groups_of(paths[i], "proto tcp", &o, &q);

		assert_int_equal(flowd_groups_rows(g), 1);
		assert_int_equal(flowd_groups_keys(g), 0);
		assert_int_equal(flowd_groups_columns(g), 3);
		assert_string_equal(flowd_groups_name(g, 0), "flows");
		assert_string_equal(flowd_groups_name(g, 2), "octets");
		assert_null(flowd_groups_name(g, 3));
		assert_int_equal(uint_at(g, 0, 0), FLOWS / 2);
		assert_int_equal(uint_at(g, 0, 2),
		    (uint64_t)FLOWS / 2 * (FLOWS / 2 - 1));
		flowd_groups_notes(g, &notes);
		assert_int_equal(notes.flows, FLOWS / 2);
		assert_int_equal(notes.groups, 1);
		assert_false(notes.saturated);
		flowd_groups_free(g);
		flowd_query_free(q);
	}
}

static void
groups_are_ordered_and_limited(void **state)
{
	const struct fixture *f = *state;
	struct flowd_query_options o = { .keys = "src_port,src_addr/24",
		.measures = "octets,flows", .groups_max = 3 };
	struct flowd_query *q;
	struct flowd_groups *g = groups_of(f->v4, NULL, &o, &q);
	struct flowd_value v;

	assert_int_equal(flowd_groups_rows(g), 3);
	assert_int_equal(flowd_groups_keys(g), 2);
	assert_string_equal(flowd_groups_name(g, 1), "src_addr/24");
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(uint_at(g, i, 0), 999 - i);
		assert_int_equal(uint_at(g, i, 3), FLOWS / 1000);
		assert_false(flowd_groups_is_other(g, i));
	}
	assert_int_equal(flowd_groups_value(g, 0, 1, &v), 0);
	assert_int_equal(v.kind, FLOWD_VALUE_ADDR);
	assert_int_equal(v.prefix, 24);
	assert_memory_equal(v.addr.octets, "\x0a\0\0\0", 4);
	assert_int_equal(
	    uint_at(g, FLOWD_ROW_OTHER, 3), FLOWS - 3 * FLOWS / 1000);
	assert_int_equal(uint_at(g, FLOWD_ROW_TOTAL, 3), FLOWS);
	assert_int_equal(flowd_groups_value(g, FLOWD_ROW_TOTAL, 0, &v), 0);
	assert_int_equal(v.kind, FLOWD_VALUE_NONE);
	assert_int_equal(flowd_groups_value(g, 3, 0, &v), FLOWD_EINVAL);
	assert_int_equal(flowd_groups_value(g, 0, 4, &v), FLOWD_EINVAL);
	flowd_groups_free(g);
	flowd_query_free(q);

	o.order = "key";
	g = groups_of(f->v4, NULL, &o, &q);
	assert_int_equal(uint_at(g, 2, 0), 2);
	flowd_groups_free(g);
	flowd_query_free(q);
}

static void
bins_are_the_first_column(void **state)
{
	const struct fixture *f = *state;
	const struct flowd_query_options o = { .bin_ns = 3600000000000,
		.measures = "flows", .utc = 1 };
	struct flowd_query *q;
	struct flowd_groups *g = groups_of(f->v3, NULL, &o, &q);
	struct flowd_value v;
	uint64_t flows = 0;

	assert_int_equal(flowd_groups_keys(g), 1);
	assert_string_equal(flowd_groups_name(g, 0), "bin");
	assert_true(flowd_groups_rows(g) >= FLOWS / 3600);
	for (size_t row = 0; row < flowd_groups_rows(g); row++) {
		assert_int_equal(flowd_groups_value(g, row, 0, &v), 0);
		assert_int_equal(v.kind, FLOWD_VALUE_TIME);
		assert_int_equal(v.ns % 3600000000000, 0);
		flows += uint_at(g, row, 1);
	}
	assert_int_equal(flows, FLOWS);
	flowd_groups_free(g);
	flowd_query_free(q);
}

static void
several_scans_are_added(void **state)
{
	const struct fixture *f = *state;
	const char *const one[] = { f->v3, NULL }, *const two[] = { f->v4,
		NULL };
	const struct flowd_query_options o = { .measures = "flows" };
	struct flowd_query *q = flowd_query_new(&o, NULL);
	const char *const *paths[] = { one, two };
	struct flowd_groups *g;

	for (int i = 0; i < 2; i++) {
		struct flowd_scan *s = flowd_query_scan(q,
		    &(struct flowd_scan_options) { .paths = paths[i] }, NULL);

		assert_non_null(s);
		assert_int_equal(flowd_query_run(q, s, NULL), 0);
		flowd_scan_close(s);
	}
	g = flowd_query_groups(q, NULL);
	assert_int_equal(uint_at(g, 0, 0), 2 * FLOWS);
	flowd_groups_free(g);
	flowd_query_free(q);
}

static void
a_query_that_is_cancelled_has_what_it_took_in(void **state)
{
	const struct fixture *f = *state;
	const char *const paths[] = { f->v4, NULL };
	const struct flowd_scan_options what = { .paths = paths };
	const struct flowd_query_options o = { .measures = "flows" };
	struct flowd_query *q = flowd_query_new(&o, NULL);
	struct flowd_scan *s = flowd_query_scan(q, &what, NULL);
	struct flowd_groups *g;
	struct flowd_error err;

	assert_int_equal(flowd_query_run(q, s, NULL), 0);
	flowd_scan_close(s);
	s = flowd_query_scan(q, &what, NULL);
	flowd_scan_cancel(s);
	assert_int_equal(flowd_query_run(q, s, &err), FLOWD_ECANCELED);
	assert_int_equal(err.code, FLOWD_ECANCELED);
	flowd_scan_close(s);
	g = flowd_query_groups(q, NULL);
	assert_int_equal(uint_at(g, 0, 0), FLOWS);
	flowd_groups_free(g);
	flowd_query_free(q);
}

/* Under the sanitizers this shows that nothing is used that was freed. */
static void
objects_are_freed_in_any_order(void **state)
{
	const struct fixture *f = *state;
	const char *const paths[] = { f->v4, NULL };
	const struct flowd_scan_options what = { .paths = paths };
	const struct flowd_query_options o = { .keys = "protocol",
		.measures = "flows" };

	for (int order = 0; order < 6; order++) {
		struct flowd_query *q = flowd_query_new(&o, NULL);
		struct flowd_scan *s = flowd_query_scan(q, &what, NULL);
		struct flowd_groups *g;
		int first = order / 2, second = (first + 1 + order % 2) % 3;

		assert_int_equal(flowd_query_run(q, s, NULL), 0);
		g = flowd_query_groups(q, NULL);
		for (int step = 0; step < 3; step++) {
			int which = step == 0 ? first
			    : step == 1	      ? second
					      : 3 - first - second;

			if (which == 0)
				flowd_query_free(q);
			else if (which == 1)
				flowd_scan_close(s);
			else
				flowd_groups_free(g);
			if (first != 2 && second != 2 && step < 2)
				assert_string_equal(
				    flowd_groups_name(g, 0), "protocol");
		}
	}
}

static void
a_scan_of_something_else_is_refused(void **state)
{
	const struct fixture *f = *state;
	const char *const paths[] = { f->v3, NULL };
	const struct flowd_scan_options what = { .paths = paths };
	const struct flowd_query_options o = { .keys = "dst_port" };
	struct flowd_query *q = flowd_query_new(&o, NULL);
	struct flowd_scan *s = flowd_scan_open(&what, NULL);
	struct flowd_error err;

	assert_int_equal(flowd_query_run(q, s, &err), FLOWD_EINVAL);
	assert_string_equal(
	    err.text, "the scan was not opened for this query");
	flowd_scan_close(s);
	s = flowd_query_scan(q, &what, NULL);
	assert_int_equal(flowd_query_run(q, s, NULL), 0);
	assert_int_equal(flowd_query_run(q, s, &err), FLOWD_EINVAL);
	assert_string_equal(
	    err.text, "the flows of the scan were read before");
	flowd_scan_close(s);
	flowd_query_free(q);
	flowd_query_free(NULL);
}

/* Their measure needs not be shown. */
static void
groups_pass_tests(void **state)
{
	const struct fixture *f = *state;
	const char *const tests[] = { "packets>=1", "octets<1", NULL };
	const char *const none[] = { "flows>1M", NULL };
	struct flowd_query_options o = { .keys = "src_port",
		.measures = "flows", .having = none };
	struct flowd_query *q;
	struct flowd_groups *g = groups_of(f->v4, NULL, &o, &q);
	size_t all;

	assert_int_equal(flowd_groups_rows(g), 0);
	assert_int_equal(uint_at(g, FLOWD_ROW_TOTAL, 1), FLOWS);
	flowd_groups_free(g);
	flowd_query_free(q);
	o.having = NULL;
	g = groups_of(f->v4, NULL, &o, &q);
	all = flowd_groups_rows(g);
	flowd_groups_free(g);
	flowd_query_free(q);
	o.having = tests + 1;
	g = groups_of(f->v4, NULL, &o, &q);
	assert_int_equal(flowd_groups_columns(g), 2);
	assert_null(flowd_groups_name(g, 2));
	assert_true(flowd_groups_rows(g) < all);
	flowd_groups_free(g);
	flowd_query_free(q);
}

/* Groups that take more than they may are in a file, and the same. */
static void
groups_that_do_not_fit_go_to_a_file(void **state)
{
	const struct fixture *f = *state;
	char many[FOLDER_PATH + 16];
	const char *const paths[] = { many, NULL };
	const struct flowd_scan_options what = { .paths = paths };
	struct flowd_query_options o = { .keys = "octets",
		.measures = "flows", .memory = 3000000, .groups_max = 5 };
	struct flowd_query *q = flowd_query_new(&o, NULL);
	struct flowd_scan *s;
	struct flowd_groups *g = NULL;
	struct flowd_notes notes;
	struct flowd_error err;
	struct buf out;

	(void)snprintf(many, sizeof(many), "%s/many", f->folder);
	buf_init(&out, LOGS_OCTETS_MAX);
	logs_put_blocks(&out, 0, MANY / 4000, 4000);
	assert_int_equal(logs_save(many, &out, false), 0);
	buf_fini(&out);
	s = flowd_query_scan(q, &what, NULL);
	if (flowd_query_run(q, s, &err) == 0)
		g = flowd_query_groups(q, &err);
	assert_null(g);
	assert_int_equal(err.code, FLOWD_ENOMEM);
	flowd_scan_close(s);
	flowd_query_free(q);
	o.temp_directory = f->folder;
	g = groups_of(many, NULL, &o, &q);
	flowd_groups_notes(g, &notes);
	assert_int_equal(notes.groups, MANY);
	assert_int_equal(flowd_groups_rows(g), 5);
	flowd_groups_free(g);
	flowd_query_free(q);
	o.temp_directory = "/nonexistent";
	assert_null(flowd_query_new(&o, &err));
	assert_int_equal(err.system, ENOENT);
}

static void
keys_name_tables_and_elements(void **state)
{
	const struct fixture *f = *state;
	char rules[FOLDER_PATH + 16];
	struct flowd_query_options o = { .keys = "src_addr:everyone",
		.measures = "flows", .tables = rules };
	static const char text[] =
	    "table <everyone> { 0.0.0.0/0, ::/0 }\naccept all\n";
	struct flowd_query *q;
	struct flowd_groups *g;
	struct flowd_value v;
	struct flowd_error err;
	struct buf out;

	(void)snprintf(rules, sizeof(rules), "%s/rules", f->folder);
	buf_init(&out, LOGS_OCTETS_MAX);
	buf_append_text(&out, text);
	assert_int_equal(logs_save(rules, &out, false), 0);
	buf_fini(&out);
	g = groups_of(f->v4, NULL, &o, &q);
	assert_int_equal(flowd_groups_rows(g), 1);
	assert_int_equal(flowd_groups_value(g, 0, 0, &v), 0);
	assert_int_equal(v.kind, FLOWD_VALUE_ADDR);
	assert_int_equal(v.prefix, 0);
	assert_int_equal(uint_at(g, 0, 1), FLOWS);
	flowd_groups_free(g);
	flowd_query_free(q);
	o.keys = "src_addr:nobody";
	assert_null(flowd_query_new(&o, &err));
	assert_int_equal(err.code, FLOWD_EINVAL);
	o = (struct flowd_query_options) { .keys = "forwardingStatus",
		.tables = "/nonexistent" };
	assert_null(flowd_query_new(&o, &err));
	assert_int_equal(err.system, ENOENT);
	o.tables = NULL;
	g = groups_of(f->v4, NULL, &o, &q);
	assert_int_equal(flowd_groups_rows(g), 1);
	assert_int_equal(flowd_groups_value(g, 0, 0, &v), 0);
	assert_int_equal(v.kind, FLOWD_VALUE_NONE);
	flowd_groups_free(g);
	flowd_query_free(q);
}

static void
names_of_interfaces_come_from_a_state(void **state)
{
	const struct fixture *f = *state;
	char path[FOLDER_PATH + 16];
	struct flowd_query_options o = { .keys = "if_in_name",
		.measures = "flows", .state = "/nonexistent" };
	struct flowd_decoder *d = flowd_decoder_new(NULL);
	struct flowd_query *q;
	struct flowd_error err;
	const uint8_t *octets;
	struct buf out;
	size_t len;

	assert_null(flowd_query_new(&o, &err));
	assert_int_equal(err.system, ENOENT);
	o.state = f->v4;
	assert_null(flowd_query_new(&o, &err));
	assert_int_equal(err.code, FLOWD_EFORMAT);
	(void)snprintf(path, sizeof(path), "%s/state", f->folder);
	assert_int_equal(flowd_decoder_save(d, &octets, &len, NULL), 0);
	buf_init(&out, LOGS_OCTETS_MAX);
	buf_append(&out, octets, len);
	assert_int_equal(logs_save(path, &out, false), 0);
	buf_fini(&out);
	o.state = path;
	flowd_groups_free(groups_of(f->v4, NULL, &o, &q));
	flowd_query_free(q);
	flowd_decoder_free(d);
}

static void
groups_are_arrays(void **state)
{
	const struct fixture *f = *state;
	const struct flowd_query_options o = {
		.keys = "src_addr/24,dst_addr,dst_mac,protocol",
		.measures = "flows,avg(octets),first,duration"
	};
	const struct flowd_arrow_options binary = {
		.addresses = FLOWD_ARROW_BINARY };
	static const struct {
		const char *name, *format;
	} fields[] = { { "src_addr/24", "u" }, { "dst_addr", "u" },
		{ "dst_mac", "u" }, { "protocol", "L" }, { "flows", "L" },
		{ "avg(octets)", "g" }, { "first", "tsn:UTC" },
		{ "duration", "tDn" } };
	struct flowd_query *q;
	struct flowd_groups *g = groups_of(f->v4, NULL, &o, &q);
	struct ArrowSchema schema;
	struct ArrowArray array;
	struct flowd_error err;

	assert_int_equal(flowd_groups_to_arrow(g, &binary, &array, NULL, &err),
	    FLOWD_EINVAL);
	assert_int_equal(
	    flowd_groups_to_arrow(g, NULL, &array, &schema, &err), 0);
	assert_int_equal(schema.n_children, 8);
	assert_int_equal(array.n_children, 8);
	assert_int_equal(array.length, 2);
	/* They outlive the groups. */
	flowd_groups_free(g);
	flowd_query_free(q);
	for (int i = 0; i < 8; i++) {
		assert_string_equal(
		    schema.children[i]->name, fields[i].name);
		assert_string_equal(
		    schema.children[i]->format, fields[i].format);
	}
	assert_memory_equal(array.children[0]->buffers[2],
	    "10.0.0.0/2410.0.0.0/24", 22);
	assert_memory_equal(
	    array.children[1]->buffers[2], "10.0.0.210.0.0.2", 16);
	assert_int_equal(array.children[2]->null_count, 2);
	assert_int_equal(array.children[3]->null_count, 0);
	assert_int_equal(
	    ((const uint64_t *)array.children[4]->buffers[1])[0], FLOWS / 2);
	assert_true(
	    ((const double *)array.children[5]->buffers[1])[0] > 19998);
	array.release(&array);
	schema.release(&schema);
}

static void
what_there_is_not_is_refused(void **state)
{
	static const char *const no_test[] = { "octets", NULL };
	static const struct flowd_query_options cases[] = {
		{ .keys = "src_adr" },
		{ .measures = "sum(octet)" },
		{ .measures = "flows", .order = "octets" },
		{ .measures = "flows", .having = no_test },
		{ .series = 4 },
	};
	struct flowd_error err;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		err.text[0] = '\0';
		assert_null(flowd_query_new(&cases[i], &err));
		assert_true(err.text[0] != '\0');
	}
	assert_string_equal(err.text, "4 is no kind of series");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flows_without_keys_are_one_group),
		cmocka_unit_test(groups_are_ordered_and_limited),
		cmocka_unit_test(bins_are_the_first_column),
		cmocka_unit_test(several_scans_are_added),
		cmocka_unit_test(
		    a_query_that_is_cancelled_has_what_it_took_in),
		cmocka_unit_test(objects_are_freed_in_any_order),
		cmocka_unit_test(a_scan_of_something_else_is_refused),
		cmocka_unit_test(groups_pass_tests),
		cmocka_unit_test(groups_that_do_not_fit_go_to_a_file),
		cmocka_unit_test(keys_name_tables_and_elements),
		cmocka_unit_test(names_of_interfaces_come_from_a_state),
		cmocka_unit_test(groups_are_arrays),
		cmocka_unit_test(what_there_is_not_is_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
