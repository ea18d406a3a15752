/*
 * The most that the counters of sequence numbers ever were when somebody
 * looked. They go back when what is late comes, and when it is learnt what an
 * exporter counts; metrics must not.
 *
 * Called by exporters.c, metrics_exporters.c and report.c. Test: test_exporter.c.
 */
#ifndef FLOWD_PEAK_H
#define FLOWD_PEAK_H

#include "exporter.h"

/* Note the counters that are to be told. */
void peak_raise(struct sequence_peak *peak, const struct decode_counters *c);
/* Add peaks up; and have counters be these. */
void peak_add(struct sequence_peak *sum, const struct sequence_peak *more);
void peak_put(const struct sequence_peak *peak, struct decode_counters *c);
/* As exporter_counters(), but those of sequence numbers at their peak. */
struct decode_counters exporter_peaks(struct exporter *x);

#endif
