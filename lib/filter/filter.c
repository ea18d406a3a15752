/* Filters; see filter.h. Test: test/unit/filter/test_expression.c. */
#include <string.h>

#include "filter.h"
#include "result.h"

int
filter_init(struct filter *filter)
{
	*filter = (struct filter){ .rules = NULL };
	arena_init(&filter->arena, FILTER_MAX);
	filter->last_rule = &filter->rules;
	return macros_init(&filter->macros, &filter->arena) ? 0 : FLOWD_ENOMEM;
}

void
filter_fini(struct filter *filter)
{
	for (struct filter_text *t = filter->texts; t != NULL; t = t->next)
		source_fini(&t->src);
	prefix_tables_fini(filter->tables);
	macros_fini(&filter->macros);
	arena_fini(&filter->arena);
	filter->rules = NULL;
	filter->last_rule = &filter->rules;
	filter->tables = NULL;
	filter->texts = NULL;
}

static struct bytes
bytes_of(const char *text, size_t len)
{
	return (struct bytes){ (const uint8_t *)text, len };
}

int
filter_define(struct filter *filter, const char *definition)
{
	const char *equals = strrchr(definition, '=');

	if (equals == NULL || equals == definition)
		return FLOWD_EINVAL;
	return macro_define(&filter->macros,
	    bytes_of(definition, (size_t)(equals - definition)),
	    bytes_of(equals + 1, strlen(equals + 1)), true);
}

void
filter_add_rule(struct filter *filter, struct rule *rule)
{
	*filter->last_rule = rule;
	filter->last_rule = &rule->next;
}
