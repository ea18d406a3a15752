/*
 * The state file: what engines know of exporters, kept over restarts of the
 * daemon (flowd-state(5)). Octets here: engines read and check them.
 *
 * Called by parent.c. Test: test/program/test_privsep.py.
 */
#ifndef FLOWD_STATEFILE_H
#define FLOWD_STATEFILE_H

#include "snapshot.h"

/* Read it, if there is one. A failure is logged. */
void statefile_load(const char *path, struct snapshot *box);
/*
 * Write the states of n engines, one behind the other, beside it and rename
 * that; nothing is written without any state.
 */
void statefile_save(const char *path, const struct bytes *states, size_t n);

#endif
