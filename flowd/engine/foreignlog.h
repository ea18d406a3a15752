/*
 * Protocols and versions that are not read, in the log: each exporter that
 * sends one is told of once.
 *
 * Called by worker.c and replay.c. Test: test/program/test_silence.py.
 */
#ifndef FLOWD_FOREIGNLOG_H
#define FLOWD_FOREIGNLOG_H

#include "decode.h"

/* Tell what is new. Cheap when nothing is. */
void foreignlog_look(struct decoder *dec);

#endif
