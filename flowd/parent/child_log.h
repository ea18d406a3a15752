/*
 * What children say on standard error, line by line, in the log of the parent:
 * they cannot reach the system's log themselves. What one says again and again,
 * as one may that somebody has taken over, is counted.
 *
 * Called by parent.c. Test: test/unit/flowd/test_child_log.c.
 */
#ifndef FLOWD_CHILD_LOG_H
#define FLOWD_CHILD_LOG_H

#include <stddef.h>

#include "log.h"

enum { CHILD_LOG_LINE = 4096 /* a longer one is cut */ };

/* Zeroed but for the name of its source. */
struct child_log {
	struct log_source source; /* how much of it is logged */
	char line[CHILD_LOG_LINE];
	size_t len;
};

/* Log what has come; fd does not block. -1 is fine. */
void child_log_read(struct child_log *r, int fd);
/* The same of a child that is gone: also a line that is not whole. */
void child_log_end(struct child_log *r, int fd);

#endif
