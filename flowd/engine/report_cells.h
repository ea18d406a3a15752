/*
 * Cells of reports that several rows have: addresses, times, sums of counters.
 *
 * Called by the files that fill reports, and stats.c.
 * Test: test/program/flowd/test_flowctl.py.
 */
#ifndef FLOWD_REPORT_CELLS_H
#define FLOWD_REPORT_CELLS_H

#include "decode.h"
#include "report.h"

void report_set_addr(
    struct report *r, enum report_field f, const struct addr *a);
/* Set a time, unless it is unknown. */
void report_set_time(struct report *r, enum report_field f, int64_t ns);

/* Data sets that waited for their template and were lost. */
uint64_t early_lost(const struct decode_counters *c);
/* The sum over all kinds of malformed input, and over all limits. */
uint64_t malformed_count(const struct decode_counters *c);
uint64_t limited_count(const struct decode_counters *c);

#endif
