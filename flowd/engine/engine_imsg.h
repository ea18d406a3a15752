/*
 * Handles the messages of the parent to an engine: rings, configuration,
 * sockets, orders.
 *
 * Called by engine.c. Tests: test/program/flowd/test_privsep.py,
 * test/program/flowd/test_reload.py.
 */
#ifndef FLOWD_ENGINE_IMSG_H
#define FLOWD_ENGINE_IMSG_H

#include "engine_state.h"

/* Handle one message, for proc_dispatch(); arg is the engine. */
bool engine_handle_imsg(void *arg, const struct imsg *msg);

#endif
