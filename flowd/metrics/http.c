/* A small HTTP server; see http.h. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "http.h"
#include "http_request.h"
#include "sock.h"
#include "stall.h"

enum {
	CLIENTS = 16,
	REQUEST_MS = 5000,
	LINGER_MS = 1000, /* for the client to close first */
	LOOK_MS = 250, /* check for slow readers when all slots are taken */
	SHORT_MAX = 256, /* octets of an error text */
	PAUSE_MS = 1000, /* when no connection can be accepted */
	ACCEPT_TURN = 16, /* connections accepted per iteration */
	HEAD_ROOM = 512 /* octets of a response header */
};

/* A client goes through these in their order. */
enum http_client_state {
	HTTP_CLIENT_FREE,
	HTTP_CLIENT_READS, /* reads the request */
	HTTP_CLIENT_WRITES, /* writes the response */
	HTTP_CLIENT_LINGERS /* waits for the client to close; avoids a reset */
};

struct http_client {
	enum http_client_state state;
	int fd;
	int64_t since_ms; /* when it entered the state */
	int64_t until_ms; /* deadline, except while writing */
	struct stall stall;
	size_t len; /* octets received in request */
	uint8_t request[HTTP_HEAD_MAX];
	char head[HEAD_ROOM];
	size_t head_len;
	struct http_text *text; /* NULL: out of memory, header only */
	size_t body_len; /* octets of text to send; 0 for HEAD */
	size_t sent; /* octets sent of head and body */
};

struct http {
	struct http_options o;
	int listen[HTTP_LISTEN_MAX];
	size_t nlisten;
	int64_t pause_ms; /* no accept(2) before */
	struct http_client *clients;
	struct http_counters counters;
};

static const char metrics_type[] =
    "text/plain; version=0.0.4; charset=utf-8";
static const char plain_type[] = "text/plain; charset=utf-8";

static const struct reason {
	enum http_status status;
	const char *text;
	const char *fields; /* header lines, each with CRLF */
} reasons[] = {
	{ HTTP_OK, "OK", "" },
	{ HTTP_BAD_REQUEST, "Bad Request", "" },
	{ HTTP_NOT_FOUND, "Not Found", "" },
	{ HTTP_NOT_ALLOWED, "Method Not Allowed", "Allow: GET, HEAD\r\n" },
	{ HTTP_TIMEOUT, "Request Timeout", "" },
	{ HTTP_TOO_LARGE, "Request Header Fields Too Large", "" },
	{ HTTP_UNAVAILABLE, "Service Unavailable", "" },
	{ HTTP_BAD_VERSION, "HTTP Version Not Supported", "" },
};

enum { NREASONS = sizeof(reasons) / sizeof(reasons[0]) };

struct http_text *
http_text_new(size_t max)
{
	struct http_text *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->users = 1;
	buf_init(&t->buf, max);
	return t;
}

struct http_text *
http_text_use(struct http_text *t)
{
	t->users++;
	return t;
}

void
http_text_drop(struct http_text *t)
{
	if (t == NULL || --t->users > 0)
		return;
	buf_fini(&t->buf);
	free(t);
}

struct http *
http_new(const struct http_options *o)
{
	struct http *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	h->o = *o;
	if (h->o.clients == 0)
		h->o.clients = CLIENTS;
	if (h->o.request_ms == 0)
		h->o.request_ms = REQUEST_MS;
	h->clients = calloc(h->o.clients, sizeof(*h->clients));
	if (h->clients != NULL)
		return h;
	free(h);
	return NULL;
}

static void
client_close(struct http_client *c)
{
	if (c->state == HTTP_CLIENT_FREE)
		return;
	(void)close(c->fd);
	http_text_drop(c->text);
	c->text = NULL;
	c->state = HTTP_CLIENT_FREE;
}

void
http_free(struct http *h)
{
	if (h == NULL)
		return;
	for (size_t i = 0; i < h->o.clients; i++)
		client_close(&h->clients[i]);
	for (size_t i = 0; i < h->nlisten; i++)
		(void)close(h->listen[i]);
	free(h->clients);
	free(h);
}

int
http_listen(struct http *h, int fd)
{
	if (h->nlisten == HTTP_LISTEN_MAX)
		return -1;
	h->listen[h->nlisten++] = fd;
	return 0;
}

static void
client_enter(struct http_client *c, enum http_client_state state,
    int64_t now_ms, int64_t for_ms)
{
	c->state = state;
	c->since_ms = now_ms;
	c->until_ms = now_ms + for_ms;
}

