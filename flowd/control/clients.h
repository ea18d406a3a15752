/*
 * The clients of control: who they are, what they want, and how long they may
 * take. control.c works on what they want.
 *
 *	RESTS ----> ASKS (in its turn: ASKED) ----> TAKES ----> RESTS
 *	     \----> ORDERED (until the parent is done) /
 *	     \----> TAILS
 *
 * Who takes nothing of what waits for it for some time is dropped (stall.h).
 * When all places are taken, a new client gets that of the one who has rested
 * longest, or else of the one who is worst at taking its answer, so that those
 * who say nothing or do not read keep nobody out. So it is with the places of
 * those who watch, and with the memory that answers wait in.
 *
 * The daemon's own client, metrics, goes before all others, may ask for
 * metrics only, and is none of those whose place another can have.
 * Test: test/unit/flowd/test_clients.c.
 */
#ifndef FLOWD_CLIENTS_H
#define FLOWD_CLIENTS_H

#include "conn.h"
#include "stall.h"

enum client_state {
	CLIENT_FREE,
	CLIENT_RESTS, /* its question is awaited */
	CLIENT_ASKS, /* it waits for its turn */
	CLIENT_ASKED, /* it is its turn */
	CLIENT_ORDERED,
	CLIENT_TAILS,
	CLIENT_TAKES /* the answer waits in conn */
};

enum {
	CLIENTS = 32,
	CLIENTS_ALL, /* and our own, which is the last of the list */
	CLIENTS_TAIL = 8, /* that may watch at a time */
	CLIENTS_WAITING_MAX = 96 * 1024 * 1024 /* octets for all of them */
};

struct client {
	enum client_state state;
	bool own; /* metrics: it may rest for ever */
	struct conn conn;
	int64_t since_ms; /* when it began to be in its state */
	struct stall stall;
	uint64_t turn; /* of those that ask, the least is next */
	enum frame_type want;
	uint32_t serial; /* of its question */
	struct ask ask;
	uint32_t order; /* serial of the order at the parent */
	uint64_t dropped; /* flows that did not fit, since the last frame */
};

struct clients {
	struct client list[CLIENTS_ALL];
	uint64_t turns;
	uint64_t stalled; /* dropped, as they took nothing for long */
};

void clients_init(struct clients *cs);
void clients_fini(struct clients *cs);

/* Take a connection. False: it was told that too many ask, and closed. */
bool clients_add(struct clients *cs, int fd, bool own, int64_t now_ms);
void client_drop(struct client *c);
void client_enter(struct client *c, enum client_state s, int64_t now_ms);

/*
 * Receive and send; a client that asks for something is in its new state then.
 * One that makes no sense, or is gone, is dropped.
 */
void client_turn(struct clients *cs, struct client *c, int64_t now_ms);
/* Close an answer: the client takes it, and may ask again. */
void client_answered(struct client *c, int64_t now_ms);
/* End an answer without anything. */
void client_refuse(struct client *c, enum end_status status, int64_t now_ms);
/* Show flows to one that watches, or count them. */
void client_show(struct client *c, struct bytes frame);

/*
 * Who is next to ask, or NULL. While too much waits to be taken that is nobody
 * but our own; whoever is worst at taking it may be dropped for the next one.
 */
struct client *clients_next(struct clients *cs, int64_t now_ms);
/* The client in this state, or NULL; of those ordered, by its order. */
struct client *clients_find(
    struct clients *cs, enum client_state state, uint32_t order);
/* Are there any that watch? */
bool clients_tail(const struct clients *cs);

/* Drop those whose time is up. */
void clients_expire(struct clients *cs, int64_t now_ms);
/* Milliseconds until clients_expire(), or -1. */
int clients_timeout(const struct clients *cs, int64_t now_ms);

#endif
