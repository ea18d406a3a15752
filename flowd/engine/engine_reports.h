/*
 * The reports of an engine (responder.h), as a table.
 *
 * Called by engine.c. Test: test/program/flowd/test_flowctl.py.
 */
#ifndef FLOWD_ENGINE_REPORTS_H
#define FLOWD_ENGINE_REPORTS_H

#include "listener.h"
#include "pipeline.h"
#include "responder.h"
#include "stats.h"

/* What reports are made from; the arg of responder_init(). */
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
 * Reports for metrics. Monitoring keeps every name for long, so that only a
 * limited number of exporters has one (decoder_list()).
 */
enum { ENGINE_METRICS = 3 };

extern const struct responder_row engine_metrics[ENGINE_METRICS];

#endif
