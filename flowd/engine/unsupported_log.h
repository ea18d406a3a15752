/*
 * Log messages about protocols and versions that flowd does not support, once
 * for each exporter that sends them.
 *
 * Called by engine.c and replay.c. Test: test/program/flowd/test_silence.py.
 */
#ifndef FLOWD_UNSUPPORTED_LOG_H
#define FLOWD_UNSUPPORTED_LOG_H

#include "decode.h"

/* Log new ones. Cheap when there are none. */
void unsupported_log_update(struct decoder *dec);

#endif