static void
update_stall(struct http_client *c, int64_t now_ms)
{
	stall_update(&c->stall,
	    (int64_t)c->sent - (int64_t)sock_unread(c->fd), true, now_ms);
}

/* The worst reader of its response, if it must give way; or NULL. */
static struct http_client *
find_worst(struct http *h, int64_t now_ms)
{
	struct stall_worst worst = { NULL, NULL };

	for (size_t i = 0; i < h->o.clients; i++) {
		struct http_client *c = &h->clients[i];

		if (c->state != HTTP_CLIENT_WRITES)
			continue;
		update_stall(c, now_ms);
		stall_compare(&worst, &c->stall, c, now_ms);
	}
	return stall_victim(&worst, now_ms);
}

/*
 * A free slot; or the client that has been waiting for its request longest; or
 * the worst reader. NULL when there is none.
 */
static struct http_client *
find_slot(struct http *h, int64_t now_ms)
{
	struct http_client *oldest = NULL;

	for (size_t i = 0; i < h->o.clients; i++) {
		struct http_client *c = &h->clients[i];

		if (c->state == HTTP_CLIENT_FREE)
			return c;
		if (c->state != HTTP_CLIENT_WRITES &&
		    (oldest == NULL || c->since_ms < oldest->since_ms))
			oldest = c;
	}
	return oldest != NULL ? oldest : find_worst(h, now_ms);
}

/* Add a client. Returns NULL, with fd closed, when all slots are taken. */
static struct http_client *
client_open(struct http *h, int fd, int64_t now_ms)
{
	struct http_client *c = find_slot(h, now_ms);

	h->counters.accepted++;
	if (c == NULL || fcntl(fd, F_SETFL, O_NONBLOCK) != 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
		h->counters.dropped++;
		(void)close(fd);
		return NULL;
	}
	h->counters.dropped += c->state == HTTP_CLIENT_READS ||
	    c->state == HTTP_CLIENT_WRITES;
	client_close(c);
	c->fd = fd;
	c->len = c->head_len = c->body_len = c->sent = 0;
	client_enter(c, HTTP_CLIENT_READS, now_ms, h->o.request_ms);
	return c;
}

void
http_add(struct http *h, int fd, int64_t now_ms)
{
	(void)client_open(h, fd, now_ms);
}

/* IMF-fixdate (RFC 9110, 5.6.7). Our programs use the C locale only. */
static void
format_date(char *text, size_t size)
{
	time_t now = time(NULL);
	struct tm tm;

	if (gmtime_r(&now, &tm) == NULL ||
	    strftime(text, size, "%a, %d %b %Y %H:%M:%S GMT", &tm) == 0)
		text[0] = '\0';
}

static const struct reason *
find_reason(enum http_status status)
{
	for (size_t i = 0; i < NREASONS; i++)
		if (reasons[i].status == status)
			return &reasons[i];
	return &reasons[1];
}

/* Write the header for the body. For HEAD the body is not sent. */
static void
make_head(struct http_client *c, const struct reason *r, const char *type,
    enum http_method method)
{
	char date[64];

	format_date(date, sizeof(date));
	c->head_len = (size_t)snprintf(c->head, sizeof(c->head),
	    "HTTP/1.1 %d %s\r\nDate: %s\r\nContent-Type: %s\r\n"
	    "Content-Length: %zu\r\nX-Content-Type-Options: nosniff\r\n"
	    "%sConnection: close\r\n\r\n",
	    (int)r->status, r->text, date, type, c->body_len, r->fields);
	if (method == HTTP_HEAD)
		c->body_len = 0;
}

/* A one-line body; NULL when out of memory. */
static struct http_text *
short_text(const char *line, int number)
{
	struct http_text *t = http_text_new(SHORT_MAX);

	if (t != NULL && number != 0)
		buf_printf(&t->buf, "%d ", number);
	if (t != NULL)
		buf_printf(&t->buf, "%s\n", line);
	return t;
}

/* Takes ownership of text; NULL for any status but HTTP_OK. */
static void
client_answer(struct http *h, struct http_client *c, enum http_status status,
    const char *type, struct http_text *text, enum http_method method,
    int64_t now_ms)
{
	const struct reason *r = find_reason(status);

	if (status == HTTP_OK)
		h->counters.answered++;
	else
		h->counters.refused++;
	c->text = text != NULL ? text : short_text(r->text, (int)r->status);
	c->body_len = c->text != NULL ? c->text->buf.len : 0;
	make_head(c, r, type, method);
	client_enter(c, HTTP_CLIENT_WRITES, now_ms, 0);
	stall_begin(&c->stall, 0, now_ms);
	stall_update(&c->stall, 0, true, now_ms);
}

