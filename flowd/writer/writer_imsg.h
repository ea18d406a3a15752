/*
 * Handles the messages of the parent to the writer: rings, files, the log
 * socket.
 *
 * Called by writer.c. Tests: test/program/flowd/test_privsep.py,
 * test/program/flowd/test_reload.py.
 */
#ifndef FLOWD_WRITER_IMSG_H
#define FLOWD_WRITER_IMSG_H

#include "writer_state.h"

/* Handle one message, for proc_dispatch(); arg is the writer. */
bool writer_handle_imsg(void *arg, const struct imsg *msg);

#endif
