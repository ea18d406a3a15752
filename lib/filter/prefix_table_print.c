/*
 * Tables as text; see prefix_table.h. Test:
 * test/unit/filter/test_prefix_table.c.
 */
#include "address_list.h"
#include "prefix_table.h"
#include "quote.h"

void
prefix_table_print(const struct prefix_table *t, struct buf *out)
{
	const char *comma = "";

	buf_printf(out, "<%s> {", t->name);
	for (const struct filter_value *v = t->entries; v != NULL;
	     v = v->next) {
		buf_printf(out, "%s ", comma);
		filter_value_print_address(v, out);
		comma = ",";
	}
	buf_append_text(out, t->entries != NULL ? " }" : "}");
	for (const struct prefix_file *f = t->files; f != NULL; f = f->next) {
		buf_append_text(out, " file ");
		quote_print(f->printed, out);
	}
}
