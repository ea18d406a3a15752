/* The clients of control; see clients.h. */
#include <sys/socket.h>
#include <unistd.h>

#include "clients.h"

enum {
	OUT_MAX = 64 * 1024 * 1024, /* octets of an answer */
	TAIL_MAX = 4 * 1024 * 1024, /* octets of flows that wait */
	REST_MS = 10000, /* for a question to come */
	LOOK_MS = 250 /* when somebody waits for another to be late */
};

void
clients_init(struct clients *cs)
{
	*cs = (struct clients){ .turns = 0 };
	for (size_t i = 0; i < CLIENTS_ALL; i++)
		cs->list[i].conn.fd = -1;
}

void
client_drop(struct client *c)
{
	conn_close(&c->conn);
	c->state = CLIENT_FREE;
}

void
clients_fini(struct clients *cs)
{
	for (size_t i = 0; i < CLIENTS_ALL; i++)
		client_drop(&cs->list[i]);
}

void
client_enter(struct client *c, enum client_state s, int64_t now_ms)
{
	c->state = s;
	c->since_ms = now_ms;
	stall_begin(&c->stall, conn_taken(&c->conn), now_ms);
}

/* Something of what it is sent may wait for it. */
static bool
is_taking(const struct client *c)
{
	return c->state == CLIENT_TAKES || c->state == CLIENT_TAILS;
}

/* When something of what it is sent was taken, there is time again. */
static void
note_progress(struct client *c, int64_t now_ms)
{
	stall_note(&c->stall, conn_taken(&c->conn),
	    !conn_is_taken(&c->conn), now_ms);
}

/* The worst of those in this state who may have to give way, or NULL. */
static struct client *
find_worst(struct clients *cs, enum client_state state, int64_t now_ms)
{
	struct stall_worst worst = { NULL, NULL };

	for (size_t i = 0; i < CLIENTS; i++) {
		struct client *c = &cs->list[i];

		if (c->state != state)
			continue;
		note_progress(c, now_ms);
		stall_compare(&worst, &c->stall, c, now_ms);
	}
	return stall_victim(&worst, now_ms);
}

static void
drop_stalled(struct clients *cs, struct client *c)
{
	cs->stalled++;
	client_drop(c);
}

/* Have the worst of them give way. False when there is none. */
static bool
make_way(struct clients *cs, enum client_state state, int64_t now_ms)
{
	struct client *worst = find_worst(cs, state, now_ms);

	if (worst != NULL)
		drop_stalled(cs, worst);
	return worst != NULL;
}

/* One that is free, or that of the one who has rested longest, or NULL. */
static struct client *
find_free(struct clients *cs)
{
	struct client *oldest = NULL;

	for (size_t i = 0; i < CLIENTS; i++) {
		struct client *c = &cs->list[i];

		if (c->state == CLIENT_FREE)
			return c;
		if (c->state == CLIENT_RESTS &&
		    (oldest == NULL || c->since_ms < oldest->since_ms))
			oldest = c;
	}
	if (oldest != NULL)
		client_drop(oldest);
	return oldest;
}

/* A place, for which somebody else may have to give way. */
static struct client *
find_place(struct clients *cs, bool own, int64_t now_ms)
{
	struct client *c = own ? &cs->list[CLIENTS] : find_free(cs);

	if (own)
		client_drop(c);
	if (c == NULL && (make_way(cs, CLIENT_TAKES, now_ms) ||
	    make_way(cs, CLIENT_TAILS, now_ms)))
		c = find_free(cs);
	return c;
}

/* A few octets, which a new socket takes. */
static void
turn_away(int fd)
{
	struct buf out;

	buf_init(&out, FRAME_HEAD + 1);
	end_put(&out, 0, END_BUSY);
	if (buf_ok(&out))
		(void)!send(fd, out.ptr, out.len, MSG_NOSIGNAL);
	buf_fini(&out);
	(void)close(fd);
}

bool
clients_add(struct clients *cs, int fd, bool own, int64_t now_ms)
{
	struct client *c = find_place(cs, own, now_ms);

	if (c == NULL) {
		turn_away(fd);
		return false;
	}
	*c = (struct client){ .own = own };
	conn_init(&c->conn, fd, FRAME_REQUEST_MAX, OUT_MAX);
	client_enter(c, CLIENT_RESTS, now_ms);
	return true;
}

static size_t
count_tails(const struct clients *cs)
{
	size_t n = 0;

	for (size_t i = 0; i < CLIENTS_ALL; i++)
		n += cs->list[i].state == CLIENT_TAILS;
	return n;
}

bool
clients_tail(const struct clients *cs)
{
	return count_tails(cs) > 0;
}

/*
 * Who may ask for what, and what it makes of the client; control.c does the
 * rest. The process that serves metrics is reached by anybody's HTTP: what it
 * may ask for is no more than what it serves.
 */
static const struct {
	enum client_state state; /* CLIENT_FREE: it is no question */
	bool body; /* of struct ask */
	bool own; /* metrics may ask it */
} wants[FRAME_TYPES] = {
	[FRAME_ASK] = { CLIENT_ASKS, true, false },
	[FRAME_METRICS] = { CLIENT_ASKS, false, true },
	[FRAME_RELOAD] = { CLIENT_ORDERED, false, false },
	[FRAME_ROTATE] = { CLIENT_ORDERED, false, false },
	[FRAME_TAIL] = { CLIENT_TAILS, false, false },
};

