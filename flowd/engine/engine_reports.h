/*
 * What an engine tells of itself when it is asked (responder.h): its reports are
 * a table.
 *
 * Called by engine.c. Test: test/program/test_flowctl.py.
 */
#ifndef FLOWD_ENGINE_REPORTS_H
#define FLOWD_ENGINE_REPORTS_H

#include "listener.h"
#include "pipeline.h"
#include "responder.h"
#include "stats.h"

/* What there is to tell of; the arg of responder_init(). */
struct engine_view {
	struct pipeline *pipeline;
	const struct listeners *listeners;
	uint64_t received; /* datagrams */
	const struct stats_log *logs;
	size_t nlogs;
};

enum { ENGINE_REPORTS = 14 };

extern const struct responder_row engine_reports[ENGINE_REPORTS];

/*
 * The same for metrics, where each name is kept for long by whoever follows
 * them: only so many exporters have one (decoder_list()).
 */
enum { ENGINE_METRICS = 3 };

extern const struct responder_row engine_metrics[ENGINE_METRICS];

#endif
