/* Lists of addresses; see address_list.h. */
#include <stdlib.h>

#include "address_list.h"
#include "prefix_table.h"
#include "result.h"

void
filter_value_print_address(const struct filter_value *v, struct buf *out)
{
	char text[ADDR_TEXT_MAX];
	size_t len;

	buf_append_text(out, v->except ? "! " : "");
	if (v->kind == VALUE_TABLE) {
		buf_printf(out, "<%s>", v->table->name);
		return;
	}
	len = addr_format(&v->prefix.addr, text);
	buf_append(out, text, len);
	filter_value_print_scope(&v->prefix.addr, v->scope, out);
	buf_printf(out, "/%u", v->prefix.len);
}

static int
compare_tables(const void *left, const void *right)
{
	uintptr_t a = (uintptr_t)*(const struct prefix_table *const *)left;
	uintptr_t b = (uintptr_t)*(const struct prefix_table *const *)right;

	return a < b ? -1 : a > b;
}

/* The distinct tables with or without "!". Returns how many. */
static size_t
distinct_tables(const struct filter_value *values, bool except,
    const struct prefix_table **tables)
{
	size_t n = 0, kept = 0;

	for (const struct filter_value *v = values; v != NULL; v = v->next)
		if (v->kind == VALUE_TABLE && v->except == except)
			tables[n++] = v->table;
	if (n > 0)
		qsort(tables, n, sizeof(*tables), compare_tables);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || tables[kept - 1] != tables[i])
			tables[kept++] = tables[i];
	return kept;
}

static int
join_tables(const struct filter_value *values, struct prefix_set *set)
{
	const struct prefix_table **tables;
	size_t n = 0;
	bool good = true;

	for (const struct filter_value *v = values; v != NULL; v = v->next)
		n += v->kind == VALUE_TABLE;
	if (n == 0)
		return 0;
	tables = calloc(n, sizeof(*tables));
	if (tables == NULL)
		return FLOWD_ENOMEM;
	n = distinct_tables(values, false, tables);
	for (size_t i = 0; good && i < n; i++)
		good = prefix_set_add(set, &tables[i]->set);
	n = distinct_tables(values, true, tables);
	for (size_t i = 0; good && i < n; i++)
		good = prefix_set_remove(set, &tables[i]->set);
	free(tables);
	return good ? 0 : FLOWD_ENOMEM;
}

int
filter_value_set(const struct filter_value *values, struct prefix_list *list,
    struct prefix_set *set)
{
	int bad = filter_value_prefixes(values, list, set);

	if (bad == 0)
		bad = join_tables(values, set);
	if (bad == 0 && !prefix_set_finish(set))
		bad = FLOWD_ENOMEM;
	if (bad != 0)
		prefix_set_fini(set);
	return bad;
}
