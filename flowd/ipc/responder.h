/*
 * What a process that is asked does: it takes questions from the control
 * process and puts reports in return, over a pair that the parent made. It
 * never waits, and what it keeps has a maximum.
 *
 * A process says with a table what it can tell; the engines have a tail of
 * flows beside it, and the parent obeys orders.
 *
 *	control.c <--- pair ---> responder.c in each process
 *
 * Called by the mains of the processes. Test: test/unit/flowd/test_responder.c.
 */
#ifndef FLOWD_RESPONDER_H
#define FLOWD_RESPONDER_H

#include "conn.h"
#include "report.h"
#include "tail.h"

/* A kind of report, and who appends its rows; only: of struct ask. */
struct responder_row {
	enum report_kind kind;
	void (*fill)(struct report *r, const struct addr *only, void *arg);
};

struct responder {
	struct conn conn;
	const struct responder_row *rows;
	size_t nrows;
	/* In place of some of these when they are asked for metrics. */
	const struct responder_row *metrics;
	size_t nmetrics;
	/* Obey FRAME_RELOAD or FRAME_ROTATE and say responder_done() later; or
	 * NULL: it is not for this process. */
	void (*order)(enum frame_type type, uint32_t serial, void *arg);
	void *arg; /* of all of these */
	/* Have what is told of be as it is now; or NULL. */
	void (*look)(void *arg);
	void *look_arg;
	bool tails; /* this process has flows to show */
	uint64_t seed;
	struct tail tail;
};

/* There is no pair yet. rows is borrowed. */
void responder_init(struct responder *a, const struct responder_row *rows,
    size_t nrows, void *arg);
/* Take a new pair; the old one, and a tail, end. */
void responder_adopt(struct responder *a, int fd);
void responder_fini(struct responder *a);

/* What to poll a->conn.fd for. */
short responder_events(const struct responder *a);
/* At every turn of the loop where the poll said something. */
void responder_turn(struct responder *a);
/* What there is to be said of an order, before it ends. */
void responder_text(struct responder *a, uint32_t serial, const char *text);
/* How an order ended. */
void responder_done(struct responder *a, uint32_t serial, enum end_status status);

/* Flows that were accepted, when tail_on(&a->tail). */
void responder_flows(struct responder *a, const struct batch *batch,
    int64_t now_ms);
/* At every turn of an engine's loop. */
void responder_tick(struct responder *a, int64_t now_ms);

#endif
