/*
 * The forwarder: the process that sends copies of datagrams to other
 * collectors. It holds the sockets to them, raw ones where the exporter's
 * address is kept, and takes datagrams from the forward queue; it parses
 * nothing.
 *
 * Called by child_main.c. Test: test/program/flowd/test_forward.py.
 */
#ifndef FLOWD_FORWARDER_H
#define FLOWD_FORWARDER_H

#include "responder.h"

enum { FORWARDER_REPORTS = 1 };

/* Its reports. */
extern const struct responder_row forwarder_reports[FORWARDER_REPORTS];

/* The main of the process. Returns its exit status. */
int forwarder_main(int channel);

#endif
