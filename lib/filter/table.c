/* Tables; see table.h. Test: test/unit/filter/test_table.c. */
#include <string.h>

#include "quote.h"
#include "result.h"
#include "table.h"
#include "table_file.h"

struct table *
table_find(struct table *tables, const char *name)
{
	for (; tables != NULL; tables = tables->next)
		if (strcmp(tables->name, name) == 0)
			return tables;
	return NULL;
}

static int
load(struct table *t, struct prefix_list *list, struct diag_sink *sink)
{
	unsigned before = sink->count;
	int bad = 0;

	for (struct table_file *f = t->files; f != NULL; f = f->next) {
		bad = table_file_read(f, list, sink);
		if (bad == FLOWD_ENOMEM)
			return bad;
	}
	bad = value_set(t->entries, list, &t->set);
	if (bad == FLOWD_ERANGE)
		diag_report(sink, &t->at, "more than %d prefixes",
		    TABLE_PREFIXES_MAX);
	if (bad == FLOWD_ENOMEM)
		return bad;
	return sink->count == before ? 0 : FLOWD_EINVAL;
}

/* Sets of sets are soon larger than all that was written. */
static int
load_within(struct table *t, size_t *places, struct diag_sink *sink)
{
	struct prefix_list list;
	int bad;

	prefix_list_init(&list, TABLE_PREFIXES_MAX);
	bad = load(t, &list, sink);
	prefix_list_fini(&list);
	*places += t->set.v4.n + t->set.v6.n;
	if (bad != 0 || *places <= TABLES_PLACES_MAX)
		return bad;
	diag_report(sink, &t->at, "too much: the tables up to here have %zu "
	    "borders of prefixes, more than %d", *places, TABLES_PLACES_MAX);
	return FLOWD_ERANGE;
}

int
tables_load(struct table *tables, struct diag_sink *sink)
{
	size_t places = 0;
	int bad = 0;

	for (struct table *t = tables;
	     t != NULL && sink->count < TABLES_ERRORS_MAX; t = t->next) {
		int rc = load_within(t, &places, sink);

		if (rc == FLOWD_ENOMEM)
			return rc;
		if (rc == FLOWD_ERANGE)
			return FLOWD_EINVAL;
		bad = rc != 0 ? rc : bad;
	}
	return bad;
}

void
tables_fini(struct table *tables)
{
	for (; tables != NULL; tables = tables->next)
		prefix_set_fini(&tables->set);
}

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
