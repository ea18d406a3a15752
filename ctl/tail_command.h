/*
 * flowctl tail: prints the flows that a running flowd accepts, as they arrive,
 * in the format of flowd-reader.
 *
 * They arrive as blocks of a columnar log. An expression is evaluated here, so
 * that it costs the daemon nothing.
 *
 * Called by flowctl.c. Test: test/program/flowd/test_flowctl.py.
 */
#ifndef FLOWCTL_TAIL_COMMAND_H
#define FLOWCTL_TAIL_COMMAND_H

#include "client.h"
#include "options.h"

/* Run until a signal arrives or flowd exits. Returns the exit status. */
int tail_command_run(struct client *c, const struct options *o);

#endif
