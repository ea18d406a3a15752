/*
 * Reading the flows that the options select, from files, directories and
 * captures. Damage and progress are reported on standard error; an interrupt
 * ends it early.
 *
 * Called by the reports. Test: test/program/stats/test_stats.py.
 */
#ifndef STATS_READING_H
#define STATS_READING_H

#include "aggregate.h"
#include "capture_scan.h"
#include "no_flows.h"
#include "options.h"
#include "progress.h"

struct reading {
	const struct options *opts;
	struct capture_scan captures;
	struct scan_capture capture;
	struct progress progress;
	struct no_flows no_flows;
	bool damaged; /* damage was skipped */
	/* --watch: called while it waits for more; NULL: nothing is. */
	int (*idle)(void *arg, struct flowd_error *err);
	void *arg;
};

int reading_init(
    struct reading *r, const struct options *opts, struct flowd_error *err);
void reading_fini(struct reading *r);

/* A plan of the flows that the options select, in this range. */
struct scan_plan reading_plan(struct reading *r, struct timerange range);
/*
 * Pass the flows of a plan to a consumer. 0, also when interrupted, or a
 * negative FLOWD_E* with err set.
 */
int reading_run(struct reading *r, const struct scan_plan *plan,
    const struct scan_consumer *consumer, void *arg, struct flowd_error *err);

/* Was it interrupted? Then the flows are those read until then. */
bool reading_is_interrupted(void);

#endif
