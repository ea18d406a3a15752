/*
 * Tables for a terminal: cells in aligned columns, as wide as the widest cell.
 *
 * Cells are added row by row; the table is printed when all are there. Texts
 * may come from the network, and are made safe to print (screen.h). Numbers
 * with units come from human.h. Test: test/unit/format/test_table.c.
 */
#ifndef FLOWD_FORMAT_TABLE_H
#define FLOWD_FORMAT_TABLE_H

#include "buf.h"

enum {
	TABLE_COLUMNS = 32,
	TABLE_MAX = 64 * 1024 * 1024 /* octets of all cells */
};

enum table_align {
	TABLE_LEFT, /* names */
	TABLE_RIGHT /* numbers */
};

struct table_column {
	const char *title; /* shown in the first line */
	enum table_align align;
};

struct table {
	const struct table_column *columns;
	size_t ncolumns;
	size_t next; /* column of the next cell */
	size_t width[TABLE_COLUMNS];
	struct buf cells; /* texts, each ending in 0 */
	struct buf widths; /* a uint32_t for each cell */
	struct buf notes; /* each: number of cells before it, text, 0 */
};

/* columns is borrowed; ncolumns is at most TABLE_COLUMNS. */
void table_init(struct table *t, const struct table_column *columns,
    size_t ncolumns);
void table_fini(struct table *t);

/* Add the next cell. An empty text, or NULL, is shown as a hyphen. */
void table_cell(struct table *t, const char *text);
void table_cellf(struct table *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Add a text below the last row, in lines of its own: "title: text". Both are
 * copied.
 */
void table_note(struct table *t, const char *title, const char *text);

/*
 * Append the titles and the rows to out, with two blanks between columns and
 * none at the end of a line. The last row may lack cells. A failure is in out:
 * buf_ok().
 */
void table_put(const struct table *t, struct buf *out);

#endif
