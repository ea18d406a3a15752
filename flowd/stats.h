/*
 * Statistics as log messages: the lines of the first flowd, then what it did
 * not count. Called by the daemon on USR2 and INFO.
 */
#ifndef FLOWD_STATS_H
#define FLOWD_STATS_H

#include "engine.h"

/* What became of the flows behind the engine. */
struct stats_store {
	bool logsock; /* there is one */
	uint64_t written, queued, lost; /* log file: records */
	uint64_t sock_sent, sock_queued, sock_lost; /* log socket: records */
};

void stats_log(const struct engine *e, const struct stats_store *store);

#endif
