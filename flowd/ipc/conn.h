/*
 * A connection that frames go over (frame.h), for a loop that polls: it never
 * waits, and what either side may keep here has a maximum.
 *
 * Called by responder.c, control.c and metrics.c. Test:
 * test/unit/flowd/test_conn.c.
 */
#ifndef FLOWD_CONN_H
#define FLOWD_CONN_H

#include "frame.h"

struct conn {
	int fd; /* -1: there is none, or it has ended */
	size_t body_max; /* of frames that come in */
	struct buf in;
	size_t used; /* octets of in that were read as frames */
	struct buf out; /* the caller appends frames; what fails is undone */
	size_t sent; /* of out */
	uint64_t total; /* octets that were ever sent */
};

/* Two ends of a pair that do not block and close on exec. -1 and errno. */
int conn_pair(int ends[2]);

/* fd is taken. out_max: octets that may wait to be sent. */
void conn_init(struct conn *c, int fd, size_t body_max, size_t out_max);
/* Close it, with what waits in it. */
void conn_close(struct conn *c);

static inline bool
conn_there(const struct conn *c)
{
	return c->fd != -1;
}

/*
 * Receive what has come, up to a maximum, and send what waits. Returns false
 * when it has ended: then it is closed. What was received is not polled for
 * again, so look at all of it with conn_next().
 */
bool conn_turn(struct conn *c);
/* The same, without receiving anything. */
bool conn_flush(struct conn *c);
/*
 * The next frame, borrowed until the next call. Returns 1, 0 when there is
 * none, or a negative FLOWD_E* for what is none: then close it.
 */
int conn_next(struct conn *c, struct frame *f);

/* Octets that wait to be sent. */
static inline size_t
conn_waiting(const struct conn *c)
{
	return c->out.len - c->sent;
}

/* Octets that the other end has taken, as far as the system tells. */
int64_t conn_taken(const struct conn *c);
/* Everything that was ever appended. */
bool conn_is_taken(const struct conn *c);

/*
 * Append to c->out between these. False when it did not fit: then out is as
 * it was before.
 */
size_t conn_mark(struct conn *c);
bool conn_keep(struct conn *c, size_t mark);

/* What to poll fd for. */
short conn_events(const struct conn *c);

#endif