/* Send an error response. */
static void
client_refuse(struct http *h, struct http_client *c, enum http_status status,
    enum http_method method, int64_t now_ms)
{
	client_answer(h, c, status, plain_type, NULL, method, now_ms);
}

/* Resources by path. Without a text the response is 503. */
static struct http_text *
get_metrics(struct http *h)
{
	return h->o.text(h->o.arg);
}

static struct http_text *
get_root(struct http *h)
{
	(void)h;
	return short_text("flowd: metrics are at /metrics", 0);
}

static const struct resource {
	const char *path;
	const char *type;
	struct http_text *(*get)(struct http *h);
} resources[] = {
	{ "/metrics", metrics_type, get_metrics },
	{ "/", plain_type, get_root },
};

static const struct resource *
find_resource(struct bytes path)
{
	for (size_t i = 0; i < sizeof(resources) / sizeof(resources[0]); i++)
		if (strlen(resources[i].path) == path.len &&
		    memcmp(resources[i].path, path.ptr, path.len) == 0)
			return &resources[i];
	return NULL;
}

static void
client_answer_request(struct http *h, struct http_client *c,
    const struct http_request *req, int64_t now_ms)
{
	const struct resource *res = NULL;
	enum http_status status = req->status;
	struct http_text *text = NULL;

	if (status == 0 && (res = find_resource(req->path)) == NULL)
		status = HTTP_NOT_FOUND;
	else if (res != NULL && req->method == HTTP_OTHER)
		status = HTTP_NOT_ALLOWED;
	else if (res != NULL && (text = res->get(h)) == NULL)
		status = HTTP_UNAVAILABLE;
	if (text != NULL)
		client_answer(h, c, HTTP_OK, res->type, text, req->method,
		    now_ms);
	else
		client_refuse(h, c, status, req->method, now_ms);
}

