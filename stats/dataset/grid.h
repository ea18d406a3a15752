/*
 * Data sets that are worked out row by row, and hold their cells.
 *
 *	grid_init(&g);
 *	dataset_add(&g.dataset, ...) ...
 *	grid_uint(&g, 7); grid_text(&g, "new"); ... a row after the other
 *	grid_ok(&g), then &g.dataset is printed
 *
 * Called by the reports. Test: test/program/test_stats_reports.py.
 */
#ifndef STATS_GRID_H
#define STATS_GRID_H

#include "buf.h"
#include "dataset.h"

struct grid {
	struct dataset dataset;
	struct buf cells; /* struct cell */
	struct buf texts; /* where a cell has one: its place in v.uint */
};

void grid_init(struct grid *g);
void grid_fini(struct grid *g);

/* The next cell. */
void grid_cell(struct grid *g, const struct aggregate_value *v);
void grid_none(struct grid *g);
void grid_uint(struct grid *g, uint64_t n);
void grid_real(struct grid *g, double n);
void grid_time(struct grid *g, int64_t ns);
void grid_span(struct grid *g, int64_t ns);
void grid_text(struct grid *g, const char *text); /* copied */
/* now - before, with its sign; both are of one kind. */
void grid_change(struct grid *g, const struct aggregate_value *now,
    const struct aggregate_value *before);

/* All rows are there; those behind them are OTHER and TOTAL if rest is set. */
void grid_end(struct grid *g, bool rest);
/*
 * Order the rows by a column of numbers, the greatest first, and keep the first
 * so many, or all for 0. False when out of memory.
 */
bool grid_sort(struct grid *g, unsigned column, uint64_t limit);
/* Was there memory for all of it? */
bool grid_ok(const struct grid *g);

#endif
