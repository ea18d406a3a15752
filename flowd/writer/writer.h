/*
 * The writer: the process that writes logs. It takes encoded flows from the
 * rings of the engines, appends them to log files and segments, and sends them
 * to the log socket. It gets open descriptors from the parent, has no network
 * access, and may block on a slow disk without delaying others.
 *
 * Called by child_main.c. Tests: test/program/flowd/test_flowd.py,
 * test/program/flowd/test_privsep.py.
 */
#ifndef FLOWD_WRITER_H
#define FLOWD_WRITER_H

/* The main of the process. Returns its exit status. */
int writer_main(int channel);

#endif
