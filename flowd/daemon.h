/*
 * The daemon: what it holds, and its loop. In this version one process does
 * it all; listeners, engine and log know nothing of each other, so that each
 * can become one.
 */
#ifndef FLOWD_DAEMON_H
#define FLOWD_DAEMON_H

#include <stdbool.h>

#include "conf.h"

/* Run until TERM or INT. Returns the exit status. */
int daemon_main(const struct conf_request *req, bool foreground);

#endif
