/*
 * A non-blocking stream connection that carries frames (frame.h), for an event
 * loop. Both buffers have a maximum.
 *
 * Called by responder.c, tail.c, control_links.c, control and metrics. Test:
 * test/unit/flowd/ipc/test_conn.c.
 */
#ifndef FLOWD_CONN_H
#define FLOWD_CONN_H

#include "frame.h"

struct conn {
	int fd; /* -1: not connected, or closed */
	size_t body_max; /* the longest body that is accepted */
	struct buf in;
	size_t used; /* octets of in that conn_next() has returned */
	struct buf out; /* the caller appends frames here */
	size_t sent; /* of out */
	uint64_t total; /* octets sent since conn_init() */
};

/*
 * Create a connected pair, non-blocking and close-on-exec. Returns 0, or -1 and
 * errno.
 */
int conn_pair(int ends[2]);

/*
 * Takes ownership of fd. out_max is the size limit of the send buffer in
 * octets.
 */
void conn_init(struct conn *c, int fd, size_t body_max, size_t out_max);
/* Close the connection and drop its buffers. */
void conn_close(struct conn *c);

static inline bool
conn_is_open(const struct conn *c)
{
	return c->fd != -1;
}

/*
 * Receive up to a maximum and send what is buffered. Returns false when the
 * connection has ended; it is closed then. Received frames do not make poll(2)
 * return again: read all of them with conn_next().
 */
bool conn_handle(struct conn *c);
/* Send only. */
bool conn_flush(struct conn *c);
/*
 * The next frame, borrowed until the next call. Returns 1, 0 when there is
 * none, or a negative FLOWD_E* when the input is malformed: close the
 * connection then.
 */
int conn_next(struct conn *c, struct frame *f);

/* Octets in the send buffer. */
static inline size_t
conn_waiting(const struct conn *c)
{
	return c->out.len - c->sent;
}

/* Octets that the peer has read, as far as the system tells. */
int64_t conn_delivered(const struct conn *c);
/* Has the peer read everything? */
bool conn_is_drained(const struct conn *c);

/*
 * Append frames to c->out between these two calls. conn_commit() returns false
 * when they do not fit, and removes them again.
 */
size_t conn_mark(struct conn *c);
bool conn_commit(struct conn *c, size_t mark);

/* The events to poll fd for. */
short conn_events(const struct conn *c);

#endif
