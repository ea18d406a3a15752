/*
 * The state file (flowd-state(5)): the exporter state of engines, across
 * restarts. The parent does not parse it; engines parse and check it.
 *
 * Called by parent.c and parent_loop.c. Test:
 * test/program/flowd/test_privsep.py.
 */
#ifndef FLOWD_STATEFILE_H
#define FLOWD_STATEFILE_H

#include "snapshot.h"

/* Read the file into a snapshot, if it exists. Errors are logged. */
void statefile_load(const char *path, struct snapshot *snapshot);
/*
 * Write the snapshots of n engines in sequence to a new file, and rename it;
 * nothing is written when all are empty.
 */
void statefile_save(const char *path, const struct bytes *states, size_t n);

#endif
