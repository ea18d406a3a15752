/*
 * The connection of flowctl to a running flowd. It blocks.
 *
 * Called by flowctl.c and tail_command.c. Test:
 * test/program/flowd/test_flowctl.py.
 */
#ifndef FLOWCTL_CLIENT_H
#define FLOWCTL_CLIENT_H

#include "frame.h"

struct client {
	int fd;
	struct buf in;
	size_t used; /* octets of in that client_next() has returned */
};

/* Connect. Returns 0, or -1 after printing the reason. */
int client_open(struct client *c, const char *path);
void client_close(struct client *c);

/* Send a request. Returns 0, or -1 after printing the reason. */
int client_send(struct client *c, const struct buf *request);

/*
 * The next frame, borrowed until the next call. Returns 1; 0 after a signal or,
 * with watch_stdout, when the pipe at standard output was closed; -1 when the
 * connection has ended or the frame is invalid, after printing that.
 */
int client_next(struct client *c, struct frame *f, bool watch_stdout);

#endif
