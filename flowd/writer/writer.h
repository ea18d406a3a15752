/*
 * The writer: the process that writes logs. It takes finished records out of
 * the rings of the engines and appends them to the log file, and sends
 * them to the log socket; it gets both from the parent as descriptors, sees no
 * network, and stands still when the disk does, without anybody waiting.
 *
 * Called by child.c. Test: test/program/test_flowd.py, test_privsep.py.
 */
#ifndef FLOWD_WRITER_H
#define FLOWD_WRITER_H

#include "responder.h"

enum { WRITER_REPORTS = 1 };

/* What it tells. */
extern const struct responder_row writer_reports[WRITER_REPORTS];

/* Until the parent says so or is gone. Returns the exit status. */
int writer_main(int channel);

#endif
