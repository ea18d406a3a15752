/* Data sets; see dataset.h. */
#include <stdio.h>

#include "dataset.h"

struct dataset_column *
dataset_add(struct dataset *d, const char *name, enum form form, bool key)
{
	struct dataset_column *c = &d->column[d->ncolumns++];

	*c = (struct dataset_column) { .form = (uint8_t)form, .key = key };
	(void)snprintf(c->name, sizeof(c->name), "%s", name);
	return c;
}
