/* The daemon; see daemon.h. Test: test/program/test_flowd.py. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "daemon.h"
#include "daemonlog.h"
#include "engine.h"
#include "inherit.h"
#include "listener.h"
#include "logfile.h"
#include "logsock.h"
#include "notify.h"
#include "pause.h"
#include "pidfile.h"
#include "process.h"
#include "recv.h"
#include "signals.h"
#include "stats.h"

enum {
	DRAIN_TURNS = 64, /* at the end: more than a socket's buffer */
	DECODE_SOME = 512, /* datagrams, then the sockets are looked at */
	RETRY_MS = 200, /* how often a log that failed is tried */

	POLL_SIGNALS = 0, /* places in daemon.pfd */
	POLL_LOG,
	POLL_LOGSOCK,
	POLL_LISTENERS
};

struct daemon {
	const struct conf_request *req;
	struct conf *conf;
	struct inherit inherit;
	struct notify notify;
	struct listeners listeners;
	struct inbox inbox;
	struct pause pause;
	uint64_t received; /* datagrams of all listeners */
	struct engine engine;
	struct logfile log; /* its path is NULL when there is none */
	struct logsock sock;
	struct pollfd *pfd; /* room for CONF_LISTEN_MAX listeners */
	int signals;
};

static void
write_log(struct bytes records, void *arg)
{
	struct daemon *d = arg;

	if (d->log.path != NULL)
		logfile_put(&d->log, records);
	logsock_put(&d->sock, records);
}

/* Everything that is polled; done anew when the listeners change. */
static void
watch(struct daemon *d)
{
	struct pollfd *pfd = d->pfd;

	pfd[POLL_SIGNALS] = (struct pollfd){ d->signals, POLLIN, 0 };
	pfd[POLL_LOG] = (struct pollfd){ -1, POLLOUT, 0 };
	pfd[POLL_LOGSOCK] = (struct pollfd){ -1, POLLOUT, 0 };
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

	if (rc < 0)
		log_some(LOG_KIND_LISTENER, "cannot receive on %s: %s",
		    endpoint_format(&l->at, text), strerror(errno));
	d->received += l->counters.datagrams - before;
	return rc > 0;
}

static void
decode_some(struct daemon *d)
{
	const struct datagram *list;
	size_t n;

	list = inbox_take(&d->inbox, DECODE_SOME, &n);
	for (size_t i = 0; i < n; i++)
		engine_take(&d->engine, &list[i]);
}

/* By their paths, which may be others now. */
static void
open_logs(struct daemon *d, const struct conf *conf)
{
	struct flowd_error err;

	logfile_flush(&d->log);
	if (conf->logfile == NULL)
		logfile_close(&d->log);
	else if (logfile_reopen(&d->log, conf->logfile, &err) != 0)
		log_error("%s; still writing to the old file", err.text);
	logsock_flush(&d->sock);
	if (logsock_set(&d->sock, conf->logsock, conf->logsock_bufsize) != 0)
		log_error("logsock: out of memory; the old one stays");
}

static void
reopen_log(struct daemon *d)
{
	log_debug("log reopen requested");
	open_logs(d, d->conf);
}

/* The first log file of a daemon that had none. */
static int
open_logfile(struct daemon *d, const struct conf *conf)
{
	struct flowd_error err;

	if (logfile_open(&d->log, conf->logfile, &err) == 0)
		return 0;
	log_error("%s", err.text);
	return -1;
}

static size_t
backlog(const struct conf *conf)
{
	return conf->backlog != 0 ? conf->backlog : INBOX_DEFAULT;
}

static int
listen_to(struct daemon *d, const struct conf *conf)
{
	return listeners_update(&d->listeners,
	    &(struct listen_plan){ .listen = conf->listen,
		.nlisten = conf->nlisten,
		.groups = conf->groups,
		.ngroups = conf->ngroups });
}

/* What may fail comes first; the old log is kept when the new one fails. */
static int
adopt(struct daemon *d, struct conf *conf)
{
	bool moved = strcmp(conf->pidfile, d->conf->pidfile) != 0;
	bool first = conf->logfile != NULL && d->log.path == NULL;

	if (first && open_logfile(d, conf) != 0)
		return -1;
	if (moved && pidfile_write(conf->pidfile) != 0)
		goto fail;
	if (listen_to(d, conf) != 0) {
		if (moved)
			pidfile_remove(conf->pidfile);
		goto fail;
	}
	watch(d);
	listeners_log(&d->listeners);
	inbox_limit(&d->inbox, backlog(conf));
	if (moved)
		pidfile_remove(d->conf->pidfile);
	open_logs(d, conf);
	conf_free(d->conf);
	d->conf = conf;
	d->engine.conf = conf;
	return 0;
fail:
	if (first)
		logfile_close(&d->log);
	return -1;
}

/* Why no listener has this socket of the service manager; NULL: one has. */
static const char *
why_unused(const struct daemon *d, const struct inherited *one,
    const struct endpoint *at)
{
	if (one->addr.family == ADDR_NONE)
		return "it is not one of UDP";
	if (listeners_find(&d->listeners, at) == NULL)
		return "no \"listen on\" names its address";
	if (inherit_find(&d->inherit, &one->addr, one->port) != one)
		return "there is another one for its address";
	return NULL;
}

