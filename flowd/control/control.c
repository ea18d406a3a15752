/* The process that flowctl talks to; see control.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clients.h"
#include "clock.h"
#include "control.h"
#include "fanout.h"
#include "imsg.h"
#include "log.h"
#include "proc.h"

enum {
	ACCEPTS = 16, /* per iteration */
	PAUSE_MS = 1000, /* pause after accept(2) failed */

	POLL_CHANNEL = 0,
	POLL_LISTENER,
	POLL_PEERS,
	POLL_CLIENTS = POLL_PEERS + CONTROL_PEERS,
	POLL_COUNT = POLL_CLIENTS + CLIENTS_ALL
};

struct control {
	int channel;
	bool started, exiting; /* IMSG_GO, IMSG_QUIT were received */
	int listener; /* -1: there is none */
	int64_t accept_ms; /* no accept(2) before */
	struct peers peers;
	struct clients clients;
	struct fanout fanout;
	uint32_t orders;
	uint64_t stalled; /* stalled clients that were logged */
	struct pollfd pfd[POLL_COUNT];
};

/* Messages of the parent. Each function returns false on a fatal error. */

static bool
handle_control_socket(struct control *k, const struct imsg *msg)
{
	if (k->listener != -1)
		(void)close(k->listener);
	k->listener = msg->nfds == 1 ? msg->fds[0] : -1;
	return true;
}

static bool
handle_peer(struct control *k, const struct imsg *msg)
{
	struct imsg_peer id;

	if (msg->nfds != 1 || msg->len != sizeof(id))
		return false;
	memcpy(&id, msg->data, sizeof(id));
	return peers_adopt(&k->peers, &id, msg->fds[0]);
}

static bool
handle_metrics_link(struct control *k, const struct imsg *msg)
{
	if (msg->nfds != 1)
		return false;
	(void)clients_add(&k->clients, msg->fds[0], true, clock_monotonic_ms());
	return true;
}

static bool
control_handle_imsg(void *arg, const struct imsg *msg)
{
	struct control *k = arg;

	switch (msg->type) {
	case IMSG_CONTROL_SOCKET:
		return handle_control_socket(k, msg);
	case IMSG_PEER:
		return handle_peer(k, msg);
	case IMSG_METRICS_LINK:
		return handle_metrics_link(k, msg);
	case IMSG_GO:
		k->started = true;
		return imsg_send_type(k->channel, IMSG_READY) == 0;
	case IMSG_QUIT:
		k->exiting = true;
		return true;
	default:
		log_error("unknown message type %u", (unsigned)msg->type);
		return false;
	}
}

/* Orders go to the parent, and results back to the client. */

static void
order_send(struct control *k, struct client *c)
{
	const struct bytes nothing = { NULL, 0 };
	struct peer *parent = peers_find(&k->peers, PROC_KINDS);
	size_t mark;

	if (parent == NULL) {
		client_refuse(c, END_FAILED, clock_monotonic_ms());
		return;
	}
	k->orders = (k->orders + 1) % PEER_ORDER;
	c->order = PEER_ORDER | k->orders;
	mark = conn_mark(&parent->conn);
	frame_put(&parent->conn.out, c->request, c->order, nothing);
	if (!conn_commit(&parent->conn, mark))
		client_refuse(c, END_BUSY, clock_monotonic_ms());
}

/* Pass the result to the client that gave the order, if it waits. */
static void
order_result(struct control *k, const struct frame *f)
{
	struct client *c =
	    clients_find(&k->clients, CLIENT_ORDERED, f->serial);
	size_t mark;

	if (c == NULL)
		return;
	mark = conn_mark(&c->conn);
	frame_put(&c->conn.out, f->type, c->serial, f->body);
	if (!conn_commit(&c->conn, mark))
		client_drop(c);
	else if (f->type == FRAME_END)
		client_answered(c, clock_monotonic_ms());
}

/* Peers. */

