/*
 * What "store" selects: classic fields by their names in any case, columns by
 * theirs. Test: test/unit/config/test_parse.c.
 */
#ifndef FLOWD_STORE_FIELD_H
#define FLOWD_STORE_FIELD_H

#include "columns.h"

struct store_field {
	const char *name;
	uint32_t classic; /* enum classic_field */
};

/* Every name of flowd.conf(5); the last row has no name. */
extern const struct store_field store_fields[];

/*
 * Looks a name up among the classic fields, then among the columns that can be
 * stored. Sets column to -1 for a classic field. False when it is neither.
 */
bool store_field_find(const char *name, uint32_t *classic, int *column);
/* The nearest known name, or NULL. */
const char *store_field_suggest(const char *name);

#endif
