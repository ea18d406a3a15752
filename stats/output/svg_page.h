/*
 * Parts of SVG charts: the frame with its style, texts, the places of ticks.
 *
 * Called by svg.c. Test: test/program/stats/test_stats_charts.py.
 */
#ifndef STATS_SVG_PAGE_H
#define STATS_SVG_PAGE_H

#include <stdint.h>

#include "buf.h"
#include "civil.h"

enum {
	SVG_COLOURS = 10 /* of lines; the next one is that of "other" */
};

/* Begin a chart of this size with a title. */
void svg_begin(
    struct buf *out, unsigned width, unsigned height, const char *title);
void svg_end(struct buf *out);
/* A text at a place; class is one of the style. */
void svg_text(
    struct buf *out, double x, double y, const char *class, const char *text);
/* A text with the characters escaped that XML gives a meaning. */
void svg_escape(struct buf *out, const char *text);

/* The step of at most n ticks up to top: 1, 2 or 5 with zeros. */
double svg_step(double top, unsigned n);
/* The step of at most n ticks of time in a span, in seconds. */
int64_t svg_time_step(int64_t span_sec, unsigned n);
/* The first multiple of a step by the clock, at or after sec. */
int64_t svg_time_first(struct zone zone, int64_t sec, int64_t step_sec);

#endif