static bool
is_temporary(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

/* As read(2), but 0 for a broken connection, too. */
static ssize_t
client_receive(struct http_client *c, uint8_t *p, size_t size)
{
	ssize_t n = recv(c->fd, p, size, 0);

	return n < 0 && !is_temporary(errno) ? 0 : n;
}

static void
client_read(struct http *h, struct http_client *c, int64_t now_ms)
{
	ssize_t n = client_receive(
	    c, c->request + c->len, sizeof(c->request) - c->len);
	struct http_request req;

	if (n < 0)
		return;
	if (n == 0) {
		client_close(c);
		return;
	}
	c->len += (size_t)n;
	if (http_request_parse((struct bytes){ c->request, c->len }, &req))
		client_answer_request(h, c, &req, now_ms);
	else if (c->len == sizeof(c->request))
		client_refuse(h, c, HTTP_TOO_LARGE, HTTP_GET, now_ms);
}

/* The unsent parts of the response. Returns how many. */
static int
unsent_parts(struct http_client *c, struct iovec iov[2])
{
	size_t skip = c->sent;
	int n = 0;

	if (skip < c->head_len) {
		iov[n].iov_base = c->head + skip;
		iov[n++].iov_len = c->head_len - skip;
		skip = 0;
	} else {
		skip -= c->head_len;
	}
	if (skip < c->body_len) {
		iov[n].iov_base = c->text->buf.ptr + skip;
		iov[n++].iov_len = c->body_len - skip;
	}
	return n;
}

static void
client_write(struct http *h, struct http_client *c, int64_t now_ms)
{
	struct iovec iov[2];
	struct msghdr msg = { .msg_iov = iov };
	ssize_t n;

	msg.msg_iovlen = (size_t)unsent_parts(c, iov);
	n = sendmsg(c->fd, &msg, MSG_NOSIGNAL);
	if (n < 0) {
		if (is_temporary(errno))
			return;
		h->counters.dropped++;
		client_close(c);
		return;
	}
	c->sent += (size_t)n;
	if (c->sent < c->head_len + c->body_len)
		return;
	(void)shutdown(c->fd, SHUT_WR);
	http_text_drop(c->text);
	c->text = NULL;
	client_enter(c, HTTP_CLIENT_LINGERS, now_ms, LINGER_MS);
}

/*
 * Drain input before closing: unread input would reset the connection before
 * the client has read the response.
 */
static void
client_linger(struct http_client *c)
{
	uint8_t rest[4096];

	if (client_receive(c, rest, sizeof(rest)) == 0)
		client_close(c);
}

static void
client_expire(struct http *h, struct http_client *c, int64_t now_ms)
{
	if (c->state == HTTP_CLIENT_READS && c->len > 0) {
		client_refuse(h, c, HTTP_TIMEOUT, HTTP_GET, now_ms);
		return;
	}
	h->counters.dropped += c->state != HTTP_CLIENT_LINGERS;
	client_close(c);
}

/* The deadline of a client. */
static int64_t
deadline_of(const struct http_client *c)
{
	return c->state == HTTP_CLIENT_WRITES ? stall_end_ms(&c->stall)
					 : c->until_ms;
}

static void
client_handle(struct http *h, struct http_client *c, int64_t now_ms)
{
	switch (c->state) {
	case HTTP_CLIENT_FREE:
		break;
	case HTTP_CLIENT_READS:
		client_read(h, c, now_ms);
		break;
	case HTTP_CLIENT_WRITES:
		client_write(h, c, now_ms);
		break;
	case HTTP_CLIENT_LINGERS:
		client_linger(c);
		break;
	}
}

/*
 * Accept a client and read at once: a client whose request is here already is
 * answered even under a flood of connections.
 */
static bool
accept_client(struct http *h, int fd, int64_t now_ms)
{
	int client = accept(fd, NULL, NULL);
	struct http_client *c;

	if (client < 0)
		return false;
	c = client_open(h, client, now_ms);
	if (c != NULL)
		client_read(h, c, now_ms);
	return true;
}

/*
 * Accept clients; pause when out of descriptors or memory, or the loop would
 * spin.
 */
static void
accept_clients(struct http *h, int fd, int64_t now_ms)
{
	for (int i = 0; i < ACCEPT_TURN && find_slot(h, now_ms) != NULL; i++) {
		if (accept_client(h, fd, now_ms))
			continue;
		if (!is_temporary(errno) && errno != ECONNABORTED)
			h->pause_ms = now_ms + PAUSE_MS;
		break;
	}
}

size_t
http_nfds(const struct http *h)
{
	return HTTP_LISTEN_MAX + h->o.clients;
}

/* Are all slots taken by clients that read their responses? */
static bool
is_full(struct http *h, int64_t now_ms)
{
	return find_slot(h, now_ms) == NULL;
}

void
http_fill(struct http *h, struct pollfd *pfd, int64_t now_ms)
{
	bool accepts = now_ms >= h->pause_ms && !is_full(h, now_ms);

	for (size_t i = 0; i < HTTP_LISTEN_MAX; i++)
		pfd[i] = (struct pollfd){
			.fd = accepts && i < h->nlisten ? h->listen[i] : -1,
			.events = POLLIN,
		};
	for (size_t i = 0; i < h->o.clients; i++) {
		const struct http_client *c = &h->clients[i];

		pfd[HTTP_LISTEN_MAX + i] = (struct pollfd){
			.fd = c->state == HTTP_CLIENT_FREE ? -1 : c->fd,
			.events =
			    c->state == HTTP_CLIENT_WRITES ? POLLOUT : POLLIN,
		};
	}
}

void
http_handle(struct http *h, const struct pollfd *pfd, int64_t now_ms)
{
	for (size_t i = 0; i < h->o.clients; i++) {
		struct http_client *c = &h->clients[i];

		if (pfd[HTTP_LISTEN_MAX + i].revents != 0)
			client_handle(h, c, now_ms);
		if (c->state == HTTP_CLIENT_WRITES)
			update_stall(c, now_ms);
		if (c->state != HTTP_CLIENT_FREE && now_ms >= deadline_of(c))
			client_expire(h, c, now_ms);
	}
	/* Last: a reused slot must not get the events of its old client. */
	for (size_t i = 0; i < h->nlisten; i++)
		if (pfd[i].revents != 0)
			accept_clients(h, h->listen[i], now_ms);
}

int
http_timeout(struct http *h, int64_t now_ms)
{
	int64_t least = INT64_MAX;

	if (h->nlisten > 0 && h->pause_ms > now_ms)
		least = h->pause_ms;
	else if (h->nlisten > 0 && is_full(h, now_ms))
		least = now_ms + LOOK_MS;
	for (size_t i = 0; i < h->o.clients; i++)
		if (h->clients[i].state != HTTP_CLIENT_FREE &&
		    deadline_of(&h->clients[i]) < least)
			least = deadline_of(&h->clients[i]);
	if (least == INT64_MAX)
		return -1;
	least -= now_ms;
	return least < 0 ? 0 : least < INT_MAX ? (int)least : INT_MAX;
}

const struct http_counters *
http_counters(const struct http *h)
{
	return &h->counters;
}
