/*
 * Macros of a configuration: names and their values.
 *
 * Test: test/unit/config/test_parse.c.
 */
#ifndef FLOWD_MACRO_H
#define FLOWD_MACRO_H

#include "arena.h"
#include "map.h"
#include "wire.h"

struct macro {
	struct map_node node;
	struct bytes name;
	struct bytes value;
	bool fixed; /* given with -D: takes precedence over definitions */
};

struct macros {
	struct map map;
	struct arena *arena; /* of names and values */
};

/* False when out of memory. */
bool macros_init(struct macros *macros, struct arena *arena);
void macros_fini(struct macros *macros);

/* Copies name and value. Returns 0 or FLOWD_ENOMEM. */
int macro_define(
    struct macros *macros, struct bytes name, struct bytes value, bool fixed);
/* NULL when there is none of this name. */
const struct macro *macro_find(const struct macros *macros, struct bytes name);

#endif
