/* The daemon; see daemon.h. Test: test/program/test_flowd.py. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "daemon.h"
#include "daemonlog.h"
#include "engine.h"
#include "forward.h"
#include "listener.h"
#include "logfile.h"
#include "pause.h"
#include "pidfile.h"
#include "process.h"
#include "recv.h"
#include "signals.h"
#include "stats.h"

enum {
	DRAIN_TURNS = 64, /* at the end: more than a socket's buffer */
	DECODE_SOME = 128, /* datagrams, then the sockets are looked at */
	RETRY_MS = 200, /* how often a log that failed is tried */

	POLL_SIGNALS = 0, /* places in daemon.pfd */
	POLL_LOG,
	POLL_LISTENERS
};

struct daemon {
	const struct conf_request *req;
	struct conf *conf;
	struct listeners listeners;
	struct forwards forwards;
	struct inbox inbox;
	struct pause pause;
	uint64_t received; /* datagrams of all listeners */
	struct engine engine;
	struct logfile log;
	struct pollfd *pfd; /* room for CONF_LISTEN_MAX listeners */
	int signals;
	bool asked; /* for statistics */
	struct log_limit limit; /* of a listener's errors */
};

static void
write_log(struct bytes records, void *arg)
{
	struct logfile *lf = arg;

	logfile_put(lf, records);
}

/* Everything that is polled; done anew when the listeners change. */
static void
watch(struct daemon *d)
{
	struct pollfd *pfd = d->pfd;

	pfd[POLL_SIGNALS] = (struct pollfd){ d->signals, POLLIN, 0 };
	pfd[POLL_LOG] = (struct pollfd){ -1, POLLOUT, 0 };
	for (size_t i = 0; i < d->listeners.n; i++)
		pfd[POLL_LISTENERS + i] =
		    (struct pollfd){ d->listeners.list[i].fd, POLLIN, 0 };
	pause_init(&d->pause, listeners_rcvbuf(&d->listeners));
}

/* Returns true when there may be more. */
static bool
receive(struct daemon *d, struct listener *l)
{
	char text[ENDPOINT_TEXT_MAX];
	uint64_t before = l->counters.datagrams;
	int rc = recv_drain(l->fd, &d->inbox, &l->counters);

	if (rc < 0 && log_due(&d->limit))
		log_warn("cannot receive on %s: %s",
		    endpoint_format(&l->at, text), strerror(errno));
	d->received += l->counters.datagrams - before;
	return rc > 0;
}

/* Of what flow sources sent, before anything is made of it. */
static void
forward(struct daemon *d, const struct datagram *list, size_t n)
{
	const struct datagram *let_in[DECODE_SOME];
	size_t nlet_in = 0;

	for (size_t i = 0; i < n; i++)
		if (conf_permits(d->conf, &list[i].src))
			let_in[nlet_in++] = &list[i];
	forwards_send(&d->forwards, let_in, nlet_in);
}

static void
decode_some(struct daemon *d)
{
	const struct datagram *list;
	size_t n;

	list = inbox_take(&d->inbox, DECODE_SOME, &n);
	if (d->forwards.n > 0)
		forward(d, list, n);
	for (size_t i = 0; i < n; i++)
		engine_take(&d->engine, &list[i]);
}

static void
reopen_log(struct daemon *d)
{
	struct flowd_error err;

	log_debug("log reopen requested");
	logfile_flush(&d->log);
	if (logfile_reopen(&d->log, d->conf->logfile, &err) != 0)
		log_error("%s; still writing to the old file", err.text);
}

static size_t
backlog(const struct conf *conf)
{
	return conf->backlog != 0 ? conf->backlog : INBOX_DEFAULT;
}

/* When listening fails the old collectors are taken again. */
static int
open_sockets(struct daemon *d, const struct conf *conf)
{
	const struct listen_plan plan = { .listen = conf->listen,
		.nlisten = conf->nlisten,
		.groups = conf->groups,
		.ngroups = conf->ngroups };

	if (forwards_update(&d->forwards, conf->forward, conf->nforward) != 0)
		return -1;
	if (listeners_update(&d->listeners, &plan) == 0)
		return 0;
	(void)forwards_update(
	    &d->forwards, d->conf->forward, d->conf->nforward);
	return -1;
}

/* What may fail comes first; the old log is kept when the new one fails. */
static int
adopt(struct daemon *d, struct conf *conf)
{
	bool moved = strcmp(conf->pidfile, d->conf->pidfile) != 0;
	struct flowd_error err;

	if (moved && pidfile_write(conf->pidfile) != 0)
		return -1;
	if (open_sockets(d, conf) != 0) {
		if (moved)
			pidfile_remove(conf->pidfile);
		return -1;
	}
	watch(d);
	listeners_log(&d->listeners);
	inbox_limit(&d->inbox, backlog(conf));
	if (moved)
		pidfile_remove(d->conf->pidfile);
	logfile_flush(&d->log);
	if (logfile_reopen(&d->log, conf->logfile, &err) != 0)
		log_error("%s; still writing to the old file", err.text);
	conf_free(d->conf);
	d->conf = conf;
	d->engine.conf = conf;
	return 0;
}

