/*
 * Moves records from the rings of the engines to the log socket (logsock.h),
 * and has the parent connect it. Its counters are in the rings, for the reports
 * of the engines.
 *
 * Called by the other files of the writer.
 * Test: test/program/flowd/test_logsock.py.
 */
#ifndef FLOWD_WRITER_LOGSOCK_H
#define FLOWD_WRITER_LOGSOCK_H

#include "writer_state.h"

/* Move everything in the rings to the queue of the log socket. */
void writer_logsock_write(struct writer *w, struct sink *s);
/* Before exiting: send what the reader takes. */
void writer_logsock_finish(struct writer *w, struct sink *s);

/* The queue of the last writer died with it: count its records as lost. */
void writer_logsock_recover(struct writer *w);
/* Send queued records; ask the parent to connect when that is due. */
void writer_logsock_request(struct writer *w);

#endif
