/*
 * The highest values of sequence counters. The counters themselves decrease
 * when late messages arrive, and when the unit of an exporter becomes known;
 * metrics must not decrease.
 *
 * exporters.c, metrics_exporters.c and report.c use it.
 * Test: test/unit/decode/test_peak.c.
 */
#ifndef FLOWD_PEAK_H
#define FLOWD_PEAK_H

#include "exporter.h"

/* Raises the peak to the counters. */
void peak_raise(struct sequence_peak *peak, const struct decode_counters *c);
/* peak_add() adds up peaks; peak_put() replaces sequence counters by them. */
void peak_add(struct sequence_peak *sum, const struct sequence_peak *more);
void peak_put(const struct sequence_peak *peak, struct decode_counters *c);
/* As exporter_counters(), with the sequence counters at their peak. */
struct decode_counters exporter_peaks(struct exporter *x);

#endif
