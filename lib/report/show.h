/*
 * Reports for people and programs: tables and lists, JSON, and metrics.
 *
 * Each appends to out; a failure is in out: buf_ok(). Texts may come from the
 * network, and are made harmless.
 * Called by flowctl and flowd/control/control.c.
 * Test: test/unit/report/test_show.c.
 */
#ifndef FLOWD_SHOW_H
#define FLOWD_SHOW_H

#include "report.h"

struct show {
	int64_t now_ns;
	bool details; /* every row as a list, with all of its fields */
	bool utc;
};

/* Are there rows to show to people? */
bool show_has_rows(const struct report *r);
/* Aligned, with units: as the kind is laid out. Nothing for no rows. */
void show_text(const struct report *r, const struct show *how,
    struct buf *out);
/* One object a line, its first key "report" with the word of the kind. */
void show_json(const struct report *r, struct buf *out);
/* Every metric that the kind feeds, also when there are no rows. */
void show_metrics(const struct report *r, struct buf *out);

#endif
