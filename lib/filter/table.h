/*
 * Tables: named sets of addresses in a configuration, from prefixes, files
 * and other tables.
 *
 * Made by the parser, which opens nothing; then loaded, once, before rules
 * are compiled. Everything but the set lies in the arena of the ast.
 * Tests: test/unit/filter/test_table.c, test/program/test_rules.py.
 */
#ifndef FLOWD_TABLE_H
#define FLOWD_TABLE_H

#include "diag.h"
#include "value.h"

enum {
	TABLE_NAME_MAX = 63, /* octets */
	TABLE_PREFIXES_MAX = 4 * 1024 * 1024, /* of a table */
	TABLES_MAX = 4096, /* of a configuration */
	TABLES_PLACES_MAX = 32 * 1024 * 1024, /* of the sets of all of them */
	TABLES_ERRORS_MAX = 100 /* then no more are loaded */
};

struct table_file {
	struct table_file *next;
	struct place at;
	const char *path; /* as it is opened */
	const char *printed; /* seen from the main file */
};

struct table {
	struct table *next;
	const char *name;
	struct place at;
	bool listed; /* there are braces */
	struct value *entries; /* in their order */
	struct table_file *files;
	struct prefix_set set; /* empty until it is loaded */
};

/*
 * Read the files and make the sets, tables in their order. Everything that is
 * wrong is reported. Returns 0, FLOWD_EINVAL, or FLOWD_ENOMEM.
 *
 * An address is in a table when the longest of its own prefixes, inline or
 * from a file, that has it is no exception; or when it is in a table in it,
 * and in none that is taken out.
 */
int tables_load(struct table *tables, struct diag_sink *sink);
void tables_fini(struct table *tables);

/* NULL when there is none of this name. */
struct table *table_find(struct table *tables, const char *name);

/* The canonical text, without a newline. */
void table_print(const struct table *table, struct buf *out);

#endif
