/*
 * The process that flowctl talks to: it asks the other processes what is asked
 * of it, joins what they say, and hands on what they are to do. It parses what
 * clients send and opens nothing; in and out it has sockets that the parent
 * gave it.
 *
 *	flowctl, metrics ---> control ---> parent, engines, writer, forwarder
 *
 * One question is worked on at a time; the others wait for their turn. A
 * process that does not answer within some seconds is left out. Clients are
 * limited in number, in what they may send, and in the time they take; what
 * waits for them is limited as well, so that one who does not read holds up
 * only himself.
 *
 * Called by child_main.c. Tests: test/unit/flowd/test_fanout.c,
 * test/program/test_flowctl.py.
 */
#ifndef FLOWD_CONTROL_H
#define FLOWD_CONTROL_H

/* The main of the process. Returns its exit status. */
int control_main(int channel);

#endif
