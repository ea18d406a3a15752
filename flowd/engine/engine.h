/*
 * The engine: the process that holds the UDP sockets, receives and decodes
 * datagrams, runs the rules, and appends encoded flows to its rings. It has no
 * files, no privileges, and few system calls.
 *
 * Called by child_main.c. Tests: test/program/flowd/test_flowd.py,
 * test/program/flowd/test_privsep.py.
 */
#ifndef FLOWD_ENGINE_H
#define FLOWD_ENGINE_H

/* The main of the process. Returns its exit status. */
int engine_main(int channel);

#endif
