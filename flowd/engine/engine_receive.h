/*
 * Receives datagrams of the listeners, forwards copies, decodes them and runs
 * them through the pipeline.
 *
 * Called by engine.c and engine_imsg.c. Tests:
 * test/program/flowd/test_flowd.py, test/program/flowd/test_flood.py.
 */
#ifndef FLOWD_ENGINE_RECEIVE_H
#define FLOWD_ENGINE_RECEIVE_H

#include "engine_state.h"

/* Fill the poll set; call it when the listeners change. */
void engine_watch_listeners(struct engine *e);

/* Receive from one listener. Returns true when there may be more. */
bool engine_receive(struct engine *e, struct listener *l);
/* Decode some of the received datagrams. */
void engine_decode_some(struct engine *e);
/* No datagram waits: deliver flows that need not wait for more. */
void engine_finish_flows(struct engine *e);

/* Receive from all listeners, decode everything, and deliver the flows. */
void engine_receive_all(struct engine *e);
/*
 * The same before exiting, also during a flood: until the sockets are empty or
 * a limit is reached. Flows do not wait any more.
 */
void engine_drain(struct engine *e);

#endif
