/*
 * Saves the state of exporters to the snapshot of the engine, and loads it
 * after a restart.
 *
 * Called by engine.c and engine_imsg.c. Tests:
 * test/program/flowd/test_privsep.py, test/program/flowd/test_crash.py.
 */
#ifndef FLOWD_ENGINE_SNAPSHOT_H
#define FLOWD_ENGINE_SNAPSHOT_H

#include "engine_state.h"

/* Save a snapshot, if the state has changed, or always. */
void engine_save_snapshot(struct engine *e, bool always);
/* Load the state of those exporters that this engine handles. */
void engine_load_snapshots(struct engine *e);

#endif
