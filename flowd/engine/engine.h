/*
 * The worker: the process of an engine. It holds the sockets that datagrams
 * come in by, decodes them, runs the rules, and puts finished log records into
 * its mailbox. It has no files, no rights, and few system calls.
 *
 * Called by child.c. Test: test/program/test_flowd.py, test_privsep.py.
 */
#ifndef FLOWD_ENGINE_H
#define FLOWD_ENGINE_H

/* Until the parent says so or is gone. Returns the exit status. */
int engine_main(int channel);

#endif
