/*
 * What an engine tells of itself when it is asked (answer.h): its reports are
 * a table.
 *
 * Called by worker.c. Test: test/program/test_flowctl.py.
 */
#ifndef FLOWD_ENGINE_ROWS_H
#define FLOWD_ENGINE_ROWS_H

#include "answer.h"
#include "engine.h"
#include "listener.h"
#include "stats.h"

/* What there is to tell of; the arg of answer_init(). */
struct engine_view {
	struct engine *engine;
	const struct listeners *listeners;
	uint64_t received; /* datagrams */
	const struct stats_log *logs;
	size_t nlogs;
};

enum { ENGINE_ROWS = 14 };

extern const struct answer_row engine_rows[ENGINE_ROWS];

/*
 * The same for metrics, where each name is kept for long by whoever follows
 * them: only so many exporters have one (decoder_list()).
 */
enum { ENGINE_METRICS = 3 };

extern const struct answer_row engine_metrics[ENGINE_METRICS];

#endif