static void
send_flows(struct control *k, const struct frame *f)
{
	for (size_t i = 0; i < CLIENTS_ALL; i++)
		if (k->clients.list[i].state == CLIENT_TAILS)
			client_send_flows(&k->clients.list[i], f->body);
}

/* Returns false for a frame that is malformed or not allowed. */
static bool
peer_take_frame(struct control *k, struct peer *from, const struct frame *f)
{
	if (!peer_may_send(from, f))
		return false;
	if (f->serial & PEER_ORDER)
		order_result(k, f);
	else if (f->type == FRAME_FLOWS)
		send_flows(k, f);
	else
		return fanout_take(&k->fanout, from, f);
	return true;
}

static void
peer_handle(struct control *k, struct peer *p)
{
	struct frame f;
	int got = 0;

	if (!conn_handle(&p->conn))
		return;
	while ((got = conn_next(&p->conn, &f)) > 0)
		if (!peer_take_frame(k, p, &f)) {
			got = FLOWD_EFORMAT;
			break;
		}
	if (got >= 0)
		return;
	log_limited(LOG_KIND_CONTROL,
	    "disconnected the %.*s: it sent a frame that is invalid or not "
	    "allowed", (int)sizeof(p->id.name), p->id.name);
	conn_close(&p->conn);
}

/* Clients. */

static bool
client_accept(struct control *k, int fd, int64_t now_ms)
{
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	if (clients_add(&k->clients, fd, false, now_ms))
		return true;
	log_limited(LOG_KIND_CONTROL,
	    "refused a client: more than %d are connected", CLIENTS);
	return false;
}

static void
accept_clients(struct control *k, int64_t now_ms)
{
	for (int i = 0; i < ACCEPTS; i++) {
		int fd = accept(k->listener, NULL, NULL);

		if (fd != -1) {
			(void)client_accept(k, fd, now_ms);
			continue;
		}
		if (errno == EAGAIN || errno == EWOULDBLOCK)
			return;
		if (errno != EINTR && errno != ECONNABORTED) {
			log_limited(LOG_KIND_CONTROL, "accept: %s",
			    strerror(errno));
			k->accept_ms = now_ms + PAUSE_MS;
			return;
		}
	}
}

static void
client_handle(struct control *k, struct client *c, int64_t now_ms)
{
	client_receive_query(&k->clients, c, now_ms);
	if (c->state == CLIENT_ORDERED && c->order == 0)
		order_send(k, c);
}

/* Log clients that were dropped since the last iteration. */
static void
log_stalled(struct control *k)
{
	uint64_t n = k->clients.stalled - k->stalled;

	k->stalled = k->clients.stalled;
	if (n > 0)
		log_limited(LOG_KIND_CONTROL,
		    "dropped %llu clients that did not read their answer",
		    (unsigned long long)n);
}

/* Finish the query in progress, and start the next one. */
static void
control_run_queries(struct control *k, int64_t now_ms)
{
	struct client *c =
	    clients_find(&k->clients, CLIENT_ACTIVE, 0);
	struct ask metrics = { .kinds = fanout_metric_kinds(),
		.metrics = true };

	if (c == NULL)
		fanout_drop(&k->fanout);
	if (k->fanout.going && fanout_over(&k->fanout, &k->peers, now_ms)) {
		if (c->request == FRAME_METRICS)
			fanout_metrics(&k->fanout, &c->conn, c->serial);
		else
			fanout_reports(&k->fanout, &c->conn, c->serial);
		client_answered(c, now_ms);
	}
	if (k->fanout.going || (c = clients_next(&k->clients, now_ms)) == NULL)
		return;
	client_enter(c, CLIENT_ACTIVE, now_ms);
	fanout_begin(&k->fanout, &k->peers,
	    c->request == FRAME_METRICS ? &metrics : &c->ask, now_ms);
}

/* The loop. */

static int
ms_until(int64_t when_ms, int64_t now_ms)
{
	return when_ms > now_ms ? (int)(when_ms - now_ms) : 0;
}

