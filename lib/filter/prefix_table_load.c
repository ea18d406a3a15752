/*
 * Loading tables: their files are read and their sets built; see
 * prefix_table.h. Test: test/unit/filter/test_prefix_table.c.
 */
#include "address_list.h"
#include "prefix_file.h"
#include "prefix_table.h"
#include "result.h"

static int
prefix_table_load(
    struct prefix_table *t, struct prefix_list *list, struct diag_sink *sink)
{
	unsigned before = sink->count;
	int bad = 0;

	for (struct prefix_file *f = t->files; f != NULL; f = f->next) {
		bad = prefix_file_read(f, list, sink);
		if (bad == FLOWD_ENOMEM)
			return bad;
	}
	bad = filter_value_set(t->entries, list, &t->set);
	if (bad == FLOWD_ERANGE)
		diag_report(sink, &t->at, "more than %d prefixes",
		    TABLE_PREFIXES_MAX);
	if (bad == FLOWD_ENOMEM)
		return bad;
	return sink->count == before ? 0 : FLOWD_EINVAL;
}

/* Tables of tables can grow far beyond the size of the text. */
static int
prefix_table_load_within(
    struct prefix_table *t, size_t *places, struct diag_sink *sink)
{
	struct prefix_list list;
	int bad;

	prefix_list_init(&list, TABLE_PREFIXES_MAX);
	bad = prefix_table_load(t, &list, sink);
	prefix_list_fini(&list);
	*places += t->set.v4.n + t->set.v6.n;
	if (bad != 0 || *places <= TABLES_PLACES_MAX)
		return bad;
	diag_report(sink, &t->at, "too much: the tables up to here have %zu "
	    "borders of prefixes, more than %d", *places, TABLES_PLACES_MAX);
	return FLOWD_ERANGE;
}

int
prefix_tables_load(struct prefix_table *tables, struct diag_sink *sink)
{
	size_t places = 0;
	int bad = 0;

	for (struct prefix_table *t = tables;
	     t != NULL && sink->count < TABLES_ERRORS_MAX; t = t->next) {
		int rc = prefix_table_load_within(t, &places, sink);

		if (rc == FLOWD_ENOMEM)
			return rc;
		if (rc == FLOWD_ERANGE)
			return FLOWD_EINVAL;
		bad = rc != 0 ? rc : bad;
	}
	return bad;
}
