/* Expressions alone; see expression.h. */
#include "expression.h"
#include "parser.h"

int
expression_parse(struct filter *filter, const struct source *src,
    struct diag_sink *sink)
{
	/* Open: newlines are blanks. */
	struct parser p = { .filter = filter, .sink = sink, .main = src,
		.expression = true, .open = 1 };
	struct rule *rule;

	lex_init(&p.lex, src, &filter->macros, sink);
	parser_next(&p);
	rule = rule_of_expression(&p);
	if (rule != NULL && p.lex.tok.kind != TOKEN_END)
		(void)parser_expected(&p, "\"and\", \"or\" or another test");
	if (p.nomem)
		return FLOWD_ENOMEM;
	if (sink->count > 0)
		return FLOWD_EINVAL;
	filter_add_rule(filter, rule);
	return 0;
}
