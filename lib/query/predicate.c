/* Rules and expressions over flows; see predicate.h. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "expression.h"
#include "predicate.h"
#include "prefix_map.h"
#include "prune.h"
#include "ruleset.h"

enum {
	TEXT_OCTETS_MAX = 1024 * 1024
};

/* One text, parsed and compiled. */
struct predicate_part {
	bool parsed; /* false: a copy, which has rules only */
	struct source src;
	struct filter filter;
	struct ruleset *rules; /* NULL: not given */
	bool seeks_host; /* see prune.h */
};

/* The map of a table, made when it is asked for. */
struct predicate_map {
	struct predicate_map *next;
	const struct prefix_table *table;
	struct prefix_map map;
};

struct predicate {
	const struct predicate *first; /* the original of this copy; or NULL */
	struct predicate_text text;
	struct predicate_part file; /* -f */
	struct predicate_part expression; /* -e; sees the tags that -f gave */
	uint32_t store;
	struct predicate_map *maps;
};

/* The receiver of errors in a text. */
struct predicate_errors {
	const struct predicate_text *text;
	struct flowd_error first;
};

/* The first line is the message, the others show the place. */
static void
report_diag(const struct diag *d, void *arg)
{
	struct predicate_errors *r = arg;
	struct buf lines;
	size_t len;

	buf_init(&lines, TEXT_OCTETS_MAX);
	diag_format(d, &lines);
	if (r->text->report != NULL)
		r->text->report(
		    r->text->arg, (struct bytes){ lines.ptr, lines.len });
	for (len = 0; len < lines.len && lines.ptr[len] != '\n'; len++)
		;
	if (r->first.text[0] == '\0')
		(void)flowd_fail(&r->first, 0, "%.*s", (int)len,
		    (const char *)lines.ptr);
	buf_fini(&lines);
}

/* Parse the text in part->src: an expression, or rules when fields is set. */
static int
part_parse(struct predicate_part *part, const struct predicate_text *text,
    struct diag_sink *sink, uint32_t *fields)
{
	int bad;

	if (filter_init(&part->filter) != 0)
		return FLOWD_ENOMEM;
	if (fields != NULL) {
		bad = text->parse_rules(
		    &part->filter, &part->src, sink, fields);
	} else {
		part->filter.now_ns = text->now_ns;
		part->filter.utc = text->utc;
		bad = expression_parse(&part->filter, &part->src, sink);
	}
	if (bad != FLOWD_ENOMEM)
		bad = prefix_tables_load(part->filter.tables, sink);
	return bad;
}

/* Parse and compile the text in part->src. */
static int
part_make(struct predicate_part *part, const struct predicate_text *text,
    uint32_t *fields, struct flowd_error *err)
{
	struct predicate_errors report = { .text = text };
	struct diag_sink sink = { .report = report_diag, .arg = &report };

	part->parsed = true;
	if (part_parse(part, text, &sink, fields) != FLOWD_ENOMEM &&
	    sink.count == 0)
		part->rules = ruleset_new(part->filter.rules);
	if (part->rules != NULL) {
		part->seeks_host = prune_seeks_host(part->rules);
		return 0;
	}
	if (sink.count > 0 && text->report == NULL)
		return flowd_fail(
		    err, FLOWD_EINVAL, "%s", report.first.text);
	return sink.count > 0
	    ? flowd_fail(err, FLOWD_EINVAL, "%s: has errors", part->src.name)
	    : flowd_fail(
		  err, FLOWD_ENOMEM, "%s: out of memory", part->src.name);
}

static void
part_fini(struct predicate_part *part)
{
	ruleset_free(part->rules);
	if (!part->parsed)
		return;
	filter_fini(&part->filter);
	source_fini(&part->src);
}

static int
predicate_make(struct predicate *p, struct flowd_error *err)
{
	const struct predicate_text *text = &p->text;
	const char *e = text->expression;
	int bad = 0;

	if (text->rules != NULL) {
		bad = source_read(&p->file.src, text->rules, err);
		if (bad == 0)
			bad = part_make(&p->file, text, &p->store, err);
	}
	if (bad == 0 && e != NULL) {
		p->expression.src = source_of_text("-e",
		    (struct bytes){ (const uint8_t *)e, strlen(e) });
		bad = part_make(&p->expression, text, NULL, err);
	}
	return bad;
}

struct predicate *
predicate_new(const struct predicate_text *text, struct flowd_error *err)
{
	struct predicate *p = calloc(1, sizeof(*p));

	if (p == NULL) {
		(void)flowd_fail(err, FLOWD_ENOMEM, "out of memory");
		return NULL;
	}
	p->text = *text;
	p->store = CLASSIC_ALL;
	if (predicate_make(p, err) == 0)
		return p;
	predicate_free(p);
	return NULL;
}

