/* The filter file; see filter.h. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "filter.h"
#include "parse.h"
#include "ruleset.h"

enum {
	TEXT_OCTETS_MAX = 64 * 1024
};

struct filter {
	struct source src;
	struct ast ast;
	const struct rule *list;
	struct ruleset *rules;
	uint32_t store;
};

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

static uint32_t
stored_fields(const struct ast *ast)
{
	uint32_t fields = CLASSIC_NONE;
	bool chosen = false;

	for (const struct stmt *s = ast->first; s != NULL; s = s->next) {
		if (s->kind != STMT_STORE)
			continue;
		chosen = true;
		fields |= s->store.classic;
	}
	return chosen ? fields : (uint32_t)CLASSIC_ALL;
}

static int
filter_read(struct filter *f, const char *path, struct flowd_error *err)
{
	struct diag_sink sink = { .report = print_diag };
	int bad = source_read(&f->src, path, err);

	if (bad != 0)
		return bad;
	(void)flowd_fail(err, 0, "%s: out of memory", path);
	if (parse_config(&f->ast, &f->src, &sink) != 0) {
		if (sink.count > 0)
			(void)flowd_fail(err, 0, "%s: has errors", path);
		return FLOWD_EINVAL;
	}
	f->store = stored_fields(&f->ast);
	f->list = ast_rules(&f->ast);
	f->rules = ruleset_new(f->list);
	return f->rules != NULL ? 0 : FLOWD_ENOMEM;
}

struct filter *
filter_open(const char *path, struct flowd_error *err)
{
	struct filter *f = calloc(1, sizeof(*f));

	(void)flowd_fail(err, 0, "%s: out of memory", path);
	if (f == NULL || ast_init(&f->ast) != 0 ||
	    filter_read(f, path, err) != 0) {
		filter_close(f);
		return NULL;
	}
	return f;
}

void
filter_close(struct filter *f)
{
	if (f == NULL)
		return;
	ruleset_free(f->rules);
	ast_fini(&f->ast);
	source_fini(&f->src);
	free(f);
}

void
filter_run(struct filter *f, struct batch *batch)
{
	ruleset_run(f->rules, batch);
}

const struct rule *
filter_rules(const struct filter *f)
{
	return f->list;
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
filter_describe(const struct filter *f)
{
	struct buf text;

	fprintf(stderr, "final: # store mask %08" PRIx32 "\n", f->store);
	buf_init(&text, TEXT_OCTETS_MAX);
	ruleset_each(f->rules, print_rule, &text);
	buf_fini(&text);
}
