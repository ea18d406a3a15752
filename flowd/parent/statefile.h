/*
 * The state file (flowd-state(5)): what engines know of exporters, across
 * restarts. It is only octets here; engines parse and check them.
 *
 * Called by parent.c and parent_loop.c. Test: test/program/test_privsep.py.
 */
#ifndef FLOWD_STATEFILE_H
#define FLOWD_STATEFILE_H

#include "snapshot.h"

/* Read the file into a snapshot, if it exists. Errors are logged. */
void statefile_load(const char *path, struct snapshot *box);
/*
 * Write the snapshots of n engines in sequence to a new file, and rename it;
 * nothing is written when all are empty.
 */
void statefile_save(const char *path, const struct bytes *states, size_t n);

#endif
