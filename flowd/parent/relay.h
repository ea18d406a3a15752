/*
 * What children say on standard error, line by line, in the log of the parent:
 * they cannot reach the system's log themselves.
 *
 * Called by parent.c. Test: test/program/test_flowd.py.
 */
#ifndef FLOWD_RELAY_H
#define FLOWD_RELAY_H

#include <stddef.h>

enum { RELAY_LINE = 4096 /* a longer one is cut */ };

struct relay {
	char line[RELAY_LINE];
	size_t len;
};

/* Log what has come; fd does not block. -1 is fine. */
void relay_some(struct relay *r, int fd);
/* The same of a child that is gone: also a line that is not whole. */
void relay_end(struct relay *r, int fd);

#endif
