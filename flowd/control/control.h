/*
 * The control process, which flowctl talks to: it queries the other processes,
 * joins their reports, and passes on orders. It parses what clients send, and
 * opens nothing; the parent gives it its sockets.
 *
 *	flowctl, metrics ---> control ---> parent, engines, writer, forwarder
 *
 * Queries are processed one at a time. A process that does not answer within
 * some seconds is left out. The number of clients, their input, their time and
 * the answers that wait for them are limited, so that a client that does not
 * read only delays itself.
 *
 * Called by child_main.c. Tests: test/unit/flowd/control/test_fanout.c,
 * test/program/flowd/test_flowctl.py.
 */
#ifndef FLOWD_CONTROL_H
#define FLOWD_CONTROL_H

/* The main of the process. Returns its exit status. */
int control_main(int channel);

#endif
