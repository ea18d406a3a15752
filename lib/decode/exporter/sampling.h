/*
 * The sampling rate of flows. In order of precedence: the configuration; the
 * header of version 5; the record; options data for a scope that contains the
 * flow (scoped_store.h).
 *
 * Options data apply to records without a rate, or with interval 0, which
 * exporters send as filler. If options data say that sampling is off, or
 * contradict each other, a flow has no rate. A rate that can only be a
 * byte-order error is counted and not used.
 *
 * decode.c calls it for the rows that plan_run() appended.
 * Test: test/unit/decode/test_sampling.c, test/scenarios/sampling-*.txt.
 */
#ifndef FLOWD_SAMPLING_H
#define FLOWD_SAMPLING_H

#include "exporter.h"

struct sampling_rows {
	struct exporters *all;
	struct stream *stream;
	const struct message *message;
	const struct template *template;
	struct batch *batch;
	size_t first, n;
};

/* Whether there is a rate of any origin; most exporters do not sample. */
static inline bool
sampling_wanted(const struct sampling_rows *rows)
{
	return rows->message->sampling_interval != 0 ||
	    (rows->template->plan.derive &
		(DERIVE_RATE_COLUMN | DERIVE_RATE_PARTS)) != 0 ||
	    rows->stream->exporter->has_options;
}

/* Fills sampling_interval and sampling_algorithm, and counts. */
void sampling_fill(const struct sampling_rows *rows);

/* When the exporter started, by options data. Returns false if unknown. */
bool sampling_start(struct exporters *all, const struct stream *s,
    uint16_t template_id, int64_t *start_ns);

#endif
