/*
 * Cells of a data set as text, by the form of their column.
 *
 * Called by the writers and the charts.
 * Test: test/program/stats/test_stats.py.
 */
#ifndef STATS_CELL_H
#define STATS_CELL_H

#include "buf.h"
#include "dataset.h"
#include "terminal.h"
#include "text.h"

struct resolver;

struct style {
	bool raw; /* text: numbers without units */
	bool chart; /* draw bars */
	struct terminal terminal;
	struct resolver *resolver; /* names of addresses; NULL: none */
	struct clock clock; /* of times for people */
	struct clock utc; /* of times for programs */
};

/* For people; nothing if there is no value. */
void cell_show(const struct cell *cell, enum form form, struct style *style,
    struct buf *out);
/* For programs: plain numbers, times in UTC; nothing if there is no value. */
void cell_write(const struct cell *cell, enum form form, struct style *style,
    struct buf *out);

/* Is it a number, which text aligns to the right? */
bool form_is_number(enum form form);
/* Is it a string in JSON? */
bool form_is_text(enum form form);

#endif
