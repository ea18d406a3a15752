/*
 * The terminal: its width and characters, and bars and sparklines on it.
 *
 * Called by writer_text.c and sparkline.c.
 * Test: test/program/stats/test_stats_charts.py.
 */
#ifndef STATS_TERMINAL_H
#define STATS_TERMINAL_H

#include "buf.h"

struct terminal {
	bool is_one; /* standard output is a terminal */
	bool utf8; /* it shows UTF-8 */
	unsigned width; /* columns; if it is none, COLUMNS or 80 */
};

void terminal_init(struct terminal *t);

/* A bar; a share of 1 is width columns. */
void bar_put(
    const struct terminal *t, double share, unsigned width, struct buf *out);
/*
 * A sparkline: a mark for each value, whose height is its share of top; with
 * more than width values a mark for the greatest of several.
 */
void sparkline_put(const struct terminal *t, const double *values, size_t n,
    double top, unsigned width, struct buf *out);

#endif
