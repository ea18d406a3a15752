/* Tables; see prefix_table.h. Test: test/unit/filter/test_prefix_table.c. */
#include <string.h>

#include "prefix_table.h"

struct prefix_table *
prefix_table_find(struct prefix_table *tables, const char *name)
{
	for (; tables != NULL; tables = tables->next)
		if (strcmp(tables->name, name) == 0)
			return tables;
	return NULL;
}

void
prefix_tables_fini(struct prefix_table *tables)
{
	for (; tables != NULL; tables = tables->next)
		prefix_set_fini(&tables->set);
}
