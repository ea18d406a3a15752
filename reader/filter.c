/* The filters of -f and -e; see filter.h. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter.h"
#include "parse.h"
#include "ruleset.h"

enum {
	TEXT_OCTETS_MAX = 1024 * 1024
};

/* One text, parsed and compiled. */
struct part {
	struct source src;
	struct ast ast;
	struct ruleset *rules; /* NULL: not given */
	bool seeks_host; /* see prune.h */
};

struct filter {
	struct part file; /* -f */
	struct part expression; /* -e; sees the tags that -f gave */
	uint32_t store;
};

typedef int (*parse_fn)(struct ast *ast, const struct source *src,
    struct diag_sink *sink);

static void
print_diag(const struct diag *d, void *arg)
{
	struct buf text;

	(void)arg;
	buf_init(&text, TEXT_OCTETS_MAX);
	diag_format(d, &text);
	fprintf(stderr, "%.*s", (int)text.len, (const char *)text.ptr);
	buf_fini(&text);
}

/* As the daemon's logfile has them: what is for logdirs only leaves it so. */
static uint32_t
stored_fields(const struct ast *ast)
{
	uint32_t fields = CLASSIC_NONE;
	bool chosen = false;

	for (const struct stmt *s = ast->first; s != NULL; s = s->next) {
		if (s->kind != STMT_STORE ||
		    s->store.classic == CLASSIC_NONE)
			continue;
		chosen = true;
		fields |= s->store.classic;
	}
	return chosen ? fields : (uint32_t)CLASSIC_ALL;
}

/* Parse and compile the text in part->src. */
static int
part_make(struct part *part, parse_fn parse, const struct filter_text *text,
    struct flowd_error *err)
{
	struct diag_sink sink = { .report = print_diag };
	const char *name = part->src.name;

	if (ast_init(&part->ast) == 0) {
		part->ast.may_include = true;
		if (parse == parse_expression) {
			part->ast.now_ns = text->now_ns;
			part->ast.utc = text->utc;
		}
		if (parse(&part->ast, &part->src, &sink) != FLOWD_ENOMEM &&
		    tables_load(part->ast.tables, &sink) != FLOWD_ENOMEM &&
		    sink.count == 0)
			part->rules = ruleset_new(ast_rules(&part->ast));
	}
	if (part->rules != NULL) {
		part->seeks_host = prune_seeks_host(part->rules);
		return 0;
	}
	return flowd_fail(err, FLOWD_EINVAL, "%s: %s", name,
	    sink.count > 0 ? "has errors" : "out of memory");
}

static void
part_fini(struct part *part)
{
	ruleset_free(part->rules);
	ast_fini(&part->ast);
	source_fini(&part->src);
}

static int
filter_make(struct filter *f, const struct filter_text *text,
    struct flowd_error *err)
{
	const char *e = text->expression;
	int bad = 0;

	if (text->path != NULL) {
		bad = source_read(&f->file.src, text->path, err);
		if (bad == 0)
			bad = part_make(&f->file, parse_config, text, err);
		f->store = stored_fields(&f->file.ast);
	}
	if (bad == 0 && e != NULL) {
		f->expression.src = source_of_text("-e",
		    (struct bytes){ (const uint8_t *)e, strlen(e) });
		bad = part_make(&f->expression, parse_expression, text, err);
	}
	return bad;
}

struct filter *
filter_open(const struct filter_text *text, struct flowd_error *err)
{
	struct filter *f = calloc(1, sizeof(*f));

	if (f == NULL) {
		(void)flowd_fail(err, FLOWD_ENOMEM, "out of memory");
		return NULL;
	}
	f->store = CLASSIC_ALL;
	if (filter_make(f, text, err) == 0)
		return f;
	filter_close(f);
	return NULL;
}

void
filter_close(struct filter *f)
{
	if (f == NULL)
		return;
	part_fini(&f->file);
	part_fini(&f->expression);
	free(f);
}

void
filter_run(struct filter *f, struct batch *batch)
{
	if (f->file.rules != NULL)
		ruleset_run(f->file.rules, batch);
	if (f->expression.rules != NULL)
		ruleset_run(f->expression.rules, batch);
}

struct colset
filter_columns(const struct filter *f)
{
	struct colset set = { { 0, 0 } }, more;

	if (f->file.rules != NULL)
		set = prune_columns(f->file.rules);
	if (f->expression.rules != NULL) {
		more = prune_columns(f->expression.rules);
		set.word[0] |= more.word[0];
		set.word[1] |= more.word[1];
	}
	return set;
}

/* Does the expression look at tags that the rules of the file give? */
static bool
sees_tags(const struct filter *f)
{
	struct colset file, expression;

	if (f->file.rules == NULL)
		return false;
	file = prune_columns(f->file.rules);
	expression = prune_columns(f->expression.rules);
	return colset_has(&file, COL_tag) && colset_has(&expression, COL_tag);
}

/* Of the rules of the file and of the expression, those that are asked. */
static bool
may_accept(const struct filter *f, bool file, bool expression,
    const struct prune_facts *facts)
{
	if (file && !prune_may_accept(f->file.rules, facts))
		return false;
	return !expression || sees_tags(f) ||
	    prune_may_accept(f->expression.rules, facts);
}

bool
filter_may_accept(const struct filter *f, const struct prune_facts *facts)
{
	return may_accept(f, f->file.rules != NULL,
	    f->expression.rules != NULL, facts);
}

bool
filter_seeks_host(const struct filter *f)
{
	return f->file.seeks_host || f->expression.seeks_host;
}

bool
filter_run_may_accept(const struct filter *f, const struct prune_facts *facts)
{
	return may_accept(f, f->file.seeks_host, f->expression.seeks_host,
	    facts);
}

uint32_t
filter_store(const struct filter *f)
{
	return f->store;
}

static void
print_rule(const struct rule *rule, const struct rule_counters *counters,
    void *arg)
{
	struct buf *text = arg;

	buf_reset(text);
	rule_print_counters(rule, counters, text);
	fprintf(stderr, "final: %.*s\n", (int)text->len,
	    (const char *)text->ptr);
}

void
filter_describe(struct filter *f)
{
	struct buf text;

	fprintf(stderr, "final: # store mask %08" PRIx32 "\n", f->store);
	buf_init(&text, TEXT_OCTETS_MAX);
	if (f->file.rules != NULL)
		ruleset_each(f->file.rules, print_rule, &text);
	if (f->expression.rules != NULL)
		ruleset_each(f->expression.rules, print_rule, &text);
	buf_fini(&text);
}
