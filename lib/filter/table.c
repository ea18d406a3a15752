/* Tables; see table.h. Test: test/unit/filter/test_table.c. */
#include <string.h>

#include "table.h"

struct table *
table_find(struct table *tables, const char *name)
{
	for (; tables != NULL; tables = tables->next)
		if (strcmp(tables->name, name) == 0)
			return tables;
	return NULL;
}

void
tables_fini(struct table *tables)
{
	for (; tables != NULL; tables = tables->next)
		prefix_set_fini(&tables->set);
}
