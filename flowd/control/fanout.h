/*
 * Fan-out: one query is sent to all processes, and their reports are joined.
 *
 *	fanout_begin()	sends the query to all
 *	fanout_take()	rows of a process, or its end
 *	fanout_over()	all have answered, or time is up
 *	fanout_reports(), fanout_metrics()	the answer, as frames
 *
 * Called by control.c. Test: test/unit/flowd/control/test_fanout.c.
 */
#ifndef FLOWD_FANOUT_H
#define FLOWD_FANOUT_H

#include "peers.h"
#include "report.h"

struct fanout {
	uint32_t serial; /* serial number of the last query */
	bool going;
	bool cut; /* something is missing */
	int64_t until_ms;
	uint32_t kinds;
	struct report reports[REPORT_KINDS]; /* of the queried kinds */
};

/* Start a query; only when none is in progress. */
void fanout_begin(struct fanout *r, struct peers *peers, const struct ask *ask,
    int64_t now_ms);
/*
 * Handle a frame of a process. Returns false when it is malformed: disconnect
 * it.
 */
bool fanout_take(struct fanout *r, struct peer *from, const struct frame *f);
bool fanout_over(struct fanout *r, const struct peers *peers, int64_t now_ms);
/*
 * Append the answer to the output of c, and end the query. Rows that do not fit
 * are left out, and the end frame says so.
 */
void fanout_reports(struct fanout *r, struct conn *c, uint32_t serial);
void fanout_metrics(struct fanout *r, struct conn *c, uint32_t serial);
/* Cancel the query. */
void fanout_drop(struct fanout *r);

/* The kinds of reports from which metrics are made. */
uint32_t fanout_metric_kinds(void);

#endif
