/*
 * Output formats: a batch as text, one flow a line.
 *
 * Each format is a const descriptor in a file of its own. Called by
 * flowd-reader and other programs. Only selected rows are printed. Tests:
 * test/unit/format/.
 */
#ifndef FLOWD_FORMAT_H
#define FLOWD_FORMAT_H

#include "batch.h"
#include "buf.h"
#include "classic.h"
#include "other.h"
#include "text.h"

struct formatter {
	uint32_t classic;	/* text: fields to show (enum classic_field) */
	struct colset cols;	/* json, csv: columns to show */
	const uint8_t *order;	/* json, csv: indexes of columns in the order
				 * to print, or NULL for that of the table */
	size_t norder;
	element_lookup *lookup;	/* names and types of other elements */
	struct clock clock;	/* text: local time or UTC; see text.h */
	struct clock utc;	/* json, csv: always UTC */
};

/* Set the defaults: brief text, every column, local time. */
void formatter_init(struct formatter *f, element_lookup *lookup);

struct format {
	const char *name;
	/* Print the header before all flows; NULL: none. */
	void (*head)(struct formatter *f, struct buf *out);
	/* Print the selected rows. A failure is in out: buf_ok(). */
	void (*rows)(struct formatter *f, const struct batch *batch,
	    struct buf *out);
};

/* Columns that are used of flows that are printed. */
struct colset format_columns(
    const struct format *format, const struct formatter *f);

enum {
	FORMAT_LINE_MAX = 2048 /* octets of the longest classic line */
};

/*
 * The classic lines of one flow, without their ends. p has room for
 * FORMAT_LINE_MAX octets; show is of enum classic_field. Return the end.
 */
char *format_text_line(char *p, const struct classic *c, uint32_t show,
    struct clock *clock);
char *format_flowtools_line(char *p, const struct classic *c);

extern const struct format format_text;		/* classic lines: FLOW ... */
extern const struct format format_flowtools;	/* classic CSV: -c */
extern const struct format format_json;		/* one object a line */
extern const struct format format_csv;		/* one header, every column */

#endif