static void
tell_unused(const struct daemon *d)
{
	char text[ENDPOINT_TEXT_MAX];

	for (size_t i = 0; i < d->inherit.n; i++) {
		const struct inherited *one = &d->inherit.list[i];
		struct endpoint at = { .addr = one->addr, .port = one->port };
		const char *why = why_unused(d, one, &at);
		bool udp = one->addr.family != ADDR_NONE;

		if (why != NULL)
			log_warn("socket %s of the service manager%s%s is not "
				 "used: %s",
			    one->name[0] != '\0' ? one->name : "unnamed",
			    udp ? " for " : "",
			    udp ? endpoint_format(&at, text) : "", why);
	}
}

static void
tell_ready(struct daemon *d)
{
	tell_unused(d);
	notify_status(&d->notify, "receiving; sockets: %zu", d->listeners.n);
	notify_ready(&d->notify);
}

static void
reconfigure(struct daemon *d)
{
	struct conf *conf;

	log_debug("reconfiguration requested");
	notify_reloading(&d->notify);
	conf = conf_load(d->req);
	if (conf != NULL && adopt(d, conf) == 0) {
		log_info("configuration read from %s", d->req->path);
		tell_ready(d);
		return;
	}
	conf_free(conf);
	log_error("%s: not used; the old configuration stays", d->req->path);
	reopen_log(d);
	notify_status(&d->notify, "receiving; %s was not used, as the log says",
	    d->req->path);
	notify_ready(&d->notify);
}

static void
log_statistics(struct daemon *d)
{
	listeners_log_counters(&d->listeners);
	log_info("backlog: peak:%llu",
	    (unsigned long long)d->inbox.peak);
	stats_log(&d->engine, &d->log, &d->sock);
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
		log_statistics(d);
	return !(wishes & WISH_QUIT);
}

/* The sooner of two times to wait, where -1 is for ever. */
static int
sooner(int a, int b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

/* When much comes in, not before a rest, which signals end. */
static int
wait_for_input(struct daemon *d)
{
	int64_t now_ms = notify_clock();
	int timeout = logfile_waits(&d->log) ? RETRY_MS : -1, rest;

	timeout = sooner(timeout, notify_timeout(&d->notify, now_ms));
	timeout = sooner(timeout, log_timeout());
	timeout = sooner(timeout, logsock_timeout(&d->sock, now_ms));
	d->pfd[POLL_LOG].fd = logfile_blocked(&d->log) ? d->log.fd : -1;
	d->pfd[POLL_LOGSOCK].fd = logsock_blocked(&d->sock) ? d->sock.fd : -1;
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
		notify_alive(&d->notify, notify_clock());
		log_tick();
		if (wait_for_input(d) < 0) {
			if (errno != EINTR)
				log_some(LOG_KIND_POLL, "poll: %s",
				    strerror(errno));
			continue;
		}
		if (d->pfd[POLL_SIGNALS].revents != 0 &&
		    !obey(d, signals_take()))
			break;
		for (size_t i = 0; i < d->listeners.n; i++)
			if (d->pfd[POLL_LISTENERS + i].revents != 0)
				(void)receive(d, &d->listeners.list[i]);
		decode_some(d);
		if (!inbox_empty(&d->inbox))
			continue;
		engine_flush(&d->engine);
		logfile_flush(&d->log);
		logsock_tend(&d->sock, notify_clock());
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
	logsock_tend(&d->sock, notify_clock());
}

/* A log socket without a reader is no reason not to start. */
static int
open_first_logs(struct daemon *d)
{
	if (d->conf->logfile != NULL && open_logfile(d, d->conf) != 0)
		return -1;
	if (logsock_set(&d->sock, d->conf->logsock,
		d->conf->logsock_bufsize) != 0) {
		log_error("out of memory");
		return -1;
	}
	logsock_tend(&d->sock, notify_clock());
	return 0;
}

static int
open_all(struct daemon *d)
{
	if (notify_open(&d->notify) != 0)
		log_warn("cannot reach the service manager: %s",
		    strerror(errno));
	if (inherit_init(&d->inherit) != 0) {
		log_error("out of memory");
		return -1;
	}
	d->conf = conf_load(d->req);
	if (d->conf == NULL)
		return -1;
	d->listeners.inherit = &d->inherit;
	if (listen_to(d, d->conf) != 0)
		return -1;
	if (open_first_logs(d) != 0)
		return -1;
	d->pfd = calloc(POLL_LISTENERS + CONF_LISTEN_MAX, sizeof(*d->pfd));
	if (d->pfd == NULL || !inbox_init(&d->inbox, backlog(d->conf)) ||
	    !engine_init(
		&d->engine, d->conf, process_seed(), write_log, d)) {
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
	tell_ready(d);
	listeners_log(&d->listeners);
	return 0;
}

static void
close_all(struct daemon *d)
{
	listeners_close(&d->listeners);
	inherit_close(&d->inherit);
	notify_close(&d->notify);
	engine_fini(&d->engine);
	inbox_fini(&d->inbox);
	logfile_close(&d->log);
	logsock_fini(&d->sock);
	conf_free(d->conf);
	free(d->pfd);
}

int
daemon_main(const struct conf_request *req, bool foreground)
{
	struct daemon d = { .req = req, .log = { .fd = -1 },
		.notify = { .fd = -1 } };
	int status = 1;

	logsock_init(&d.sock);
	if (open_all(&d) == 0 && settle(&d, foreground) == 0) {
		daemon_loop(&d);
		notify_stopping(&d.notify);
		daemon_drain(&d);
		pidfile_remove(d.conf->pidfile);
		log_debug("exiting");
		status = 0;
	}
	close_all(&d);
	return status;
}
