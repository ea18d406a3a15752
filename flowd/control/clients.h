/*
 * The clients of the control process: their state, their queries, and their
 * time limits. control.c processes the queries.
 *
 *	IDLE ----> QUEUED ----> ACTIVE ----> READS ----> IDLE
 *	     \----> ORDERED (until the parent is done) /
 *	     \----> TAILS
 *
 * A client that does not read its answer for some time is dropped (stall.h).
 * When all slots are taken, a new client replaces the one that has been idle
 * longest, or else the worst reader of its answer, so that idle or stalled
 * clients keep nobody out. The same holds for the slots for tails, and for the
 * memory in which answers wait.
 *
 * The metrics process is a client that goes before all others, may only query
 * metrics, and is never replaced.
 *
 * Called by control.c. Test: test/unit/flowd/control/test_clients.c.
 */
#ifndef FLOWD_CLIENTS_H
#define FLOWD_CLIENTS_H

#include "conn.h"
#include "stall.h"

enum client_state {
	CLIENT_FREE,
	CLIENT_IDLE, /* idle: no query yet */
	CLIENT_QUEUED, /* its query is queued */
	CLIENT_ACTIVE, /* its query is being processed */
	CLIENT_ORDERED, /* its order is being carried out */
	CLIENT_TAILS, /* it gets flows */
	CLIENT_READS /* it reads its answer */
};

enum {
	CLIENTS = 32,
	CLIENTS_ALL, /* and the metrics process, the last of the list */
	CLIENTS_TAIL = 8, /* limit of clients that tail */
	/* limit of octets in all send buffers */
	CLIENTS_WAITING_MAX = 96 * 1024 * 1024
};

struct client {
	enum client_state state;
	bool is_metrics; /* the metrics process: no time limit when idle */
	struct conn conn;
	int64_t since_ms; /* when it entered its state */
	struct stall stall;
	uint64_t turn; /* the lowest of the queued ones is next */
	enum frame_type request;
	uint32_t serial; /* of its query */
	struct ask ask;
	uint32_t order; /* serial number of its order at the parent */
	uint64_t dropped; /* flows dropped since the last frame */
};

struct clients {
	struct client list[CLIENTS_ALL];
	uint64_t turns;
	uint64_t stalled; /* clients dropped because they did not read */
};

void clients_init(struct clients *cs);
void clients_fini(struct clients *cs);

/*
 * Add a connection. Returns false when there are too many: then the client has
 * got an error, and the connection is closed.
 */
bool clients_add(struct clients *cs, int fd, bool is_metrics, int64_t now_ms);
void client_drop(struct client *c);
void client_enter(struct client *c, enum client_state s, int64_t now_ms);

/*
 * Receive and send; a query changes the state of the client. A client that
 * sends garbage or has disconnected is dropped.
 */
void client_receive_query(struct clients *cs, struct client *c, int64_t now_ms);
/* The answer is complete: the client reads it, and may send another query. */
void client_answered(struct client *c, int64_t now_ms);
/* Answer with this status only. */
void client_refuse(struct client *c, enum end_status status, int64_t now_ms);
/* Send flows to a client that tails, or count them as dropped. */
void client_send_flows(struct client *c, struct bytes frame);

/*
 * The next client with a query, or NULL. While too much data waits to be read
 * that is only the metrics process; the worst reader may be dropped for the
 * next client.
 */
struct client *clients_next(struct clients *cs, int64_t now_ms);
/*
 * The client in this state, or NULL; in CLIENT_ORDERED, the one with this
 * order.
 */
struct client *clients_find(
    struct clients *cs, enum client_state state, uint32_t order);
/* Does any client tail? */
bool clients_any_tail(const struct clients *cs);

/* Drop clients whose time is up. */
void clients_expire(struct clients *cs, int64_t now_ms);
/* Milliseconds until clients_expire() is due, or -1. */
int clients_timeout(const struct clients *cs, int64_t now_ms);

#endif
