/*
 * The connection to a running flowd, which waits.
 */
#ifndef FLOWCTL_CLIENT_H
#define FLOWCTL_CLIENT_H

#include "frame.h"

struct client {
	int fd;
	struct buf in;
	size_t used;
};

/* Connect. Returns 0, or -1 after it was said why not. */
int client_open(struct client *c, const char *path);
void client_close(struct client *c);

/* Send a question. Returns 0, or -1 after it was said why not. */
int client_ask(struct client *c, const struct buf *question);

/*
 * The next frame, borrowed until the next call. Returns 1; 0 when a signal
 * came, or, with watch_stdout, when nobody reads standard output any more; -1
 * when the connection has ended or makes no sense, after that was said.
 */
int client_next(struct client *c, struct frame *f, bool watch_stdout);

#endif
