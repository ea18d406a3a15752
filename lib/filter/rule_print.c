/* Rules as text; see rule.h. Test: test/unit/filter/test_ruleset.c. */
#include <inttypes.h>

#include "columns.h"
#include "quote.h"
#include "rule.h"

/* At the start of a rule the word "tag" would set a tag. */
static bool
begins_with_tag(const struct cond *cond)
{
	while (cond->kind == COND_AND || cond->kind == COND_OR)
		cond = cond->left;
	return cond->kind == COND_TERM && cond->term->field->col == COL_tag &&
	    cond->term->field->kind == FIELD_NUMBER;
}

static void
print_condition(const struct rule *rule, bool counted, struct buf *out)
{
	if (rule->quick)
		buf_append_text(out, " quick");
	if (rule->cond->kind == COND_ALL)
		return;
	buf_append_text(out, begins_with_tag(rule->cond) ? " (" : " ");
	cond_print(rule->cond, counted, out);
	buf_append_text(out, begins_with_tag(rule->cond) ? ")" : "");
}

static void
print_logs(const struct log_name *names, struct buf *out)
{
	bool list = names != NULL && names->next != NULL;

	if (names == NULL)
		return;
	buf_append_text(out, list ? " log { " : " log ");
	for (const struct log_name *n = names; n != NULL; n = n->next) {
		quote_print(n->name, out);
		buf_append_text(out, n->next != NULL ? ", " : "");
	}
	buf_append_text(out, list ? " }" : "");
}

void
rule_print(const struct rule *rule, struct buf *out)
{
	buf_append_text(out, rule->discard ? "discard" : "accept");
	print_logs(rule->log_names, out);
	if (rule->has_tag)
		buf_printf(out, " tag %" PRIu32, rule->tag);
	print_condition(rule, false, out);
}

void
rule_print_counters(const struct rule *rule,
    const struct rule_counters *counters, struct buf *out)
{
	if (rule->has_tag)
		buf_printf(out, "tag %" PRIu32, rule->tag);
	else
		buf_append_text(out, rule->discard ? "discard" : "accept");
	print_condition(rule, true, out);
	buf_printf(out, "  # evaluations %" PRIu64 " matches %" PRIu64
	    " wins %" PRIu64, counters->evaluations, counters->matches,
	    counters->wins);
}
