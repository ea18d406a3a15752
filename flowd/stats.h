/*
 * Statistics as log messages: the lines of the first flowd, then what it did
 * not count. Called by the daemon on USR2 and INFO.
 */
#ifndef FLOWD_STATS_H
#define FLOWD_STATS_H

#include "engine.h"
#include "logfile.h"
#include "logsock.h"

void stats_log(const struct engine *e, const struct logfile *lf,
    const struct logsock *ls);

#endif
