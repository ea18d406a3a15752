/* The parent; see parent.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "channel.h"
#include "child.h"
#include "daemonlog.h"
#include "forward.h"
#include "forwarder.h"
#include "inherit.h"
#include "listener.h"
#include "loader.h"
#include "logfile.h"
#include "logsock.h"
#include "mailbox.h"
#include "memory.h"
#include "notify.h"
#include "package.h"
#include "parent.h"
#include "pidfile.h"
#include "process.h"
#include "relay.h"
#include "signals.h"
#include "statebox.h"
#include "statefile.h"

enum {
	START_MS = 20000, /* in which the children must be ready */
	END_MS = 15000, /* in which each of them must be gone */
	SAVE_MS = 60000, /* between two saves of the state file */

	POLL_SIGNALS = 0, /* places to poll */
	POLL_CHANNELS,
	POLL_LOGS = POLL_CHANNELS + CHILD_KINDS,
	POLL_PLACES = POLL_LOGS + CHILD_KINDS
};

struct parent {
	const struct parent_options *o;
	struct identity identity;
	struct child_setup setup;
	struct conf *conf;
	int package; /* what conf was made of, for the children */
	int logfile; /* the descriptor of the log file, or -1 */
	struct inherit inherit;
	struct notify notify;
	struct listeners listeners;
	struct forwards forwards;
	int pair[2]; /* of engine and forwarder */
	int mailbox, wake[2]; /* of the engine */
	int state;
	struct statebox statebox;
	int64_t save_ms; /* when the state file is due */
	struct child children[CHILD_KINDS];
	struct relay relays[CHILD_KINDS];
	pid_t loader; /* 0: none */
	int loading; /* what it makes */
	bool again; /* it is to be started once more */
	int signals;
	bool leaving;
	bool signalled; /* in the last turn */
};

/* Messages to the children. */

static int
send_fd(const struct child *c, enum message_type type, int fd,
    struct bytes data)
{
	struct message msg;

	if (data.len > sizeof(msg.data)) {
		errno = EMSGSIZE;
		return -1;
	}
	msg.type = type;
	msg.nfds = fd != -1;
	msg.fds[0] = fd;
	msg.len = data.len;
	if (data.len > 0)
		memcpy(msg.data, data.ptr, data.len);
	return channel_send(c->channel, &msg);
}

