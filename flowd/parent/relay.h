/*
 * What children say on standard error, line by line, in the log of the parent:
 * they cannot reach the system's log themselves. What one says again and again,
 * as one may that somebody has taken over, is counted.
 *
 * Called by parent.c. Test: test/unit/flowd/test_relay.c.
 */
#ifndef FLOWD_RELAY_H
#define FLOWD_RELAY_H

#include <stddef.h>

#include "daemonlog.h"

enum { RELAY_LINE = 4096 /* a longer one is cut */ };

/* Zeroed but for the name of its source. */
struct relay {
	struct log_source source; /* how much of it is logged */
	char line[RELAY_LINE];
	size_t len;
};

/* Log what has come; fd does not block. -1 is fine. */
void relay_some(struct relay *r, int fd);
/* The same of a child that is gone: also a line that is not whole. */
void relay_end(struct relay *r, int fd);

#endif
