/*
 * Reports: what flowd-stats can print, a file each. The groups that -g and -b
 * ask for are one.
 *
 * Called by stats.c. Test: test/program/test_stats.py.
 */
#ifndef STATS_REPORT_H
#define STATS_REPORT_H

#include "reading.h"

enum {
	AGGREGATES = 2 /* that a report has, at most */
};

struct stats {
	struct options opts;
	struct reading reading;
	struct style style;
	struct output output;
	int spill_fd[AGGREGATES]; /* of each; see spill.h */
	unsigned naggregates;
};

/* Print it: 0, or a negative FLOWD_E* with err set. */
typedef int report_fn(struct stats *s, struct flowd_error *err);

report_fn report_overview; /* what is printed unasked */
report_fn report_groups; /* -g, -b, or one group of all flows */

report_fn report_scanners, report_histogram, report_matrix, report_loss,
    report_compare, report_bill, report_percentiles;

/* --- What reports share --- */

/* Of how many flows a report is, and from when to when they were. */
struct report_span {
	uint64_t flows;
	struct aggregate_value first, last; /* of time, or none */
};

/* The output of an aggregate that finds out. */
int report_span_output(struct aggregate_output *o, struct flowd_error *err);
int report_span_get(struct report_span *span, struct aggregate *a,
    unsigned output, struct flowd_error *err);

/* An aggregate by the options, with outputs of the report's. */
struct aggregate *report_aggregate(struct stats *s,
    const struct aggregate_output *outputs, unsigned noutputs,
    struct flowd_error *err);
/* Take in the flows of the range that is asked for. */
int report_read(struct stats *s, struct aggregate *a, struct flowd_error *err);
int report_read_range(struct stats *s, struct aggregate *a,
    struct timerange range, struct flowd_error *err);
/*
 * Take them in and print what comes of them; with --watch again and again, as
 * long as more is appended.
 */
int report_run(struct stats *s, struct aggregate *a,
    int (*print)(struct stats *s, struct aggregate *a, struct flowd_error *err),
    struct flowd_error *err);
/* Say what is to be said beside a result. */
void report_notes(const struct stats *s, const struct aggregate_notes *n);
/* The same of so many flows, if there are any: "without a time". */
void report_note(uint64_t flows, const char *text);
/* What senders of flows cannot know, so that they make no collisions. */
uint64_t report_seed(void);
/* Print a data set; title, which is borrowed, tells it from others, or NULL. */
int report_print(struct stats *s, struct dataset *d, const char *title,
    struct flowd_error *err);
/* A blank line between tables of texts for people and of CSV. */
void report_gap(struct stats *s);
/* For people: "10 of 34 groups, 1234 flows from ... to ... (1 h 0 min)". */
void report_closing(
    struct stats *s, const struct dataset *d, const struct report_span *span);

#endif