static struct bytes
bytes_of(const char *text)
{
	return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

static const struct bytes nothing = { NULL, 0 };

static int
send_mailbox(const struct parent *p, const struct child *c, int wake)
{
	struct message msg = { .type = MESSAGE_MAILBOX, .nfds = 2 };

	msg.fds[0] = p->mailbox;
	msg.fds[1] = wake;
	msg.len = 0;
	return channel_send(c->channel, &msg);
}

/* In portions; one that is not full is the last. */
static int
send_listeners(const struct parent *p, const struct child *c)
{
	struct message msg;
	size_t i = 0;

	do {
		msg.type = MESSAGE_LISTENERS;
		msg.nfds = 0;
		for (; i < p->listeners.n && msg.nfds < CHANNEL_FDS; i++) {
			memcpy(msg.data + msg.nfds * sizeof(struct listener),
			    &p->listeners.list[i], sizeof(struct listener));
			msg.fds[msg.nfds++] = p->listeners.list[i].fd;
		}
		msg.len = msg.nfds * sizeof(struct listener);
		if (channel_send(c->channel, &msg) != 0)
			return -1;
	} while (msg.nfds == CHANNEL_FDS);
	return 0;
}

_Static_assert(CHANNEL_FDS * sizeof(struct listener) <= CHANNEL_DATA,
    "a portion of listeners fits into a message");

/* With their sockets. */
static int
send_collectors(const struct parent *p, const struct child *forwarder)
{
	struct message msg = { .type = MESSAGE_COLLECTORS, .nfds = 0 };

	for (size_t i = 0; i < p->forwards.n; i++) {
		memcpy(msg.data + i * sizeof(struct collector),
		    &p->forwards.list[i].to, sizeof(struct collector));
		msg.fds[msg.nfds++] = p->forwards.list[i].fd;
	}
	msg.len = msg.nfds * sizeof(struct collector);
	return channel_send(forwarder->channel, &msg);
}

static bool
forwards_something(const struct parent *p)
{
	return p->forwards.n > 0;
}

static int
send_conf(const struct parent *p, const struct child *engine)
{
	if (send_fd(engine, MESSAGE_PAIR,
		forwards_something(p) ? p->pair[0] : -1, nothing) != 0 ||
	    send_fd(engine, MESSAGE_CONF, p->package, nothing) != 0)
		return -1;
	return send_listeners(p, engine);
}

static void
connect_logsock(const struct parent *p, const struct child *keeper)
{
	int fd, error = 0;

	if (p->conf->logsock == NULL)
		return;
	fd = logsock_connect(p->conf->logsock, p->conf->logsock_bufsize);
	if (fd == -1)
		error = errno;
	(void)send_fd(keeper, MESSAGE_LOGSOCK_FD, fd,
	    (struct bytes){ (const uint8_t *)&error, sizeof(error) });
	if (fd != -1)
		(void)close(fd);
}

static int
send_logs(const struct parent *p, const struct child *keeper)
{
	uint8_t data[CHANNEL_DATA];
	const char *path = p->conf->logsock;
	size_t len = path != NULL ? strlen(path) : 0;

	if (send_fd(keeper, MESSAGE_LOGFILE, p->logfile,
		p->conf->logfile != NULL ? bytes_of(p->conf->logfile)
					 : nothing) != 0)
		return -1;
	if (len > sizeof(data) - sizeof(uint32_t))
		len = sizeof(data) - sizeof(uint32_t);
	memcpy(data, &p->conf->logsock_bufsize, sizeof(uint32_t));
	if (len > 0)
		memcpy(data + sizeof(uint32_t), path, len);
	if (send_fd(keeper, MESSAGE_LOGSOCK, -1,
		(struct bytes){ data, sizeof(uint32_t) + len }) != 0)
		return -1;
	connect_logsock(p, keeper);
	return 0;
}

static int
equip_engine(const struct parent *p, const struct child *c)
{
	if (send_mailbox(p, c, p->wake[1]) != 0 ||
	    send_fd(c, MESSAGE_STATE, p->state, nothing) != 0)
		return -1;
	return send_conf(p, c);
}

static int
equip_keeper(const struct parent *p, const struct child *c)
{
	return send_mailbox(p, c, p->wake[0]) == 0 ? send_logs(p, c) : -1;
}

static int
equip_forwarder(const struct parent *p, const struct child *c)
{
	if (send_fd(c, MESSAGE_PAIR, p->pair[1], nothing) != 0)
		return -1;
	return send_collectors(p, c);
}

/* All that a new child needs. */
static int
equip(const struct parent *p, const struct child *c)
{
	static int (*const by_kind[])(
	    const struct parent *p, const struct child *c) = {
		[CHILD_ENGINE] = equip_engine,
		[CHILD_KEEPER] = equip_keeper,
		[CHILD_FORWARDER] = equip_forwarder,
	};

	if (by_kind[c->kind](p, c) != 0)
		return -1;
	return channel_tell(c->channel, MESSAGE_GO);
}

static bool
is_wanted(const struct parent *p, enum child_kind kind)
{
	return kind != CHILD_FORWARDER || forwards_something(p);
}

static int
start_child(struct parent *p, struct child *c)
{
	if (child_start(c, &p->setup, notify_clock()) != 0) {
		log_error("cannot start the %s: %s", child_name(c->kind),
		    strerror(errno));
		return -1;
	}
	/* One that is gone already is seen when it is waited for. */
	if (equip(p, c) != 0)
		log_debug("the %s does not listen: %s", child_name(c->kind),
		    strerror(errno));
	return 0;
}

/* Configuration. */

static struct listen_plan
plan_of(const struct conf *conf)
{
	return (struct listen_plan){ .listen = conf->listen,
		.nlisten = conf->nlisten, .groups = conf->groups,
		.ngroups = conf->ngroups };
}

/* The log file of a configuration; -1 and logged, or for none -1 and good. */
static bool
open_log(const struct conf *conf, int *fd)
{
	struct flowd_error err;

	*fd = -1;
	if (conf->logfile == NULL)
		return true;
	*fd = logfile_open_fd(conf->logfile, &err);
	if (*fd == -1)
		log_error("%s", err.text);
	return *fd != -1;
}

static void
tell_ready(struct parent *p)
{
	listeners_tell_unused(&p->listeners);
	notify_status(&p->notify, "receiving; sockets: %zu", p->listeners.n);
	notify_ready(&p->notify);
}

/* When listening fails the old collectors are taken again. */
static int
open_sockets(struct parent *p, const struct conf *conf)
{
	struct listen_plan plan = plan_of(conf);

	if (forwards_update(&p->forwards, conf->forward, conf->nforward) != 0)
		return -1;
	if (listeners_update(&p->listeners, &plan) == 0)
		return 0;
	if (p->conf != conf)
		(void)forwards_update(
		    &p->forwards, p->conf->forward, p->conf->nforward);
	return -1;
}

/* What may fail comes first; the old log is kept when the new one fails. */
static int
adopt(struct parent *p, struct conf *conf)
{
	bool moved = strcmp(conf->pidfile, p->conf->pidfile) != 0;
	int log = -1;

	if (!open_log(conf, &log)) {
		if (p->conf->logfile == NULL)
			return -1;
		log_error("still writing to the old file");
	}
	if (moved && pidfile_write(conf->pidfile) != 0)
		goto fail;
	if (open_sockets(p, conf) != 0) {
		if (moved)
			pidfile_remove(conf->pidfile);
		goto fail;
	}
	if (moved)
		pidfile_remove(p->conf->pidfile);
	if (log != -1 || conf->logfile == NULL) {
		if (p->logfile != -1)
			(void)close(p->logfile);
		p->logfile = log;
	}
	conf_free(p->conf);
	p->conf = conf;
	listeners_log(&p->listeners);
	return 0;
fail:
	if (log != -1)
		(void)close(log);
	return -1;
}

static void
reopen_log(struct parent *p)
{
	int log;

	log_debug("log reopen requested");
	if (!open_log(p->conf, &log)) {
		log_error("still writing to the old file");
	} else if (p->conf->logfile != NULL) {
		(void)close(p->logfile);
		p->logfile = log;
	}
	(void)send_logs(p, &p->children[CHILD_KEEPER]);
}

static void
start_loader(struct parent *p)
{
	log_debug("reconfiguration requested");
	if (p->loader != 0) {
		p->again = true;
		return;
	}
	notify_reloading(&p->notify);
	p->loader = loader_start(p->o->req, &p->identity, &p->loading);
	if (p->loader == -1) {
		log_error("cannot start the loader: %s", strerror(errno));
		p->loader = 0;
	}
}

static void
refuse_conf(struct parent *p)
{
	log_error("%s: not used; the old configuration stays",
	    p->o->req->path);
	reopen_log(p);
	notify_status(&p->notify,
	    "receiving; %s was not used, as the log says", p->o->req->path);
	notify_ready(&p->notify);
}

/* Start it, tell it of its collectors, or let it go. */
static void
change_forwarder(struct parent *p)
{
	struct child *c = &p->children[CHILD_FORWARDER];

	if (!forwards_something(p)) {
		c->leaving = true;
		c->again_ms = 0;
		if (c->pid != 0)
			(void)channel_tell(c->channel, MESSAGE_QUIT);
	} else if (c->pid != 0 && !c->leaving) {
		(void)send_collectors(p, c);
	} else if (c->pid == 0) {
		(void)start_child(p, c);
	} else {
		/* It is on its way out: the next one comes behind it. */
		c->leaving = false;
	}
}

/* The loader has ended, and this is how. */
static void
loaded(struct parent *p, int status)
{
	struct flowd_error err;
	struct conf *conf = NULL;

	p->loader = 0;
	if (WIFSIGNALED(status))
		log_error("the loader died of signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status) == 0 &&
		 (conf = package_read_fd(p->loading, false, &err)) == NULL)
		log_error("%s", err.text);
	if (conf != NULL && adopt(p, conf) == 0) {
		(void)close(p->package);
		p->package = p->loading;
		change_forwarder(p);
		(void)send_conf(p, &p->children[CHILD_ENGINE]);
		(void)send_logs(p, &p->children[CHILD_KEEPER]);
		log_info("configuration read from %s", p->o->req->path);
		tell_ready(p);
	} else {
		if (conf != NULL)
			conf_free(conf);
		(void)close(p->loading);
		refuse_conf(p);
	}
	if (p->again) {
		p->again = false;
		start_loader(p);
	}
}

/* Children. */

static struct child *
child_of(struct parent *p, pid_t pid)
{
	for (int i = 0; i < CHILD_KINDS; i++)
		if (p->children[i].pid == pid)
			return &p->children[i];
	return NULL;
}

static void
tell_gone(const struct child *c, int status)
{
	if (WIFSIGNALED(status))
		log_error("the %s died of signal %d; it is started again",
		    child_name(c->kind), WTERMSIG(status));
	else
		log_error("the %s ended with status %d; it is started again",
		    child_name(c->kind), WEXITSTATUS(status));
}

static void
reap(struct parent *p)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		struct child *c = child_of(p, pid);

		if (pid == p->loader) {
			loaded(p, status);
			continue;
		}
		if (c == NULL)
			continue;
		relay_end(&p->relays[c->kind], c->log);
		if (!c->leaving)
			tell_gone(c, status);
		child_gone(c, notify_clock());
		c->restarts += !c->leaving;
		if (c->leaving)
			c->again_ms = 0;
	}
}

