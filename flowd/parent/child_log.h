/*
 * Logs what children write to standard error, line by line: they cannot reach
 * syslog themselves. The rate of lines is limited, as a compromised child may
 * write any number.
 *
 * Called by parent_loop.c and parent.c. Test:
 * test/unit/flowd/parent/test_child_log.c.
 */
#ifndef FLOWD_CHILD_LOG_H
#define FLOWD_CHILD_LOG_H

#include <stddef.h>

#include "log.h"

enum { CHILD_LOG_LINE = 4096 /* a longer line is cut */ };

/* Zeroed but for the name of its source. */
struct child_log {
	struct log_source source; /* how much of it is logged */
	char line[CHILD_LOG_LINE];
	size_t len;
};

/* Log the lines that have arrived; fd does not block, -1 is ignored. */
void child_log_read(struct child_log *r, int fd);
/* The same after the child has exited, with an incomplete last line. */
void child_log_end(struct child_log *r, int fd);

#endif
