/*
 * The keeper: the process that writes logs. It takes finished records out of
 * the mailboxes of the engines and appends them to the log file, and sends
 * them to the log socket; it gets both from the parent as descriptors, sees no
 * network, and stands still when the disk does, without anybody waiting.
 *
 * Called by child.c. Test: test/program/test_flowd.py, test_privsep.py.
 */
#ifndef FLOWD_KEEPER_H
#define FLOWD_KEEPER_H

#include "answer.h"

enum { KEEPER_ROWS = 1 };

/* What it tells. */
extern const struct answer_row keeper_rows[KEEPER_ROWS];

/* Until the parent says so or is gone. Returns the exit status. */
int keeper_main(int channel);

#endif
