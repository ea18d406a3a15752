/* Values; see value.h. Test: test/unit/filter/test_table.c. */
#include <inttypes.h>

#include "result.h"
#include "table.h"

void
value_print_address(const struct value *v, struct buf *out)
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
	if (v->prefix.addr.scope != 0)
		buf_printf(out, "%%%" PRIu32, v->prefix.addr.scope);
	buf_printf(out, "/%u", v->prefix.len);
}

static int
join_tables(const struct value *values, bool except, struct prefix_set *set)
{
	for (const struct value *v = values; v != NULL; v = v->next) {
		bool good = true;

		if (v->kind != VALUE_TABLE || v->except != except)
			continue;
		good = except ? prefix_set_remove(set, &v->table->set)
			      : prefix_set_add(set, &v->table->set);
		if (!good)
			return FLOWD_ENOMEM;
	}
	return 0;
}

int
value_set(const struct value *values, struct prefix_list *list,
    struct prefix_set *set)
{
	int bad = 0;

	*set = (struct prefix_set){ .v4.n = 0 };
	for (const struct value *v = values; v != NULL && bad == 0; v = v->next)
		if (v->kind == VALUE_PREFIX)
			bad = prefix_list_add(list, &v->prefix, v->except);
	if (bad == 0 && !prefix_set_init(set, list))
		bad = FLOWD_ENOMEM;
	if (bad == 0)
		bad = join_tables(values, false, set);
	if (bad == 0)
		bad = join_tables(values, true, set);
	if (bad != 0)
		prefix_set_fini(set);
	return bad;
}
