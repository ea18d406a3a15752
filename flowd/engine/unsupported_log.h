/*
 * Protocols and versions that are not read, in the log: each exporter that
 * sends one is told of once.
 *
 * Called by engine.c and replay.c. Test: test/program/test_silence.py.
 */
#ifndef FLOWD_UNSUPPORTED_LOG_H
#define FLOWD_UNSUPPORTED_LOG_H

#include "decode.h"

/* Tell what is new. Cheap when nothing is. */
void unsupported_log_update(struct decoder *dec);

#endif
