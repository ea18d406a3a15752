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

#include "answer.h"

enum { FORWARDER_ROWS = 1 };

/* What it tells. */
extern const struct answer_row forwarder_rows[FORWARDER_ROWS];

/* Until the parent says so or is gone. Returns the exit status. */
int forwarder_main(int channel);

#endif
