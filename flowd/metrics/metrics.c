/* The process that serves metrics; see metrics.h. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "conn.h"
#include "http.h"
#include "imsg.h"
#include "log.h"
#include "metrics.h"
#include "proc.h"

enum {
	TEXT_MAX_OCTETS = 64 * 1024 * 1024,
	OUT_MAX = 1024,
	WAIT_MS = 5000, /* timeout of an answer of control */
	FRESH_MS = 1000 /* how long the text is cached */
};

struct metrics {
	int channel;
	bool started, exiting; /* IMSG_GO, IMSG_QUIT were received */
	struct http *http;
	struct conn control;
	uint32_t serial;
	struct http_text *text; /* the cached text; NULL: the query failed */
	int64_t text_ms; /* when it was made */
	uint64_t dropped; /* dropped clients that were logged */
};

/*
 * Handle a frame of the answer. Returns 1 at its end, 0 before, -1 if it is
 * invalid.
 */
static int
take_frame(const struct metrics *m, const struct frame *f, struct buf *text)
{
	if (f->serial != m->serial)
		return 0; /* of an earlier query */
	if (f->type == FRAME_TEXT) {
		buf_reset(text);
		buf_append(text, f->body.ptr, f->body.len);
		return 0;
	}
	if (f->type != FRAME_END)
		return -1;
	return end_read(f->body) == END_GOOD || end_read(f->body) == END_CUT
	    ? 1 : -1;
}

static int
take_frames(struct metrics *m, struct buf *text)
{
	struct frame f;
	int got, done = 0;

	while (done == 0 && (got = conn_next(&m->control, &f)) != 0)
		done = got < 0 ? -1 : take_frame(m, &f, text);
	return done;
}

/*
 * Query control, and wait: its answer has a timeout. Other scrapers wait as
 * well, since all get the same text.
 */
static bool
query_control(struct metrics *m, struct buf *text)
{
	const struct bytes nothing = { NULL, 0 };
	int64_t now_ms = clock_monotonic_ms(), end_ms = now_ms + WAIT_MS;
	int done = 0;

	frame_put(&m->control.out, FRAME_METRICS, ++m->serial, nothing);
	while (done == 0 && now_ms < end_ms && conn_handle(&m->control)) {
		struct pollfd pfd = { m->control.fd,
			conn_events(&m->control), 0 };

		done = take_frames(m, text);
		if (done == 0)
			(void)poll(&pfd, 1, (int)(end_ms - now_ms));
		now_ms = clock_monotonic_ms();
	}
	return done > 0 && text->len > 0 && buf_ok(text);
}

static void
drop_text(struct metrics *m)
{
	http_text_drop(m->text);
	m->text = NULL;
}

/* Replace the text. Clients that are reading the old one keep it. */
static void
update_text(struct metrics *m)
{
	drop_text(m);
	m->text = http_text_new(TEXT_MAX_OCTETS);
	if (m->text != NULL &&
	    (!conn_is_open(&m->control) || !query_control(m, &m->text->buf)))
		drop_text(m);
	m->text_ms = clock_monotonic_ms();
}

static struct http_text *
metrics_text(void *arg)
{
	struct metrics *m = arg;

	if (clock_monotonic_ms() >= m->text_ms + FRESH_MS)
		update_text(m);
	return m->text != NULL ? http_text_use(m->text) : NULL;
}

/* Log clients that were dropped since the last iteration. */
static void
log_dropped(struct metrics *m)
{
	uint64_t n = http_counters(m->http)->dropped;

	if (n > m->dropped)
		log_limited(
		    LOG_KIND_METRICS, "dropped %llu HTTP clients: too slow "
		    "to send a request, or to read the response",
		    (unsigned long long)(n - m->dropped));
	m->dropped = n;
}

/* Messages of the parent. Each function returns false on a fatal error. */

/* Take all sockets; the old ones and their clients are closed. */
static bool
handle_sockets(struct metrics *m, const struct imsg *msg)
{
	const struct http_options o = { .text = metrics_text, .arg = m };

	http_free(m->http);
	m->http = http_new(&o);
	m->dropped = 0;
	if (m->http == NULL)
		return false;
	for (uint32_t i = 0; i < msg->nfds; i++)
		if (http_listen(m->http, msg->fds[i]) != 0)
			(void)close(msg->fds[i]);
	return true;
}

static bool
handle_control_link(struct metrics *m, const struct imsg *msg)
{
	if (msg->nfds != 1)
		return false;
	conn_close(&m->control);
	conn_init(&m->control, msg->fds[0], TEXT_MAX_OCTETS, OUT_MAX);
	m->text_ms = -FRESH_MS;
	return true;
}

static bool
metrics_handle_imsg(void *arg, const struct imsg *msg)
{
	struct metrics *m = arg;

	switch (msg->type) {
	case IMSG_METRICS_SOCKETS:
		return handle_sockets(m, msg);
	case IMSG_CONTROL_LINK:
		return handle_control_link(m, msg);
	case IMSG_GO:
		m->started = true;
		return imsg_send_type(m->channel, IMSG_READY) == 0;
	case IMSG_QUIT:
		m->exiting = true;
		return true;
	default:
		log_error("unknown message type %u", (unsigned)msg->type);
		return false;
	}
}

static bool
metrics_loop(struct metrics *m)
{
	size_t nfds = http_nfds(m->http);
	struct pollfd *pfd = calloc(nfds + 1, sizeof(*pfd));
	bool good = pfd != NULL;

	while (good && !m->exiting) {
		int64_t now_ms = clock_monotonic_ms();

		log_tick();
		pfd[nfds] = (struct pollfd){ m->channel, POLLIN, 0 };
		http_fill(m->http, pfd, now_ms);
		if (poll(pfd, (nfds_t)(nfds + 1),
			timeout_min(log_timeout(),
			    http_timeout(m->http, now_ms))) < 0) {
			if (errno != EINTR)
				log_limited(LOG_KIND_POLL, "poll: %s",
				    strerror(errno));
			continue;
		}
		http_handle(m->http, pfd, clock_monotonic_ms());
		log_dropped(m);
		if (pfd[nfds].revents != 0)
			good = proc_dispatch(
			    m->channel, metrics_handle_imsg, m);
	}
	free(pfd);
	return good;
}

static bool
metrics_start(struct metrics *m)
{
	struct pollfd pfd = { m->channel, POLLIN, 0 };
	struct proc_start how;

	if (proc_receive_start(m->channel, &how) != 0 ||
	    proc_drop_privileges(&how, SANDBOX_CONTROL) != 0)
		return false;
	while (!m->started && !m->exiting)
		if (poll(&pfd, 1, -1) > 0 &&
		    !proc_dispatch(m->channel, metrics_handle_imsg, m))
			return false;
	return m->exiting || m->http != NULL;
}

int
metrics_main(int channel)
{
	struct metrics m = { .channel = channel, .control = { .fd = -1 },
		.text_ms = -FRESH_MS };
	bool good;

	good = metrics_start(&m) && (m.exiting || metrics_loop(&m));
	http_free(m.http);
	conn_close(&m.control);
	drop_text(&m);
	return !good;
}
