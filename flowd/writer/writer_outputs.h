/*
 * What differs between the kinds of logs (ipc/destinations.def) in the writer:
 * how units are written, when an output is stopped, its report, and its end.
 *
 * Called by writer.c. Tests: test/program/flowd/test_logs.py,
 * test/program/flowd/test_logdir.py, test/program/flowd/test_logsock.py.
 */
#ifndef FLOWD_WRITER_OUTPUTS_H
#define FLOWD_WRITER_OUTPUTS_H

#include "writer_state.h"

/* Write the units in all rings, as far as the logs accept them. */
void writer_outputs_write(struct writer *w);
/* Before exiting: write what is left; the rest is lost. */
void writer_outputs_finish(struct writer *w);
/* Does the log of a slot accept nothing now? */
bool writer_output_is_stopped(const struct writer *w, unsigned slot);

/* The reports of the writer; their arg is the writer. */
enum { WRITER_REPORTS = 1 };

extern const struct responder_row writer_reports[WRITER_REPORTS];

#endif
