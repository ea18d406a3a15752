/* Tables as text; see table.h. Test: test/unit/filter/test_table.c. */
#include "address_list.h"
#include "quote.h"
#include "table.h"

void
table_print(const struct table *t, struct buf *out)
{
	const char *comma = "";

	buf_printf(out, "<%s> {", t->name);
	for (const struct value *v = t->entries; v != NULL; v = v->next) {
		buf_printf(out, "%s ", comma);
		value_print_address(v, out);
		comma = ",";
	}
	buf_append_text(out, t->entries != NULL ? " }" : "}");
	for (const struct table_file *f = t->files; f != NULL; f = f->next) {
		buf_append_text(out, " file ");
		quote_print(f->printed, out);
	}
}
