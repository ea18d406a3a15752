/*
 * The terminal: its width and characters, and bars and sparklines on it.
 *
 * Called by writer_text.c and sparkline.c.
 * Test: test/program/test_stats_charts.py.
 */
#ifndef STATS_TERMINAL_H
#define STATS_TERMINAL_H

#include "buf.h"

struct terminal {
	bool is_one; /* standard output is a terminal */
	bool utf8; /* it shows other characters than ASCII */
	unsigned width; /* columns; COLUMNS or 80 if it is none */
};

void terminal_init(struct terminal *t);

/* A bar for a share of 1 of so many columns. */
void bar_put(
    const struct terminal *t, double share, unsigned width, struct buf *out);
/*
 * Values, none above top, as marks of different height: one each, or the
 * greatest of several if there are more than width.
 */
void sparkline_put(const struct terminal *t, const double *values, size_t n,
    double top, unsigned width, struct buf *out);

#endif
