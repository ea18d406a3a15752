/* The clients of control; see clients.h. */
#include <sys/socket.h>
#include <unistd.h>

#include "clients.h"

enum {
	OUT_MAX = 64 * 1024 * 1024, /* octets of an answer */
	TAIL_MAX = 4 * 1024 * 1024, /* octets of flows that wait */
	REST_MS = 10000, /* for a question to come */
	TAKE_MS = 30000 /* without taking anything of its answer */
};

void
clients_init(struct clients *cs)
{
	*cs = (struct clients){ .turns = 0 };
	for (size_t i = 0; i < CLIENTS; i++)
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
	for (size_t i = 0; i < CLIENTS; i++)
		client_drop(&cs->list[i]);
}

void
client_enter(struct client *c, enum client_state s, int64_t now_ms)
{
	c->state = s;
	c->since_ms = now_ms;
	c->waited = conn_waiting(&c->conn);
}

/* A place that is free, or of the one who has rested longest. */
static struct client *
find_place(struct clients *cs)
{
	struct client *oldest = NULL;

	for (size_t i = 0; i < CLIENTS; i++) {
		struct client *c = &cs->list[i];

		if (c->state == CLIENT_FREE)
			return c;
		if (c->state == CLIENT_RESTS && !c->own &&
		    (oldest == NULL || c->since_ms < oldest->since_ms))
			oldest = c;
	}
	if (oldest != NULL)
		client_drop(oldest);
	return oldest;
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
	struct client *c = find_place(cs);

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

	for (size_t i = 0; i < CLIENTS; i++)
		n += cs->list[i].state == CLIENT_TAILS;
	return n;
}

bool
clients_tail(const struct clients *cs)
{
	return count_tails(cs) > 0;
}

/* What a question makes of its client; control.c does the rest. */
static const struct {
	enum client_state state; /* CLIENT_FREE: it is none */
	bool body; /* of struct ask */
} wants[FRAME_TYPES] = {
	[FRAME_ASK] = { CLIENT_ASKS, true },
	[FRAME_METRICS] = { CLIENT_ASKS, false },
	[FRAME_RELOAD] = { CLIENT_ORDERED, false },
	[FRAME_ROTATE] = { CLIENT_ORDERED, false },
	[FRAME_TAIL] = { CLIENT_TAILS, false },
};

static bool
take_question(
    struct clients *cs, struct client *c, const struct frame *f, int64_t now_ms)
{
	c->want = f->type;
	c->serial = f->serial;
	c->order = 0;
	c->dropped = 0;
	if (wants[f->type].state == CLIENT_FREE)
		return false;
	if (wants[f->type].body ? ask_read(f->body, &c->ask) != 0
				: f->body.len > 0)
		return false;
	if (f->type == FRAME_TAIL && count_tails(cs) == CLIENTS_TAIL)
		client_refuse(c, END_BUSY, now_ms);
	else
		client_enter(c, wants[f->type].state, now_ms);
	if (c->state == CLIENT_ASKS)
		c->turn = cs->turns++;
	return true;
}

/* Something of the answer was taken: there is time again. */
static void
note_progress(struct client *c, int64_t now_ms)
{
	size_t waiting = conn_waiting(&c->conn);

	if (waiting < c->waited)
		c->since_ms = now_ms;
	c->waited = waiting;
	if (c->state == CLIENT_TAKES && waiting == 0)
		client_enter(c, CLIENT_RESTS, now_ms);
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
	note_progress(c, now_ms);
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

struct client *
clients_next(struct clients *cs)
{
	struct client *next = NULL;
	size_t waiting = 0;

	for (size_t i = 0; i < CLIENTS; i++) {
		struct client *c = &cs->list[i];

		waiting += conn_waiting(&c->conn);
		if (c->state == CLIENT_ASKS &&
		    (next == NULL || c->turn < next->turn))
			next = c;
	}
	return waiting < CLIENTS_WAITING_MAX - OUT_MAX ? next : NULL;
}

struct client *
clients_find(struct clients *cs, enum client_state state, uint32_t order)
{
	for (size_t i = 0; i < CLIENTS; i++)
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
	if (c->state == CLIENT_TAKES)
		return c->since_ms + TAKE_MS;
	return -1;
}

void
clients_expire(struct clients *cs, int64_t now_ms)
{
	for (size_t i = 0; i < CLIENTS; i++) {
		int64_t end_ms = end_of(&cs->list[i]);

		if (end_ms >= 0 && now_ms >= end_ms)
			client_drop(&cs->list[i]);
	}
}

int
clients_timeout(const struct clients *cs, int64_t now_ms)
{
	int64_t least = -1;

	for (size_t i = 0; i < CLIENTS; i++) {
		int64_t end_ms = end_of(&cs->list[i]);

		if (end_ms >= 0 && (least < 0 || end_ms < least))
			least = end_ms;
	}
	if (least < 0)
		return -1;
	return least > now_ms ? (int)(least - now_ms) : 0;
}