/* False when out of memory. */
static bool
part_copy(struct predicate_part *copy, const struct predicate_part *part)
{
	if (part->rules == NULL)
		return true;
	copy->rules = ruleset_new(part->filter.rules);
	copy->seeks_host = part->seeks_host;
	return copy->rules != NULL;
}

struct predicate *
predicate_copy(const struct predicate *p, struct flowd_error *err)
{
	const struct predicate *first = p->first != NULL ? p->first : p;
	struct predicate *copy = calloc(1, sizeof(*copy));

	if (copy != NULL) {
		copy->first = first;
		copy->store = first->store;
		if (part_copy(&copy->file, &first->file) &&
		    part_copy(&copy->expression, &first->expression))
			return copy;
	}
	predicate_free(copy);
	(void)flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	return NULL;
}

void
predicate_free(struct predicate *p)
{
	struct predicate_map *m, *next;

	if (p == NULL)
		return;
	for (m = p->maps; m != NULL; m = next) {
		next = m->next;
		prefix_map_fini(&m->map);
		free(m);
	}
	part_fini(&p->file);
	part_fini(&p->expression);
	free(p);
}

void
predicate_select(struct predicate *p, struct batch *batch)
{
	if (p->file.rules != NULL)
		ruleset_run(p->file.rules, batch);
	if (p->expression.rules != NULL)
		ruleset_run(p->expression.rules, batch);
}

struct colset
predicate_columns(const struct predicate *p)
{
	struct colset set = { { 0, 0 } }, more;

	if (p->file.rules != NULL)
		set = prune_columns(p->file.rules);
	if (p->expression.rules != NULL) {
		more = prune_columns(p->expression.rules);
		set.word[0] |= more.word[0];
		set.word[1] |= more.word[1];
	}
	return set;
}

struct colset
predicate_ranged(const struct predicate *p)
{
	struct colset set = predicate_columns(p);

	if (p->file.rules != NULL)
		set = colset_without(set, prune_valued(p->file.rules));
	if (p->expression.rules != NULL)
		set = colset_without(set, prune_valued(p->expression.rules));
	colset_remove(&set, COL_tag); /* rules set it */
	return set;
}

/* Does the expression test tags that the rules of the file set? */
static bool
predicate_sees_tags(const struct predicate *p)
{
	struct colset file, expression;

	if (p->file.rules == NULL)
		return false;
	file = prune_columns(p->file.rules);
	expression = prune_columns(p->expression.rules);
	return colset_has(&file, COL_tag) && colset_has(&expression, COL_tag);
}

/* Tests the rules of the file, of the expression, or both, against facts. */
static bool
predicate_ask(const struct predicate *p, bool file, bool expression,
    const struct prune_facts *facts)
{
	if (file && !prune_may_accept(p->file.rules, facts))
		return false;
	return !expression || predicate_sees_tags(p) ||
	    prune_may_accept(p->expression.rules, facts);
}

bool
predicate_may_accept(const struct predicate *p, const struct prune_facts *facts)
{
	return predicate_ask(p, p->file.rules != NULL,
	    p->expression.rules != NULL, facts);
}

bool
predicate_seeks_host(const struct predicate *p)
{
	return p->file.seeks_host || p->expression.seeks_host;
}

bool
predicate_run_may_accept(
    const struct predicate *p, const struct prune_facts *facts)
{
	return predicate_ask(p, p->file.seeks_host, p->expression.seeks_host,
	    facts);
}

uint32_t
predicate_store(const struct predicate *p)
{
	return p->store;
}

const struct prefix_table *
predicate_tables(const struct predicate *p)
{
	return p->file.parsed ? p->file.filter.tables : NULL;
}

const struct prefix_map *
predicate_map(struct predicate *p, const struct prefix_table *table,
    struct flowd_error *err)
{
	struct predicate_map *m = p->maps;

	while (m != NULL && m->table != table)
		m = m->next;
	if (m != NULL)
		return &m->map;
	m = calloc(1, sizeof(*m));
	if (m == NULL) {
		(void)flowd_fail(err, FLOWD_ENOMEM, "out of memory");
		return NULL;
	}
	if (prefix_map_init(&m->map, table, err) != 0) {
		free(m);
		return NULL;
	}
	m->table = table;
	m->next = p->maps;
	p->maps = m;
	return &m->map;
}

struct description {
	const char *before;
	struct buf *out;
};

static void
describe_rule(const struct rule *rule, const struct rule_counters *counters,
    void *arg)
{
	const struct description *d = arg;

	buf_append_text(d->out, d->before);
	rule_print_counters(rule, counters, d->out);
	buf_append_char(d->out, '\n');
}

void
predicate_describe(struct predicate *p, const char *before, struct buf *out)
{
	struct description d = { before, out };

	if (p->file.rules != NULL)
		ruleset_each(p->file.rules, describe_rule, &d);
	if (p->expression.rules != NULL)
		ruleset_each(p->expression.rules, describe_rule, &d);
}
