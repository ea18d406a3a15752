/*
 * Metrics as text in the exposition format of Prometheus, version 0.0.4: for
 * each metric a line of help, its type, then its samples.
 *
 * Names are constants of the program, and checked; values of labels may come
 * from the network, and are escaped. Test: test/unit/format/test_prometheus.c.
 */
#ifndef FLOWD_PROMETHEUS_H
#define FLOWD_PROMETHEUS_H

#include "buf.h"

enum prometheus_type {
	PROMETHEUS_COUNTER,
	PROMETHEUS_GAUGE
};

struct prometheus_label {
	const char *name; /* NULL ends a list of labels */
	const char *value;
};

/* The metric whose samples are written. */
struct prometheus {
	struct buf *out; /* borrowed; has the failure, if any */
	const char *name;
};

void prometheus_init(struct prometheus *p, struct buf *out);

/*
 * Begin a metric, whose samples follow. An invalid name fails (buf_ok()). name
 * and help are borrowed until the next metric.
 */
void prometheus_metric(struct prometheus *p, const char *name,
    enum prometheus_type type, const char *help);

/* Write a sample. labels ends with a row whose name is NULL; NULL: none. */
void prometheus_u64(struct prometheus *p,
    const struct prometheus_label *labels, uint64_t value);
/* The shortest text that reads back as the same value; NaN, +Inf, -Inf. */
void prometheus_double(struct prometheus *p,
    const struct prometheus_label *labels, double value);

#endif
