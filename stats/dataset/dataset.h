/*
 * Data sets: tables with named and typed columns, for output. The groups of an
 * aggregate are one (groups.h), and so are the rows that a report computes
 * (grid.h).
 *
 * A data set has a function that returns a cell; it holds no cells itself.
 * Printed by dataset_writer.h. Test: test/program/stats/test_stats.py.
 */
#ifndef STATS_DATASET_H
#define STATS_DATASET_H

#include "aggregate.h"

enum {
	DATASET_COLUMNS = KEY_PARTS + MEASURES,
	DATASET_NAME_MAX = 64
};

/* The kind of the values of a column; cell.c says how each is printed. */
enum form {
	FORM_NUMBER, /* an identifier: a port, an AS */
	FORM_HEX,
	FORM_PROTOCOL,
	FORM_SERVICE, /* protocol << 16 | port */
	FORM_MAC,
	FORM_ADDR,
	FORM_NAME, /* a name; what has none: a network, a number */
	FORM_ELEMENT, /* octets, by the type of the element */
	FORM_WEEKDAY,
	FORM_DAY, /* since 1970-01-01 */
	FORM_TIME,
	FORM_SPAN,
	FORM_COUNT,
	FORM_OCTETS,
	FORM_BITS_RATE,
	FORM_RATE, /* of packets a second */
	FORM_PERCENT,
	FORM_TEXT
};

struct dataset_column {
	char name[DATASET_NAME_MAX]; /* key of JSON, header */
	uint8_t form; /* enum form */
	bool key; /* it identifies the row; else it is a value of it */
	bool sum; /* rows add up to the total: they have a share of it */
	bool estimated; /* values can be estimates */
};

/* A value, or a text instead of it. */
struct cell {
	struct aggregate_value v;
	const char *text; /* NULL: there is none */
	int8_t sign; /* of a change, whose amount is v; else 0 */
};

/* Rows beside the others. */
#define DATASET_OTHER AGGREGATE_OTHER
#define DATASET_TOTAL AGGREGATE_TOTAL

struct dataset {
	const char *title; /* of one of several tables; NULL: only one */
	struct dataset_column column[DATASET_COLUMNS];
	unsigned ncolumns;
	size_t nrows;
	unsigned chart; /* the column to draw bars of; 0: none */
	bool has_rest; /* there are rows DATASET_OTHER and DATASET_TOTAL */
	bool has_other; /* print OTHER: some groups are no rows */
	uint64_t ngroups; /* all, of which the first are rows */
	const char *noun; /* what a row is: "group"; NULL: not counted */
	/* Of OTHER and TOTAL, columns that are keys are not asked for. */
	void (*cell)(
	    const void *arg, size_t row, unsigned column, struct cell *cell);
	/*
	 * Is a row the sum of groups that are not shown? NULL: none can be. Of
	 * such a row only the first key has a value.
	 */
	bool (*is_other)(const void *arg, size_t row);
	const void *arg;
};

static inline struct cell
dataset_cell(const struct dataset *d, size_t row, unsigned column)
{
	struct cell cell = { .text = NULL };

	d->cell(d->arg, row, column, &cell);
	return cell;
}

static inline bool
dataset_is_other(const struct dataset *d, size_t row)
{
	return d->is_other != NULL && d->is_other(d->arg, row);
}

/* Append a column. */
struct dataset_column *dataset_add(
    struct dataset *d, const char *name, enum form form, bool key);

#endif