static bool
take_question(
    struct clients *cs, struct client *c, const struct frame *f, int64_t now_ms)
{
	c->want = f->type;
	c->serial = f->serial;
	c->order = 0;
	c->dropped = 0;
	if (wants[f->type].state == CLIENT_FREE ||
	    (c->own && !wants[f->type].own))
		return false;
	if (wants[f->type].body ? ask_read(f->body, &c->ask) != 0
				: f->body.len > 0)
		return false;
	if (f->type == FRAME_TAIL && count_tails(cs) == CLIENTS_TAIL &&
	    !make_way(cs, CLIENT_TAILS, now_ms))
		client_refuse(c, END_BUSY, now_ms);
	else
		client_enter(c, wants[f->type].state, now_ms);
	if (c->state == CLIENT_ASKS)
		c->turn = cs->turns++;
	return true;
}

/* What it has taken, and whether that was all of it. */
static void
look_at_taking(struct client *c, int64_t now_ms)
{
	if (c->state == CLIENT_TAKES && conn_waiting(&c->conn) == 0)
		client_enter(c, CLIENT_RESTS, now_ms);
	else if (is_taking(c))
		note_progress(c, now_ms);
}

void
client_turn(struct clients *cs, struct client *c, int64_t now_ms)
{
	struct frame f;
	int got;

	if (!conn_turn(&c->conn)) {
		client_drop(c);
		return;
	}
	look_at_taking(c, now_ms);
	/* Nobody would take it, and behind it its end would not be seen. */
	if (c->state == CLIENT_TAILS && c->conn.in.len > c->conn.used) {
		client_drop(c);
		return;
	}
	if (c->state != CLIENT_RESTS)
		return;
	got = conn_next(&c->conn, &f);
	if (got < 0 || (got > 0 && !take_question(cs, c, &f, now_ms)))
		client_drop(c);
}

void
client_answered(struct client *c, int64_t now_ms)
{
	client_enter(c, CLIENT_TAKES, now_ms);
}

void
client_refuse(struct client *c, enum end_status status, int64_t now_ms)
{
	size_t mark = conn_mark(&c->conn);

	end_put(&c->conn.out, c->serial, status);
	(void)conn_keep(&c->conn, mark);
	client_answered(c, now_ms);
}

void
client_show(struct client *c, struct bytes frame)
{
	struct flows_head head;
	struct bytes block;
	size_t mark;

	if (flows_read(frame, &head, &block) != 0)
		return;
	head.dropped += c->dropped;
	if (conn_waiting(&c->conn) + block.len > TAIL_MAX) {
		c->dropped = head.dropped + head.nrows;
		return;
	}
	mark = conn_mark(&c->conn);
	flows_put(&c->conn.out, &head, block);
	c->dropped = conn_keep(&c->conn, mark) ? 0
					       : head.dropped + head.nrows;
}

/* Octets that wait for all but our own. */
static size_t
count_waiting(const struct clients *cs)
{
	size_t waiting = 0;

	for (size_t i = 0; i < CLIENTS; i++)
		waiting += conn_waiting(&cs->list[i].conn);
	return waiting;
}

/* Is it asked before this one, or is there none yet? */
static bool
is_before(const struct client *c, const struct client *next)
{
	if (next == NULL || c->own != next->own)
		return next == NULL || c->own;
	return c->turn < next->turn;
}

struct client *
clients_next(struct clients *cs, int64_t now_ms)
{
	struct client *next = NULL;

	for (size_t i = 0; i < CLIENTS_ALL; i++)
		if (cs->list[i].state == CLIENT_ASKS &&
		    is_before(&cs->list[i], next))
			next = &cs->list[i];
	if (next == NULL || next->own)
		return next;
	while (count_waiting(cs) >= CLIENTS_WAITING_MAX - OUT_MAX)
		if (!make_way(cs, CLIENT_TAKES, now_ms))
			return NULL;
	return next;
}

struct client *
clients_find(struct clients *cs, enum client_state state, uint32_t order)
{
	for (size_t i = 0; i < CLIENTS_ALL; i++)
		if (cs->list[i].state == state &&
		    (state != CLIENT_ORDERED || cs->list[i].order == order))
			return &cs->list[i];
	return NULL;
}

/* When its time is up; -1: never. */
static int64_t
end_of(const struct client *c)
{
	if (c->state == CLIENT_RESTS && !c->own)
		return c->since_ms + REST_MS;
	/* Our own is sent what it asked for, as slow as it may be. */
	if (is_taking(c) && !c->own)
		return stall_end_ms(&c->stall);
	return -1;
}

void
clients_expire(struct clients *cs, int64_t now_ms)
{
	for (size_t i = 0; i < CLIENTS_ALL; i++) {
		struct client *c = &cs->list[i];
		int64_t end_ms;

		look_at_taking(c, now_ms);
		end_ms = end_of(c);
		if (end_ms < 0 || now_ms < end_ms)
			continue;
		if (is_taking(c))
			drop_stalled(cs, c);
		else
			client_drop(c);
	}
}

/* A client waits for others to take theirs, or to be found too slow. */
static bool
somebody_asks(const struct clients *cs)
{
	for (size_t i = 0; i < CLIENTS_ALL; i++)
		if (cs->list[i].state == CLIENT_ASKS)
			return true;
	return false;
}

int
clients_timeout(const struct clients *cs, int64_t now_ms)
{
	int64_t least = somebody_asks(cs) ? now_ms + LOOK_MS : -1;

	for (size_t i = 0; i < CLIENTS_ALL; i++) {
		int64_t end_ms = end_of(&cs->list[i]);

		if (end_ms >= 0 && (least < 0 || end_ms < least))
			least = end_ms;
	}
	if (least < 0)
		return -1;
	return least > now_ms ? (int)(least - now_ms) : 0;
}
