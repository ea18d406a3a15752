/*
 * Tables: named sets of addresses in a configuration, made of prefixes, files
 * and other tables.
 *
 * The parser creates them without opening files. They are then loaded once,
 * before rules are compiled. Everything but the set lies in the arena of the
 * filter. Tests: test/unit/filter/test_prefix_table.c,
 * test/program/reader/test_rules.py.
 */
#ifndef FLOWD_PREFIX_TABLE_H
#define FLOWD_PREFIX_TABLE_H

#include "diag.h"
#include "filter_value.h"

enum {
	TABLE_NAME_MAX = 63, /* octets */
	TABLE_PREFIXES_MAX = 4 * 1024 * 1024, /* prefixes of a table */
	TABLES_MAX = 4096, /* tables of a configuration */
	/* boundaries of the sets of all tables */
	TABLES_PLACES_MAX = 32 * 1024 * 1024,
	/* no more tables are loaded after so many errors */
	TABLES_ERRORS_MAX = 100
};

struct prefix_file {
	struct prefix_file *next;
	struct place at;
	const char *path; /* path for open(2) */
	const char *printed; /* path relative to the main file */
};

struct prefix_table {
	struct prefix_table *next;
	const char *name;
	struct place at;
	bool listed; /* it has a list in braces */
	struct filter_value *entries; /* in their order */
	struct prefix_file *files;
	struct prefix_set set; /* empty until it is loaded */
};

/*
 * Read the files and build the sets, in order. Reports all errors. Returns 0,
 * FLOWD_EINVAL, or FLOWD_ENOMEM.
 *
 * An address is in a table when its longest matching prefix, from the list or a
 * file, is not an exception; or when a table in the list contains the address
 * and no table with "!" does.
 */
int prefix_tables_load(struct prefix_table *tables, struct diag_sink *sink);
void prefix_tables_fini(struct prefix_table *tables);

/* NULL when there is none of this name. */
struct prefix_table *prefix_table_find(
    struct prefix_table *tables, const char *name);

/* The canonical text, without a newline. */
void prefix_table_print(const struct prefix_table *table, struct buf *out);

#endif