static int
control_timeout(const struct control *k, int64_t now_ms)
{
	int timeout = timeout_min(log_timeout(), clients_timeout(&k->clients,
						now_ms));

	if (k->accept_ms > now_ms)
		timeout = timeout_min(timeout, ms_until(k->accept_ms, now_ms));
	if (k->fanout.going)
		timeout = timeout_min(
		    timeout, ms_until(k->fanout.until_ms, now_ms));
	return timeout;
}

static void
fill_pollfds(struct control *k, int64_t now_ms)
{
	k->pfd[POLL_CHANNEL] = (struct pollfd){ k->channel, POLLIN, 0 };
	k->pfd[POLL_LISTENER] = (struct pollfd){
		now_ms >= k->accept_ms ? k->listener : -1, POLLIN, 0 };
	for (size_t i = 0; i < CONTROL_PEERS; i++) {
		const struct peer *p = &k->peers.list[i];

		k->pfd[POLL_PEERS + i] = (struct pollfd){ .fd = -1 };
		if (i < k->peers.n)
			k->pfd[POLL_PEERS + i] = (struct pollfd){
				p->conn.fd, conn_events(&p->conn), 0 };
	}
	for (size_t i = 0; i < CLIENTS_ALL; i++) {
		const struct client *c = &k->clients.list[i];

		k->pfd[POLL_CLIENTS + i] = (struct pollfd){
			c->conn.fd, conn_events(&c->conn), 0 };
	}
}

/* Handle all events of poll(2); entries do not move meanwhile. */
static void
handle_events(struct control *k, int64_t now_ms)
{
	for (size_t i = 0; i < k->peers.n; i++)
		if (k->pfd[POLL_PEERS + i].revents != 0)
			peer_handle(k, &k->peers.list[i]);
	for (size_t i = 0; i < CLIENTS_ALL; i++)
		if (k->pfd[POLL_CLIENTS + i].revents != 0)
			client_handle(k, &k->clients.list[i], now_ms);
	if (k->pfd[POLL_LISTENER].revents != 0)
		accept_clients(k, now_ms);
}

static bool
control_loop(struct control *k)
{
	while (!k->exiting) {
		int64_t now_ms = clock_monotonic_ms();

		log_tick();
		fill_pollfds(k, now_ms);
		if (poll(k->pfd, POLL_COUNT, control_timeout(k, now_ms)) < 0) {
			if (errno != EINTR)
				log_limited(LOG_KIND_POLL, "poll: %s",
				    strerror(errno));
			continue;
		}
		now_ms = clock_monotonic_ms();
		handle_events(k, now_ms);
		if (k->pfd[POLL_CHANNEL].revents != 0 &&
		    !proc_dispatch(k->channel, control_handle_imsg, k))
			return false;
		clients_expire(&k->clients, now_ms);
		control_run_queries(k, now_ms);
		log_stalled(k);
		peers_tail(&k->peers, clients_any_tail(&k->clients));
	}
	return true;
}

/* Handle messages up to IMSG_GO. */
static bool
control_start(struct control *k)
{
	struct pollfd pfd = { k->channel, POLLIN, 0 };
	struct proc_start how;

	if (proc_receive_start(k->channel, &how) != 0 ||
	    proc_drop_privileges(&how, SANDBOX_CONTROL) != 0)
		return false;
	while (!k->started && !k->exiting)
		if (poll(&pfd, 1, -1) > 0 &&
		    !proc_dispatch(k->channel, control_handle_imsg, k))
			return false;
	return true;
}

int
control_main(int channel)
{
	static struct control k;
	bool good;

	k.channel = channel;
	k.listener = -1;
	clients_init(&k.clients);
	good = control_start(&k) && control_loop(&k);
	fanout_drop(&k.fanout);
	clients_fini(&k.clients);
	peers_fini(&k.peers);
	return !good;
}
