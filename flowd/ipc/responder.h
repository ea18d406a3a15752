/*
 * The server side of the control protocol: every process answers queries of the
 * control process with reports, over a socket pair that the parent made. It
 * never blocks, and its buffers have a maximum.
 *
 * A process has a table of the reports it can fill; engines also stream flows,
 * and the parent carries out orders.
 *
 *	control.c <--- pair ---> responder.c in each process
 *
 * Called by the mains of the processes. Test:
 * test/unit/flowd/ipc/test_responder.c.
 */
#ifndef FLOWD_RESPONDER_H
#define FLOWD_RESPONDER_H

#include "conn.h"
#include "report.h"
#include "tail.h"

/*
 * A kind of report, and the function that appends its rows. only is the
 * exporter of the query, see struct ask.
 */
struct responder_row {
	enum report_kind kind;
	void (*fill)(struct report *r, const struct addr *only, void *arg);
};

struct responder {
	struct conn conn;
	const struct responder_row *rows;
	size_t nrows;
	/* used instead of the rows of the same kind in queries for metrics */
	const struct responder_row *metrics;
	size_t nmetrics;
	/*
	 * Carry out FRAME_RELOAD or FRAME_ROTATE, and call responder_done()
	 * later. NULL: orders are refused.
	 */
	void (*order)(enum frame_type type, uint32_t serial, void *arg);
	void *arg; /* passed to the functions above */
	/*
	 * Called before rows are filled, to update what they are made from; or
	 * NULL.
	 */
	void (*update)(void *arg);
	void *update_arg;
	bool tails; /* this process can stream flows */
	uint64_t seed;
	struct tail tail;
};

/* Initialize, without a connection. rows is borrowed. */
void responder_init(struct responder *a, const struct responder_row *rows,
    size_t nrows, void *arg);
/* Use a new connection; the old one is closed, and its tail ends. */
void responder_adopt(struct responder *a, int fd);
void responder_fini(struct responder *a);

/* The events to poll a->conn.fd for. */
short responder_events(const struct responder *a);
/* Handle the events that poll(2) has returned. */
void responder_handle(struct responder *a);
/* Send text about an order, before responder_done(). */
void responder_text(struct responder *a, uint32_t serial, const char *text);
/* Send the result of an order. */
void responder_done(struct responder *a, uint32_t serial,
    enum end_status status);

/* Stream the selected rows; call it only when tail_on(&a->tail). */
void responder_flows(struct responder *a, const struct batch *batch,
    int64_t now_ms);
/*
 * Send buffered flows that are due; call it in every iteration of the engine's
 * loop.
 */
void responder_tick(struct responder *a, int64_t now_ms);

#endif
