/*
 * What reports print: data sets, and notes on standard error.
 *
 * Called by the reports. Test: test/program/stats/test_stats.py.
 */
#ifndef STATS_REPORT_PRINT_H
#define STATS_REPORT_PRINT_H

#include "stats_report.h"

/*
 * Print a data set. title, which is borrowed, tells it from other data sets of
 * the report; NULL if there is one only.
 */
int report_print(struct stats *s, struct dataset *d, const char *title,
    struct flowd_error *err);
/* A blank line between tables, of text and of CSV. */
void report_gap(struct stats *s);

/* Notes of an aggregate: flows without a time, ... */
void report_notes(const struct aggregate_notes *n);
/* "1 flow TEXT", "2 flows TEXT"; nothing for 0. */
void report_note(uint64_t flows, const char *text);

#endif
