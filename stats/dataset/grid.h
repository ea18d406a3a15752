/*
 * Data sets that hold their cells, which are added row by row.
 *
 *	grid_init(&g);
 *	dataset_add(&g.dataset, ...) ...
 *	grid_uint(&g, 7); grid_text(&g, "new"); ... the cells of each row
 *	grid_end(&g, false);
 *	if (grid_ok(&g)) ... print &g.dataset
 *
 * Called by the reports. Test: test/program/stats/test_stats_reports.py.
 */
#ifndef STATS_GRID_H
#define STATS_GRID_H

#include "buf.h"
#include "dataset.h"

struct grid {
	struct dataset dataset;
	struct buf cells; /* struct cell */
	struct buf texts; /* of cells, whose v.uint is the offset */
};

void grid_init(struct grid *g);
void grid_fini(struct grid *g);

/* Add a cell. */
void grid_cell(struct grid *g, const struct aggregate_value *v);
void grid_none(struct grid *g);
void grid_uint(struct grid *g, uint64_t n);
void grid_real(struct grid *g, double n);
void grid_time(struct grid *g, int64_t ns);
void grid_span(struct grid *g, int64_t ns);
void grid_text(struct grid *g, const char *text); /* copied */
/* now - before, with its sign; both are numbers of one kind. */
void grid_change(struct grid *g, const struct aggregate_value *now,
    const struct aggregate_value *before);

/* All rows are added; with rest the last two are OTHER and TOTAL. */
void grid_end(struct grid *g, bool rest);
/*
 * Order the rows by a column of numbers, the greatest first, and keep limit of
 * them, or all for 0. Equal rows stay in their order. False when out of memory.
 */
bool grid_sort(struct grid *g, unsigned column, uint64_t limit);
/* Was there memory for all of it? */
bool grid_ok(const struct grid *g);

#endif
