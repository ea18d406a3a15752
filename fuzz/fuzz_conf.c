/*
 * The parser of configurations on any text, and what runs the rules in it:
 * lib/config, lib/filter. What is printed must parse to the same.
 */
#include <stdlib.h>

#include "diag_append.h"
#include "expression.h"
#include "parse.h"
#include "ruleset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	ROWS = 70,
	PRINT_MAX = 16 * 1024 * 1024
};

static bool
reads_files(const struct filter *filter)
{
	for (const struct prefix_table *t = filter->tables; t != NULL;
	    t = t->next)
		if (t->files != NULL)
			return true;
	return false;
}

static void
run_rules(const struct filter *filter)
{
	struct batch *batch = batch_new(128);
	struct ruleset *set = ruleset_new(filter->rules);
	struct addr v4 = addr_from_v4(0x0a000001);

	if (batch == NULL || set == NULL)
		abort();
	for (size_t row = batch_append(batch, ROWS); row < ROWS; row++) {
		batch_set_uint(batch, COL_dst_port, row, row * 1000 % 65536);
		batch_set_uint(batch, COL_protocol, row, row % 2 ? 6 : 1);
		if (row % 3)
			batch_set_addr(batch, COL_src_addr, row, &v4);
	}
	ruleset_run(set, batch);
	ruleset_free(set);
	batch_free(batch);
}

static void
conf_print(const struct ast *ast, struct buf *out)
{
	buf_init(out, PRINT_MAX);
	ast_print(ast, out);
}

/* What is printed, parsed and printed again is the same. */
static void
check_printed(const struct buf *first, struct diag_sink *sink)
{
	struct source src =
	    source_of_text("printed", (struct bytes){ first->ptr, first->len });
	struct filter filter;
	struct buf second;
	struct ast ast;

	if (!buf_ok(first))
		return;
	if (filter_init(&filter) != 0)
		abort();
	ast_init(&ast, &filter);
	if (parse_config(&ast, &src, sink) != 0)
		abort();
	conf_print(&ast, &second);
	if (!buf_ok(&second) || second.len != first->len ||
	    (first->len > 0 && memcmp(first->ptr, second.ptr, first->len) != 0))
		abort();
	buf_fini(&second);
	filter_fini(&filter);
}

static int
parse_statements(struct filter *filter, const struct source *src,
    struct diag_sink *sink)
{
	struct buf printed;
	struct ast ast;
	int rc;

	ast_init(&ast, filter);
	rc = parse_config(&ast, src, sink);
	if (rc == 0) {
		conf_print(&ast, &printed);
		check_printed(&printed, sink);
		buf_fini(&printed);
	}
	return rc;
}

/* The rule of an expression is a statement when it is printed. */
static int
parse_expression(struct filter *filter, const struct source *src,
    struct diag_sink *sink)
{
	int rc = expression_parse(filter, src, sink);
	struct buf printed;

	if (rc == 0) {
		buf_init(&printed, PRINT_MAX);
		rule_print(filter->rules, &printed);
		buf_append_char(&printed, '\n');
		check_printed(&printed, sink);
		buf_fini(&printed);
	}
	return rc;
}

typedef int (*parse_fn)(struct filter *filter, const struct source *src,
    struct diag_sink *sink);

static void
parse_twice(parse_fn parse, struct bytes text)
{
	struct source src = source_of_text("fuzz", text);
	struct diag_sink sink = { .report = diag_append };
	struct filter filter;
	struct buf out;
	int rc;

	if (filter_init(&filter) != 0)
		return;
	buf_init(&out, 64 * 1024);
	sink.arg = &out;
	(void)filter_define(&filter, "given=1.2.3.4");
	filter.now_ns = INT64_C(1795428330500000000);
	rc = parse(&filter, &src, &sink);
	if (rc != FLOWD_ENOMEM && (rc == 0) != (sink.count == 0))
		abort();
	if (rc == 0 && !reads_files(&filter) &&
	    prefix_tables_load(filter.tables, &sink) == 0)
		run_rules(&filter);
	filter_fini(&filter);
	buf_fini(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes text = { data, size };

	if (size > SOURCE_MAX)
		return 0;
	parse_twice(parse_statements, text);
	parse_twice(parse_expression, text);
	return 0;
}
