/*
 * A round: one question to all processes, and what comes of their answers.
 *
 *	round_begin()	asks everybody
 *	round_take()	rows of a process, and its end
 *	round_over()	all have answered, or time is up
 *	round_reports(), round_metrics()	the answer, as frames
 *
 * Called by control.c. Test: test/unit/flowd/test_round.c.
 */
#ifndef FLOWD_ROUND_H
#define FLOWD_ROUND_H

#include "peers.h"
#include "report.h"

struct round {
	uint32_t serial; /* of the last question */
	bool going;
	bool cut; /* something is missing */
	int64_t until_ms;
	uint32_t kinds;
	struct report reports[REPORT_KINDS]; /* of the kinds */
};

/* Of no other is one going. */
void round_begin(struct round *r, struct peers *peers, const struct ask *ask,
    int64_t now_ms);
/* A frame of a peer. False when it makes no sense: it is over with him. */
bool round_take(struct round *r, struct peer *from, const struct frame *f);
bool round_over(struct round *r, const struct peers *peers, int64_t now_ms);
/*
 * Append the answer to what c sends, and end the round. What does not fit is
 * left out, and the end says so.
 */
void round_reports(struct round *r, struct conn *c, uint32_t serial);
void round_metrics(struct round *r, struct conn *c, uint32_t serial);
/* Give it up. */
void round_drop(struct round *r);

/* The kinds that feed metrics. */
uint32_t round_metric_kinds(void);

#endif
