/*
 * Data sets: what is printed, as rows of named and typed columns. The groups of
 * an aggregate are one, and so is what a report works out.
 *
 * A data set says how its cells are had; nothing of it is copied. Made by
 * groups.c and the reports, printed by dataset_writer.h.
 */
#ifndef STATS_DATASET_H
#define STATS_DATASET_H

#include "aggregate.h"

enum {
	DATASET_COLUMNS = KEY_PARTS + MEASURES,
	DATASET_NAME_MAX = 64
};

/* What the values of a column are; how each is shown is in cell.c. */
enum form {
	FORM_NUMBER, /* a port, an AS: not counted, but a name */
	FORM_HEX,
	FORM_PROTOCOL,
	FORM_SERVICE, /* protocol << 16 | port */
	FORM_MAC,
	FORM_ADDR,
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
	bool key; /* what the row is about; else it is told of it */
	bool sum; /* rows add up to the total: a share makes sense */
	bool estimated; /* values may be estimates */
};

/* A value, or a text instead of it. */
struct cell {
	struct aggregate_value v;
	const char *text; /* NULL: there is none */
	int8_t sign; /* of a change: v is how much; else 0 */
};

/* Rows beside the others. */
#define DATASET_OTHER AGGREGATE_OTHER
#define DATASET_TOTAL AGGREGATE_TOTAL

struct dataset {
	const char *title; /* to tell several apart; NULL: it is alone */
	struct dataset_column column[DATASET_COLUMNS];
	unsigned ncolumns;
	size_t nrows;
	unsigned chart; /* the column that bars are of; 0: none */
	bool has_rest; /* rows DATASET_OTHER and DATASET_TOTAL are there */
	bool has_other; /* OTHER is worth printing: not all groups are */
	uint64_t ngroups; /* of so many the rows are the first */
	/* The value of a column that is no key in OTHER and TOTAL as well. */
	void (*cell)(
	    const void *arg, size_t row, unsigned column, struct cell *cell);
	/*
	 * Is a row what groups have together that are not shown? NULL: none
	 * can be. Such a row has no keys behind the first.
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
