/* The clients of control; see clients.h. */
#include <sys/socket.h>
#include <unistd.h>

#include "clients.h"

enum {
	OUT_MAX = 64 * 1024 * 1024, /* octets of an answer */
	TAIL_MAX = 4 * 1024 * 1024, /* octets of flows in a send buffer */
	IDLE_MS = 10000, /* idle time before a query */
	LOOK_MS = 250 /* poll interval while a query waits for slow readers */
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
	stall_begin(&c->stall, conn_delivered(&c->conn), now_ms);
}

/* Is data sent to the client that may wait for it? */
static bool
is_reading(const struct client *c)
{
	return c->state == CLIENT_READS || c->state == CLIENT_TAILS;
}

/* Update the client's stall detection. */
static void
update_stall(struct client *c, int64_t now_ms)
{
	stall_update(&c->stall, conn_delivered(&c->conn),
	    !conn_is_drained(&c->conn), now_ms);
}

/* The worst reader in this state that must give way, or NULL. */
static struct client *
find_worst(struct clients *cs, enum client_state state, int64_t now_ms)
{
	struct stall_worst worst = { NULL, NULL };

	for (size_t i = 0; i < CLIENTS; i++) {
		struct client *c = &cs->list[i];

		if (c->state != state)
			continue;
		update_stall(c, now_ms);
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

/* Drop the worst reader in this state. False when there is none. */
static bool
drop_worst(struct clients *cs, enum client_state state, int64_t now_ms)
{
	struct client *worst = find_worst(cs, state, now_ms);

	if (worst != NULL)
		drop_stalled(cs, worst);
	return worst != NULL;
}

/* A free slot, or that of the client idle longest, or NULL. */
static struct client *
find_free(struct clients *cs)
{
	struct client *oldest = NULL;

	for (size_t i = 0; i < CLIENTS; i++) {
		struct client *c = &cs->list[i];

		if (c->state == CLIENT_FREE)
			return c;
		if (c->state == CLIENT_IDLE &&
		    (oldest == NULL || c->since_ms < oldest->since_ms))
			oldest = c;
	}
	if (oldest != NULL)
		client_drop(oldest);
	return oldest;
}

/* A slot for a new client; another client may be dropped for it. */
static struct client *
find_slot(struct clients *cs, bool is_metrics, int64_t now_ms)
{
	struct client *c = is_metrics ? &cs->list[CLIENTS] : find_free(cs);

	if (is_metrics)
		client_drop(c);
	if (c == NULL && (drop_worst(cs, CLIENT_READS, now_ms) ||
	    drop_worst(cs, CLIENT_TAILS, now_ms)))
		c = find_free(cs);
	return c;
}

/* Refuse a connection: a new socket has room for these octets. */
static void
refuse_connection(int fd)
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
clients_add(struct clients *cs, int fd, bool is_metrics, int64_t now_ms)
{
	struct client *c = find_slot(cs, is_metrics, now_ms);

	if (c == NULL) {
		refuse_connection(fd);
		return false;
	}
	*c = (struct client){ .is_metrics = is_metrics };
	conn_init(&c->conn, fd, FRAME_REQUEST_MAX, OUT_MAX);
	client_enter(c, CLIENT_IDLE, now_ms);
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
clients_any_tail(const struct clients *cs)
{
	return count_tails(cs) > 0;
}

/*
 * The requests: who may send each, and the state that it leads to; control.c
 * processes them. Metrics are reachable for everybody over HTTP, so that
 * process may query no more than it serves.
 */
static const struct {
	enum client_state state; /* CLIENT_FREE: not a request */
	bool body; /* has a struct ask as its body */
	bool by_metrics; /* allowed for the metrics process */
} requests[FRAME_TYPES] = {
	[FRAME_ASK] = { CLIENT_QUEUED, true, false },
	[FRAME_METRICS] = { CLIENT_QUEUED, false, true },
	[FRAME_RELOAD] = { CLIENT_ORDERED, false, false },
	[FRAME_ROTATE] = { CLIENT_ORDERED, false, false },
	[FRAME_TAIL] = { CLIENT_TAILS, false, false },
};

static bool
client_take_request(
    struct clients *cs, struct client *c, const struct frame *f, int64_t now_ms)
{
	c->request = f->type;
	c->serial = f->serial;
	c->order = 0;
	c->dropped = 0;
	if (requests[f->type].state == CLIENT_FREE ||
	    (c->is_metrics && !requests[f->type].by_metrics))
		return false;
	if (requests[f->type].body ? ask_read(f->body, &c->ask) != 0
				: f->body.len > 0)
		return false;
	if (f->type == FRAME_TAIL && count_tails(cs) == CLIENTS_TAIL &&
	    !drop_worst(cs, CLIENT_TAILS, now_ms))
		client_refuse(c, END_BUSY, now_ms);
	else
		client_enter(c, requests[f->type].state, now_ms);
	if (c->state == CLIENT_QUEUED)
		c->turn = cs->turns++;
	return true;
}

/* Update how much it has read; after the whole answer it is idle. */
static void
update_reading(struct client *c, int64_t now_ms)
{
	if (c->state == CLIENT_READS && conn_waiting(&c->conn) == 0)
		client_enter(c, CLIENT_IDLE, now_ms);
	else if (is_reading(c))
		update_stall(c, now_ms);
}

void
client_receive_query(struct clients *cs, struct client *c, int64_t now_ms)
{
	struct frame f;
	int got;

	if (!conn_handle(&c->conn)) {
		client_drop(c);
		return;
	}
	update_reading(c, now_ms);
	/* Input during a tail: it would hide the end of the connection. */
	if (c->state == CLIENT_TAILS && c->conn.in.len > c->conn.used) {
		client_drop(c);
		return;
	}
	if (c->state != CLIENT_IDLE)
		return;
	got = conn_next(&c->conn, &f);
	if (got < 0 || (got > 0 && !client_take_request(cs, c, &f, now_ms)))
		client_drop(c);
}

void
client_answered(struct client *c, int64_t now_ms)
{
	client_enter(c, CLIENT_READS, now_ms);
}

void
client_refuse(struct client *c, enum end_status status, int64_t now_ms)
{
	size_t mark = conn_mark(&c->conn);

	end_put(&c->conn.out, c->serial, status);
	(void)conn_commit(&c->conn, mark);
	client_answered(c, now_ms);
}

void
client_send_flows(struct client *c, struct bytes frame)
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
	c->dropped = conn_commit(&c->conn, mark) ? 0
					       : head.dropped + head.nrows;
}

/* Octets in all send buffers but that of metrics. */
static size_t
count_waiting(const struct clients *cs)
{
	size_t waiting = 0;

	for (size_t i = 0; i < CLIENTS; i++)
		waiting += conn_waiting(&cs->list[i].conn);
	return waiting;
}

/* Is c processed before next? next may be NULL. */
static bool
is_before(const struct client *c, const struct client *next)
{
	if (next == NULL || c->is_metrics != next->is_metrics)
		return next == NULL || c->is_metrics;
	return c->turn < next->turn;
}

struct client *
clients_next(struct clients *cs, int64_t now_ms)
{
	struct client *next = NULL;

	for (size_t i = 0; i < CLIENTS_ALL; i++)
		if (cs->list[i].state == CLIENT_QUEUED &&
		    is_before(&cs->list[i], next))
			next = &cs->list[i];
	if (next == NULL || next->is_metrics)
		return next;
	while (count_waiting(cs) >= CLIENTS_WAITING_MAX - OUT_MAX)
		if (!drop_worst(cs, CLIENT_READS, now_ms))
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

/* The deadline of the client; -1: none. */
static int64_t
deadline_of(const struct client *c)
{
	if (c->state == CLIENT_IDLE && !c->is_metrics)
		return c->since_ms + IDLE_MS;
	/* The metrics process has no deadline. */
	if (is_reading(c) && !c->is_metrics)
		return stall_end_ms(&c->stall);
	return -1;
}

void
clients_expire(struct clients *cs, int64_t now_ms)
{
	for (size_t i = 0; i < CLIENTS_ALL; i++) {
		struct client *c = &cs->list[i];
		int64_t end_ms;

		update_reading(c, now_ms);
		end_ms = deadline_of(c);
		if (end_ms < 0 || now_ms < end_ms)
			continue;
		if (is_reading(c))
			drop_stalled(cs, c);
		else
			client_drop(c);
	}
}

/* Is any query queued? */
static bool
any_queued(const struct clients *cs)
{
	for (size_t i = 0; i < CLIENTS_ALL; i++)
		if (cs->list[i].state == CLIENT_QUEUED)
			return true;
	return false;
}

int
clients_timeout(const struct clients *cs, int64_t now_ms)
{
	int64_t least = any_queued(cs) ? now_ms + LOOK_MS : -1;

	for (size_t i = 0; i < CLIENTS_ALL; i++) {
		int64_t end_ms = deadline_of(&cs->list[i]);

		if (end_ms >= 0 && (least < 0 || end_ms < least))
			least = end_ms;
	}
	if (least < 0)
		return -1;
	return least > now_ms ? (int)(least - now_ms) : 0;
}