/* What a child says; what makes no sense is its end. */
static void
hear(struct parent *p, struct child *c)
{
	struct message msg;
	int got;

	while ((got = channel_receive(c->channel, &msg)) > 0) {
		for (uint32_t i = 0; i < msg.nfds; i++)
			(void)close(msg.fds[i]);
		if (msg.type == MESSAGE_READY)
			c->ready = true;
		else if (msg.type == MESSAGE_WANT_LOGSOCK &&
			 c->kind == CHILD_KEEPER)
			connect_logsock(p, c);
	}
	/* Gone, or about to be: the signal says so. */
	if (got < 0) {
		(void)close(c->channel);
		c->channel = -1;
	}
}

static void
restart_children(struct parent *p)
{
	int64_t now_ms = notify_clock();

	for (int i = 0; i < CHILD_KINDS; i++) {
		struct child *c = &p->children[i];

		if (c->pid == 0 && c->again_ms != 0 && now_ms >= c->again_ms &&
		    start_child(p, c) != 0)
			child_gone(c, now_ms);
	}
}

/* Waiting. */

/* The sooner of two times to wait, where -1 is for ever. */
static int
sooner(int a, int b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

static int
until(int64_t when_ms, int64_t now_ms)
{
	if (when_ms == 0)
		return -1;
	return when_ms > now_ms ? (int)(when_ms - now_ms) : 0;
}

static int
timeout_of(const struct parent *p)
{
	int64_t now_ms = notify_clock();
	int timeout = sooner(log_timeout(), until(p->save_ms, now_ms));

	timeout = sooner(timeout, notify_timeout(&p->notify, now_ms));
	for (int i = 0; i < CHILD_KINDS; i++)
		if (p->children[i].pid == 0)
			timeout = sooner(timeout,
			    until(p->children[i].again_ms, now_ms));
	return timeout;
}

/* One turn: wait, at most so long, and hear everybody but the signals. */
static void
turn(struct parent *p, int most_ms)
{
	struct pollfd pfd[POLL_PLACES];

	p->signalled = false;
	pfd[POLL_SIGNALS] = (struct pollfd){ p->signals, POLLIN, 0 };
	for (int i = 0; i < CHILD_KINDS; i++) {
		pfd[POLL_CHANNELS + i] = (struct pollfd){
			p->children[i].channel, POLLIN, 0 };
		pfd[POLL_LOGS + i] = (struct pollfd){
			p->children[i].log, POLLIN, 0 };
	}
	if (poll(pfd, POLL_PLACES, sooner(timeout_of(p), most_ms)) < 0) {
		if (errno != EINTR)
			log_some(LOG_KIND_POLL, "poll: %s", strerror(errno));
		return;
	}
	for (int i = 0; i < CHILD_KINDS; i++) {
		if (pfd[POLL_LOGS + i].revents != 0)
			relay_some(&p->relays[i], p->children[i].log);
		if (pfd[POLL_CHANNELS + i].revents != 0)
			hear(p, &p->children[i]);
	}
	p->signalled = pfd[POLL_SIGNALS].revents != 0;
}

static void
save_state(struct parent *p)
{
	statefile_save(conf_statefile(p->conf), statebox_get(&p->statebox));
	p->save_ms = notify_clock() + SAVE_MS;
}

static void
obey(struct parent *p, unsigned wishes)
{
	if (wishes & WISH_CHILD)
		reap(p);
	if (wishes & WISH_RECONFIGURE)
		start_loader(p);
	else if (wishes & WISH_REOPEN)
		reopen_log(p);
	if (wishes & WISH_STATISTICS) {
		(void)channel_tell(
		    p->children[CHILD_ENGINE].channel, MESSAGE_STATISTICS);
		if (p->children[CHILD_FORWARDER].pid != 0)
			(void)channel_tell(
			    p->children[CHILD_FORWARDER].channel,
			    MESSAGE_STATISTICS);
	}
	p->leaving |= (wishes & WISH_QUIT) != 0;
}

static void
parent_loop(struct parent *p)
{
	while (!p->leaving) {
		notify_alive(&p->notify, notify_clock());
		log_tick();
		turn(p, -1);
		if (p->signalled)
			obey(p, signals_take());
		restart_children(p);
		if (notify_clock() >= p->save_ms)
			save_state(p);
	}
}

/* The end. */

/* Tell one to go and wait until it is gone. */
static void
send_away(struct parent *p, struct child *c)
{
	int64_t end_ms = notify_clock() + END_MS;

	c->leaving = true;
	if (c->pid == 0)
		return;
	(void)channel_tell(c->channel, MESSAGE_QUIT);
	while (c->pid != 0) {
		int64_t now_ms = notify_clock();

		notify_alive(&p->notify, now_ms);
		if (now_ms >= end_ms) {
			log_error("the %s does not end: it is killed",
			    child_name(c->kind));
			(void)kill(c->pid, SIGKILL);
			end_ms = now_ms + END_MS;
		}
		turn(p, (int)(end_ms - now_ms));
		if (p->signalled &&
		    (signals_take() & WISH_CHILD))
			reap(p);
	}
}

/* The engine first, so that the keeper has all of its flows. */
static void
send_all_away(struct parent *p)
{
	notify_stopping(&p->notify);
	if (p->loader != 0)
		(void)kill(p->loader, SIGTERM);
	send_away(p, &p->children[CHILD_ENGINE]);
	send_away(p, &p->children[CHILD_KEEPER]);
	send_away(p, &p->children[CHILD_FORWARDER]);
	save_state(p);
}

/* The beginning. */

static bool
load_first(struct parent *p)
{
	struct flowd_error err;
	int status;
	pid_t pid;

	if (identity_find(&p->identity, NULL, &err) != 0) {
		log_error("%s", err.text);
		return false;
	}
	pid = loader_start(p->o->req, &p->identity, &p->package);
	if (pid == -1) {
		log_error("cannot start the loader: %s", strerror(errno));
		return false;
	}
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	if (WIFSIGNALED(status))
		log_error("the loader died of signal %d", WTERMSIG(status));
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return false;
	p->conf = package_read_fd(p->package, false, &err);
	if (p->conf == NULL)
		log_error("%s", err.text);
	return p->conf != NULL;
}

static bool
find_user(struct parent *p)
{
	struct flowd_error err;

	if (identity_find(&p->identity, p->conf->user, &err) == 0)
		return true;
	log_error("%s", err.text);
	return false;
}

/* In one line, what is given up; and what is not. */
static void
tell_rights(const struct parent *p)
{
	if (p->o->insecure)
		log_warn("-X INSECURE: the processes give nothing up");
	else if (!p->identity.root)
		log_warn("not started as root: the processes keep this user "
			 "and see the file system; %s", sandbox_name());
	else
		log_debug("processes run as %s in %s; %s", p->identity.name,
		    p->identity.folder, sandbox_name());
}

static bool
make_memory(struct parent *p)
{
	p->mailbox = memory_create("flowd-mailbox", mailbox_size());
	p->state = memory_create("flowd-state", statebox_size());
	if (p->mailbox == -1 || p->state == -1 ||
	    !statebox_map(&p->statebox, p->state) || pipe(p->wake) != 0 ||
	    forwarder_pair(p->pair) != 0) {
		log_error("cannot make shared memory: %s", strerror(errno));
		return false;
	}
	for (int i = 0; i < 2; i++) {
		(void)fcntl(p->wake[i], F_SETFD, FD_CLOEXEC);
		(void)fcntl(p->wake[i], F_SETFL, O_NONBLOCK);
	}
	return true;
}

static bool
open_all(struct parent *p)
{
	if (notify_open(&p->notify) != 0)
		log_warn("cannot reach the service manager: %s",
		    strerror(errno));
	if (inherit_init(&p->inherit) != 0) {
		log_error("out of memory");
		return false;
	}
	if (!load_first(p) || !find_user(p))
		return false;
	p->listeners.inherit = &p->inherit;
	return open_sockets(p, p->conf) == 0 &&
	    open_log(p->conf, &p->logfile) && make_memory(p);
}

static bool
all_ready(const struct parent *p)
{
	for (int i = 0; i < CHILD_KINDS; i++)
		if (is_wanted(p, (enum child_kind)i) && !p->children[i].ready)
			return false;
	return true;
}

/* Each must come up; one that dies at once would do so again. */
static bool
start_all(struct parent *p)
{
	int64_t end_ms = notify_clock() + START_MS;

	for (int i = 0; i < CHILD_KINDS; i++)
		if (is_wanted(p, (enum child_kind)i) &&
		    start_child(p, &p->children[i]) != 0)
			return false;
	while (!all_ready(p)) {
		int64_t now_ms = notify_clock();

		for (int i = 0; i < CHILD_KINDS; i++)
			if (is_wanted(p, (enum child_kind)i) &&
			    p->children[i].pid == 0)
				return false;
		if (now_ms >= end_ms) {
			log_error("the processes do not begin to work");
			return false;
		}
		turn(p, (int)(end_ms - now_ms));
		if (!p->signalled)
			continue;
		obey(p, signals_take());
		if (p->leaving)
			return true;
	}
	return true;
}

static void
kill_all(struct parent *p)
{
	for (int i = 0; i < CHILD_KINDS; i++) {
		struct child *c = &p->children[i];

		if (c->pid == 0)
			continue;
		(void)kill(c->pid, SIGKILL);
		(void)waitpid(c->pid, NULL, 0);
		relay_end(&p->relays[i], c->log);
	}
}

/* Detach, then make what belongs to the process that stays. */
static bool
settle(struct parent *p)
{
	bool foreground = p->o->foreground;
	int ready = -1;

	if (!foreground && (ready = process_detach()) == -1) {
		log_error("cannot detach: %s", strerror(errno));
		return false;
	}
	p->signals = signals_open();
	if (p->signals == -1) {
		log_error("cannot watch signals: %s", strerror(errno));
		return false;
	}
	tell_rights(p);
	statefile_load(conf_statefile(p->conf), &p->statebox);
	if (!start_all(p) || pidfile_write(p->conf->pidfile) != 0) {
		kill_all(p);
		return false;
	}
	if (!foreground) {
		daemonlog_to_syslog();
		process_ready(ready);
	}
	listeners_log(&p->listeners);
	tell_ready(p);
	p->save_ms = notify_clock() + SAVE_MS;
	return true;
}

static void
close_all(struct parent *p)
{
	listeners_close(&p->listeners);
	forwards_close(&p->forwards);
	inherit_close(&p->inherit);
	notify_close(&p->notify);
	statebox_unmap(&p->statebox);
	conf_free(p->conf);
}

int
parent_main(const struct parent_options *o)
{
	static struct parent p;
	bool good;

	p.o = o;
	p.package = p.logfile = p.mailbox = p.state = p.signals = -1;
	p.notify.fd = -1;
	p.setup = (struct child_setup){ .self = o->self,
		.verbose = o->verbose, .relay = !o->foreground,
		.identity = &p.identity, .insecure = o->insecure };
	for (int i = 0; i < CHILD_KINDS; i++)
		p.children[i] = (struct child){ .kind = (enum child_kind)i,
			.channel = -1, .log = -1 };
	good = open_all(&p) && settle(&p);
	if (good) {
		parent_loop(&p);
		send_all_away(&p);
		pidfile_remove(p.conf->pidfile);
		log_debug("exiting");
	}
	close_all(&p);
	return !good;
}
