/* Values; see filter_value.h. Test: test/unit/filter/test_prefix_table.c. */
#include <inttypes.h>

#include "filter_value.h"
#include "result.h"

void
filter_value_print_scope(
    const struct addr *addr, const char *name, struct buf *out)
{
	if (addr->scope != 0 && name != NULL)
		buf_printf(out, "%%%s", name);
	else if (addr->scope != 0)
		buf_printf(out, "%%%" PRIu32, addr->scope);
}

int
filter_value_prefixes(const struct filter_value *values,
    struct prefix_list *list, struct prefix_set *set)
{
	int bad = 0;

	*set = (struct prefix_set){ .v4.n = 0 };
	for (const struct filter_value *v = values; v != NULL && bad == 0;
	     v = v->next)
		if (v->kind == VALUE_PREFIX)
			bad = prefix_list_add(list, &v->prefix, v->except);
	if (bad == 0 && !prefix_set_init(set, list))
		bad = FLOWD_ENOMEM;
	return bad;
}
