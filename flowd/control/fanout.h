/*
 * A round: one question to all processes, and what comes of their answers.
 *
 *	fanout_begin()	asks everybody
 *	fanout_take()	rows of a process, and its end
 *	fanout_over()	all have answered, or time is up
 *	fanout_reports(), fanout_metrics()	the answer, as frames
 *
 * Called by control.c. Test: test/unit/flowd/test_fanout.c.
 */
#ifndef FLOWD_FANOUT_H
#define FLOWD_FANOUT_H

#include "peers.h"
#include "report.h"

struct fanout {
	uint32_t serial; /* of the last question */
	bool going;
	bool cut; /* something is missing */
	int64_t until_ms;
	uint32_t kinds;
	struct report reports[REPORT_KINDS]; /* of the kinds */
};

/* Of no other is one going. */
void fanout_begin(struct fanout *r, struct peers *peers, const struct ask *ask,
    int64_t now_ms);
/* A frame of a peer. False when it makes no sense: it is over with him. */
bool fanout_take(struct fanout *r, struct peer *from, const struct frame *f);
bool fanout_over(struct fanout *r, const struct peers *peers, int64_t now_ms);
/*
 * Append the answer to what c sends, and end the round. What does not fit is
 * left out, and the end says so.
 */
void fanout_reports(struct fanout *r, struct conn *c, uint32_t serial);
void fanout_metrics(struct fanout *r, struct conn *c, uint32_t serial);
/* Give it up. */
void fanout_drop(struct fanout *r);

/* The kinds that feed metrics. */
uint32_t fanout_metric_kinds(void);

#endif