static void
reconfigure(struct daemon *d)
{
	struct conf *conf = conf_load(d->req);

	log_debug("reconfiguration requested");
	if (conf != NULL && adopt(d, conf) == 0) {
		log_info("configuration read from %s", d->req->path);
		return;
	}
	conf_free(conf);
	log_error("%s: not used; the old configuration stays", d->req->path);
	reopen_log(d);
}

/* When asked for. What came before the signal is counted already. */
static void
log_statistics(struct daemon *d)
{
	if (!d->asked)
		return;
	d->asked = false;
	listeners_log_counters(&d->listeners);
	forwards_log_counters(&d->forwards);
	log_info("backlog: peak:%llu",
	    (unsigned long long)d->inbox.peak);
	stats_log(&d->engine, &d->log);
}

/* Returns false when it is time to go. */
static bool
obey(struct daemon *d, unsigned wishes)
{
	if (wishes & WISH_RECONFIGURE)
		reconfigure(d);
	else if (wishes & WISH_REOPEN)
		reopen_log(d);
	if (wishes & WISH_STATISTICS)
		d->asked = true;
	return !(wishes & WISH_QUIT);
}

/* When much comes in, not before a rest, which signals end. */
static int
wait_for_input(struct daemon *d)
{
	int timeout = logfile_waits(&d->log) ? RETRY_MS : -1, rest;

	d->pfd[POLL_LOG].fd = logfile_blocked(&d->log) ? d->log.fd : -1;
	if (!inbox_empty(&d->inbox)) {
		timeout = 0;
	} else {
		rest = pause_after(&d->pause, d->received, pause_clock());
		if (rest > 0 && poll(d->pfd, POLL_LISTENERS, rest) < 0)
			return -1;
	}
	return poll(d->pfd, (nfds_t)(POLL_LISTENERS + d->listeners.n), timeout);
}

/*
 * Signals count before what is received, so that a log that was moved away
 * gets nothing more. To receive comes before to decode: while datagrams wait
 * the sockets are drained over and over. When none waits any more all of them
 * are in the log.
 */
static void
daemon_loop(struct daemon *d)
{
	do {
		if (wait_for_input(d) < 0) {
			if (errno != EINTR && log_due(&d->limit))
				log_error("poll: %s", strerror(errno));
			continue;
		}
		if (d->pfd[POLL_SIGNALS].revents != 0 &&
		    !obey(d, signals_take()))
			break;
		for (size_t i = 0; i < d->listeners.n; i++)
			if (d->pfd[POLL_LISTENERS + i].revents != 0)
				(void)receive(d, &d->listeners.list[i]);
		decode_some(d);
		if (inbox_empty(&d->inbox)) {
			engine_flush(&d->engine);
			logfile_flush(&d->log);
		}
		log_statistics(d);
	} while (true);
}

/* What came before the signal to end is stored, also under a flood. */
static void
daemon_drain(struct daemon *d)
{
	bool more = true;

	for (int turn = 0; turn < DRAIN_TURNS && more; turn++) {
		more = false;
		for (size_t i = 0; i < d->listeners.n; i++)
			more |= receive(d, &d->listeners.list[i]);
		while (!inbox_empty(&d->inbox))
			decode_some(d);
	}
	engine_flush(&d->engine);
	logfile_flush(&d->log);
}

static int
open_all(struct daemon *d)
{
	struct flowd_error err;

	d->conf = conf_load(d->req);
	if (d->conf == NULL)
		return -1;
	if (open_sockets(d, d->conf) != 0)
		return -1;
	if (logfile_open(&d->log, d->conf->logfile, &err) != 0) {
		log_error("%s", err.text);
		return -1;
	}
	d->pfd = calloc(POLL_LISTENERS + CONF_LISTEN_MAX, sizeof(*d->pfd));
	if (d->pfd == NULL || !inbox_init(&d->inbox, backlog(d->conf)) ||
	    !engine_init(
		&d->engine, d->conf, process_seed(), write_log, &d->log)) {
		log_error("out of memory");
		return -1;
	}
	return 0;
}

/* The pid file is written last, by the process that stays. */
static int
settle(struct daemon *d, bool foreground)
{
	int ready = -1;

	if (!foreground && (ready = process_detach()) == -1) {
		log_error("cannot detach: %s", strerror(errno));
		return -1;
	}
	d->signals = signals_open();
	if (d->signals == -1) {
		log_error("cannot watch signals: %s", strerror(errno));
		return -1;
	}
	watch(d);
	if (pidfile_write(d->conf->pidfile) != 0)
		return -1;
	if (!foreground) {
		daemonlog_to_syslog();
		process_ready(ready);
	}
	listeners_log(&d->listeners);
	return 0;
}

static void
close_all(struct daemon *d)
{
	listeners_close(&d->listeners);
	forwards_close(&d->forwards);
	engine_fini(&d->engine);
	inbox_fini(&d->inbox);
	logfile_close(&d->log);
	conf_free(d->conf);
	free(d->pfd);
}

int
daemon_main(const struct conf_request *req, bool foreground)
{
	struct daemon d = { .req = req, .log = { .fd = -1 } };
	int status = 1;

	if (open_all(&d) == 0 && settle(&d, foreground) == 0) {
		daemon_loop(&d);
		daemon_drain(&d);
		pidfile_remove(d.conf->pidfile);
		log_debug("exiting");
		status = 0;
	}
	close_all(&d);
	return status;
}
