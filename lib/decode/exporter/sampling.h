/*
 * The sampling rate of flows, from where it is known best: the configuration,
 * which wins over everything; the header of version 5; the record; options
 * data, by the scope that the flow is in (scoped_store.h).
 *
 * A record without a rate, or with an interval of 0, which exporters fill
 * with, has that of options data. Where they say that nothing is sampled, or
 * contradict each other, it has none. A rate that can only be a mistake in
 * the order of octets is none either, but counted.
 *
 * Called by decode.c for the rows that plan_run() appended.
 * Test: test/scenarios/sampling-*.txt, test/program/test_sampling.py.
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

/* Is there a rate from anywhere? Most exporters do not sample. */
static inline bool
sampling_wanted(const struct sampling_rows *rows)
{
	return rows->message->sampling_interval != 0 ||
	    (rows->template->plan.derive &
		(DERIVE_RATE_COLUMN | DERIVE_RATE_PARTS)) != 0 ||
	    rows->stream->exporter->has_options;
}

/* Fill sampling_interval and sampling_algorithm, and count. */
void sampling_fill(const struct sampling_rows *rows);

/* When the exporter started, as options data have it; false: not known. */
bool sampling_start(struct exporters *all, const struct stream *s,
    uint16_t template_id, int64_t *start_ns);

#endif
