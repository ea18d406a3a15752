/*
 * The forwarder: the process that sends copies of datagrams on. It holds the
 * sockets to the collectors, raw ones where the exporter's address is kept,
 * and gets datagrams from the engines by a socket; it parses nothing.
 *
 * Called by child_main.c.
 * Test: test/program/test_forward.py.
 */
#ifndef FLOWD_FORWARDER_H
#define FLOWD_FORWARDER_H

#include "responder.h"

enum { FORWARDER_REPORTS = 1 };

/* What it tells. */
extern const struct responder_row forwarder_reports[FORWARDER_REPORTS];

/* Until the parent says so or is gone. Returns the exit status. */
int forwarder_main(int channel);

#endif
