/* The parent; see parent.h. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "children.h"
#include "clock.h"
#include "conf_check.h"
#include "imsg.h"
#include "loader.h"
#include "log.h"
#include "parent.h"
#include "parent_reports.h"
#include "parent_state.h"
#include "pidfile.h"
#include "process.h"
#include "provision.h"
#include "recv.h"
#include "reload.h"
#include "responder.h"
#include "signals.h"
#include "statefile.h"

enum {
	START_MS = 20000, /* limit for children to become ready */
	END_MS = 15000, /* limit for each child to exit */
	END_TRIES = 3, /* restarts of a child that crashes while exiting */
	SAVE_MS = 60000, /* between two saves of the state file */
	PATHS_MS = 5000, /* between two checks for removed paths */
	HEAR_SOME = 64, /* messages of one child per iteration */
	DESCRIPTORS_LEAST = 256, /* control polls more than 100 */
	STATISTICS_LINES = 16384, /* log lines of one child, and more ... */
	STATISTICS_OF_ONE = 32, /* ... of each exporter */

	POLL_SIGNALS = 0, /* indexes in the poll set */
	POLL_ANSWER,
	POLL_CHILDREN,
	POLL_MOST = POLL_CHILDREN + 2 * (ENGINES_MAX + PROC_KINDS)
};

/* Children. */

static struct child *
child_of(struct parent *p, pid_t pid)
{
	for (size_t i = 0; i < p->nchildren; i++)
		if (p->children[i].pid == pid)
			return &p->children[i];
	return NULL;
}

static struct child_log *
child_log_of(struct parent *p, const struct child *c)
{
	return &p->child_logs[c - p->children];
}

static void
tell_gone(const struct child *c, int status)
{
	const char *next = c->leaving ? "it was to end"
				      : "it is started again";

	if (WIFSIGNALED(status))
		log_error("the %s died of signal %d; %s", c->title,
		    WTERMSIG(status), next);
	else
		log_error("the %s ended with status %d; %s", c->title,
		    WEXITSTATUS(status), next);
}

static uint64_t
exporters_most(const struct parent *p)
{
	uint64_t most = p->conf->limits.exporters;

	return most != 0
	    ? most
	    : decoder_limit_info[DECODER_LIMIT_exporters].value;
}

/*
 * Have the first child from index from on log its statistics. The next child
 * follows when it is done, so that lines do not mix.
 */
static void
ask_statistics(struct parent *p, size_t from)
{
	for (p->telling = NULL; from < p->nchildren; from++) {
		struct child *c = &p->children[from];

		if (c->pid == 0 || (c->kind != PROC_ENGINE &&
		    c->kind != PROC_FORWARDER) ||
		    child_tell(c, IMSG_STATISTICS) != 0)
			continue;
		child_log_of(p, c)->source.granted = STATISTICS_LINES +
		    STATISTICS_OF_ONE * exporters_most(p);
		p->telling = c;
		return;
	}
}

static void
statistics_told(struct parent *p, const struct child *c)
{
	if (c == p->telling)
		ask_statistics(p, (size_t)(c - p->children) + 1);
}

static void
reap_children(struct parent *p)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		struct child *c = child_of(p, pid);

		if (pid == p->loader) {
			reload_loaded(p, status);
			continue;
		}
		if (c == NULL) {
			(void)logset_reaped(&p->logset, pid, status);
			continue;
		}
		child_log_end(child_log_of(p, c), c->log);
		c->failed = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
		if (!c->leaving || c->failed)
			tell_gone(c, status);
		child_gone(c, clock_monotonic_ms());
		statistics_told(p, c);
		c->restarts += !c->leaving;
		if (c->leaving)
			c->again_ms = 0;
	}
}

/* Rotations that wait for the writer. */

/* Fail an order that timed out; name the logs it waited for. */
static void
tell_late(struct parent *p, uint32_t serial, uint64_t slots)
{
	buf_reset(&p->why);
	for (unsigned i = 0; i < SLOTS; i++)
		if (slots >> i & 1)
			buf_printf(&p->why, "%s: the writer has not gone over "
			    "to the new file in %d s: it may still write to "
			    "the old one\n", logset_path(&p->logset, i),
			    ROTATE_WAIT_MS / 1000);
	buf_append_char(&p->why, '\0');
	if (buf_ok(&p->why))
		responder_text(p->responder, serial, (const char *)p->why.ptr);
	responder_done(p->responder, serial, END_FAILED);
}

static void
tend_rotations(struct parent *p)
{
	struct rotate_request o;

	while (rotate_queue_next(&p->rotations, clock_monotonic_ms(), &o))
		if (o.slots == 0)
			responder_done(p->responder, o.serial, END_GOOD);
		else
			tell_late(p, o.serial, o.slots);
}

/* Handle messages of the writer: a file was closed or removed. */
static void
hear_of_log(struct parent *p, const struct imsg *msg)
{
	struct imsg_log what;

	if (msg->len != sizeof(what))
		return;
	memcpy(&what, msg->data, sizeof(what));
	if (msg->type == IMSG_LOG)
		logset_released(&p->logset, what.slot, what.serial);
	else if (msg->type == IMSG_LOG_GONE)
		reload_log_gone(p, what.slot, what.serial);
	else if (msg->type == IMSG_LOG_CLOSE)
		logset_closed(&p->logset, &p->shmem, what.slot);
	rotate_queue_settle(&p->rotations, logset_pending(&p->logset));
}

/* Each configuration gets one answer; only the last one counts. */
static void
hear_ready(struct child *c)
{
	if (c->unsaid > 0)
		c->unsaid--;
	c->ready = c->unsaid == 0;
}

/* Handle messages of a child, up to HEAR_SOME at a time. */
static void
child_hear(struct parent *p, struct child *c)
{
	struct imsg msg;
	int got = 0;

	for (int i = 0; i < HEAR_SOME &&
	     (got = imsg_receive(c->channel, &msg)) > 0; i++) {
		for (uint32_t k = 0; k < msg.nfds; k++)
			(void)close(msg.fds[k]);
		if (msg.type == IMSG_READY)
			hear_ready(c);
		else if (msg.type == IMSG_WANT_LOGSOCK &&
			 c->kind == PROC_WRITER)
			provision_logsock(p, c);
		else if (msg.type == IMSG_STATISTICS)
			statistics_told(p, c);
		else if (c->kind == PROC_WRITER)
			hear_of_log(p, &msg);
	}
	if (p->changing)
		reload_engines_ready(p);
	/* The child exits: SIGCHLD follows. */
	if (got < 0) {
		(void)close(c->channel);
		c->channel = -1;
	}
}

static void
restart_children(struct parent *p)
{
	int64_t now_ms = clock_monotonic_ms();

	for (size_t i = 0; i < p->nchildren; i++) {
		struct child *c = &p->children[i];

		if (c->pid == 0 && c->again_ms != 0 && now_ms >= c->again_ms &&
		    parent_start(p, c) != 0)
			child_gone(c, now_ms);
	}
}

/* Timeouts and the loop. */

static int
ms_until(int64_t when_ms, int64_t now_ms)
{
	if (when_ms == 0)
		return -1;
	return when_ms > now_ms ? (int)(when_ms - now_ms) : 0;
}

static int
timeout_of(const struct parent *p)
{
	int64_t now_ms = clock_monotonic_ms();
	int timeout = timeout_min(log_timeout(), ms_until(p->save_ms, now_ms));

	timeout = timeout_min(timeout, ms_until(p->paths_ms, now_ms));
	timeout = timeout_min(timeout, notify_timeout(&p->notify, now_ms));
	timeout = timeout_min(timeout, logset_timeout(&p->logset));
	timeout = timeout_min(
	    timeout, ms_until(rotate_queue_end_ms(&p->rotations), now_ms));
	for (size_t i = 0; i < p->nchildren; i++)
		timeout = timeout_min(
		    timeout, log_relay_timeout(&p->child_logs[i].source));
	for (size_t i = 0; i < p->nchildren; i++)
		if (p->children[i].pid == 0)
			timeout = timeout_min(timeout,
			    ms_until(p->children[i].again_ms, now_ms));
	return timeout;
}

/*
 * One iteration: wait for at most most_ms, and handle everything but signals.
 */
static void
parent_turn(struct parent *p, int most_ms)
{
	struct pollfd pfd[POLL_MOST];
	struct pollfd *channels = pfd + POLL_CHILDREN;
	struct pollfd *logs = channels + p->nchildren;

	p->signalled = false;
	pfd[POLL_SIGNALS] = (struct pollfd){ p->signals, POLLIN, 0 };
	pfd[POLL_ANSWER] = (struct pollfd){ p->responder->conn.fd,
		responder_events(p->responder), 0 };
	for (size_t i = 0; i < p->nchildren; i++) {
		channels[i] = (struct pollfd){
			p->children[i].channel, POLLIN, 0 };
		logs[i] = (struct pollfd){ p->children[i].log, POLLIN, 0 };
	}
	if (poll(pfd, (nfds_t)(POLL_CHILDREN + 2 * p->nchildren),
		timeout_min(timeout_of(p), most_ms)) < 0) {
		if (errno != EINTR)
			log_limited(LOG_KIND_POLL, "poll: %s", strerror(errno));
		return;
	}
	for (size_t i = 0; i < p->nchildren; i++) {
		if (logs[i].revents != 0)
			child_log_read(&p->child_logs[i], p->children[i].log);
		if (channels[i].revents != 0)
			child_hear(p, &p->children[i]);
	}
	if (pfd[POLL_ANSWER].revents != 0)
		responder_turn(p->responder);
	p->signalled = pfd[POLL_SIGNALS].revents != 0;
}

/* Handle an order of flowctl. */
static void
take_order(enum frame_type type, uint32_t serial, void *arg)
{
	struct parent *p = arg;

	if (type == FRAME_ROTATE)
		reload_logs_order(p, serial);
	else if (reload_queue_add(&p->reloads, serial))
		reload_begin(p);
	else
		responder_done(p->responder, serial, END_BUSY);
}

static void
save_state(struct parent *p)
{
	struct bytes states[ENGINES_MAX];

	for (unsigned i = 0; i < p->shmem.nengines; i++)
		states[i] = snapshot_get(&p->shmem.engines[i].snapshot);
	statefile_save(
	    conf_statefile(p->conf), states, p->shmem.nengines);
	p->save_ms = clock_monotonic_ms() + SAVE_MS;
}

/* Load the state file; each engine selects its own exporters. */
static void
load_state(struct parent *p)
{
	for (unsigned i = 0; i < p->shmem.nengines; i++)
		statefile_load(conf_statefile(p->conf),
		    &p->shmem.engines[i].snapshot);
}

static void
signals_obey(struct parent *p, unsigned wishes)
{
	if (wishes & WISH_CHILD)
		reap_children(p);
	if (wishes & WISH_RECONFIGURE)
		reload_begin(p);
	else if (wishes & WISH_REOPEN)
		(void)reload_logs(p);
	if (wishes & WISH_STATISTICS)
		ask_statistics(p, 0);
	p->leaving |= (wishes & WISH_QUIT) != 0;
}

/* Start, seal and remove segments. */
static void
tend_logset(struct parent *p)
{
	const struct child *writer = parent_child(p, PROC_WRITER);
	const struct sealer_rights rights = { .self = p->o->self,
		.identity = &p->identity,
		.insecure = p->o->insecure };

	logset_tick(&p->logset, writer->ready, &rights);
	if (writer->ready)
		(void)provision_segments(p, writer, false);
}

/* Create sockets and the pid file again when they were removed. */
static void
tend_paths(struct parent *p)
{
	if (clock_monotonic_ms() < p->paths_ms)
		return;
	p->paths_ms = clock_monotonic_ms() + PATHS_MS;
	reload_paths(p);
}

static void
parent_loop(struct parent *p)
{
	while (!p->leaving) {
		notify_alive(&p->notify, clock_monotonic_ms());
		log_tick();
		for (size_t i = 0; i < p->nchildren; i++)
			log_relay_tick(&p->child_logs[i].source);
		parent_turn(p, -1);
		if (p->signalled)
			signals_obey(p, signals_take());
		restart_children(p);
		tend_rotations(p);
		tend_logset(p);
		tend_paths(p);
		if (clock_monotonic_ms() >= p->save_ms)
			save_state(p);
	}
}

/* Exit. */

static void
child_dismiss(struct child *c)
{
	c->leaving = true;
	if (c->pid != 0)
		(void)child_tell(c, IMSG_QUIT);
}

/* Wait for a child to exit. Returns false when it had to be killed. */
static bool
see_off(struct parent *p, struct child *c)
{
	int64_t end_ms = clock_monotonic_ms() + END_MS;
	bool good = true;

	while (c->pid != 0) {
		int64_t now_ms = clock_monotonic_ms();

		notify_alive(&p->notify, now_ms);
		if (now_ms >= end_ms) {
			log_error("the %s does not end: it is killed",
			    c->title);
			(void)kill(c->pid, SIGKILL);
			end_ms = now_ms + END_MS;
			good = false;
		}
		parent_turn(p, (int)(end_ms - now_ms));
		if (p->signalled &&
		    (signals_take() & WISH_CHILD))
			reap_children(p);
	}
	return good;
}

/*
 * Wait for an engine or writer to exit. One that crashed, also during exit,
 * leaves datagrams in sockets or flows in rings: restart it to process them and
 * count losses, at most END_TRIES times.
 */
static void
see_off_flows(struct parent *p, struct child *c)
{
	bool again = see_off(p, c) && c->failed;

	for (int i = 0; i < END_TRIES && again; i++) {
		if (parent_start(p, c) != 0)
			child_gone(c, clock_monotonic_ms());
		child_dismiss(c);
		again = see_off(p, c) && c->failed;
	}
}

/* The path of an open log; NULL: the slot has none. */
static const char *
log_path(struct parent *p, unsigned slot)
{
	if (slot == SLOT_LOGFILE)
		return p->conf->logfile;
	if (slot == SLOT_LOGSOCK)
		return p->conf->logsock;
	return logset_dir(&p->logset, slot) != NULL
	    ? logset_path(&p->logset, slot)
	    : NULL;
}

/*
 * Log the flows that are still in rings after all children have exited. A
 * writer that was killed may have written some of them without counting.
 */
static void
tell_unwritten(struct parent *p)
{
	for (unsigned i = 0; i < SLOTS; i++) {
		struct ring_counts c = { 0, 0, 0, 0 };
		const char *path = log_path(p, i);

		if (path == NULL)
			continue;
		shmem_count(&p->shmem, i, &c);
		if (c.waiting > 0)
			log_error("%s: flows that were waiting and are lost: "
				  "%llu", path, (unsigned long long)c.waiting);
		if (c.buried > 0)
			log_error("%s: datagrams lost with an engine that "
				  "died:%llu", path,
			    (unsigned long long)c.buried);
	}
}

/*
 * Stop all children; the engines first, so that the writer gets all of their
 * flows.
 */
static void
send_all_away(struct parent *p)
{
	notify_stopping(&p->notify);
	if (p->loader != 0)
		(void)kill(p->loader, SIGTERM);
	for (size_t i = 0; i < p->shmem.nengines; i++)
		child_dismiss(&p->children[i]);
	for (size_t i = 0; i < p->shmem.nengines; i++)
		see_off_flows(p, &p->children[i]);
	for (size_t i = p->shmem.nengines; i < p->nchildren; i++) {
		struct child *c = &p->children[i];

		child_dismiss(c);
		if (c->kind == PROC_WRITER)
			see_off_flows(p, c);
		else
			(void)see_off(p, c);
	}
	tell_unwritten(p);
	save_state(p);
}

/* Start. */

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
	pid = loader_start(p->o->req, &p->identity, &p->image);
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
	p->conf = loader_conf(p->image, &err);
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

/* Log which privileges are dropped. */
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
make_shmem(struct parent *p)
{
	if (shmem_init(&p->shmem, p->conf->workers,
		conf_ring_octets(p->conf)))
		return true;
	log_error("cannot make shared memory: %s", strerror(errno));
	return false;
}

/*
 * Create the child entries, not started: the engines, and one of each other
 * kind.
 */
static bool
make_children(struct parent *p)
{
	unsigned n = p->shmem.nengines;

	p->children = calloc(n + PROC_KINDS - 1, sizeof(*p->children));
	p->child_logs = calloc(n + PROC_KINDS - 1, sizeof(*p->child_logs));
	if (p->children == NULL || p->child_logs == NULL) {
		log_error("out of memory");
		return false;
	}
	for (unsigned i = 0; i < n; i++)
		child_init(&p->children[p->nchildren++], PROC_ENGINE, i, n);
	for (int i = PROC_ENGINE + 1; i < PROC_KINDS; i++)
		child_init(&p->children[p->nchildren++], (enum proc_kind)i,
		    0, 1);
	for (size_t i = 0; i < p->nchildren; i++)
		p->child_logs[i].source.name = p->children[i].title;
	return true;
}

/*
 * Is the limit of descriptors high enough? poll(2) fails with more than that.
 */
static bool
have_descriptors(void)
{
	unsigned long n = process_raise_nofile();

	if (n >= DESCRIPTORS_LEAST)
		return true;
	log_error("%lu descriptors may be open (ulimit -n): at least %d are "
		  "needed", n, DESCRIPTORS_LEAST);
	return false;
}

static bool
open_all(struct parent *p)
{
	if (!have_descriptors())
		return false;
	if (notify_open(&p->notify) != 0)
		log_warn("cannot reach the service manager: %s",
		    strerror(errno));
	if (inherit_init(&p->inherit) != 0) {
		log_error("out of memory");
		return false;
	}
	if (!load_first(p) || !conf_check(p->conf, CONF_DAEMON) ||
	    pidfile_check(p->conf->pidfile) != 0 || !find_user(p))
		return false;
	p->started.limits = p->conf->limits;
	p->started.ring_octets = conf_ring_octets(p->conf);
	p->listeners.inherit = &p->inherit;
	if (reload_open_sockets(p, p->conf) != 0 || !make_shmem(p) ||
	    !logset_stage(&p->logset, &p->shmem, p->conf))
		return false;
	logset_commit(&p->logset, p->conf);
	return make_children(p);
}

/*
 * Is there a wanted child for which has() is false: not started, or not ready?
 */
static bool
some_lack(const struct parent *p, bool (*has)(const struct child *c))
{
	for (size_t i = 0; i < p->nchildren; i++)
		if (parent_wants(p, p->children[i].kind) &&
		    !has(&p->children[i]))
			return true;
	return false;
}

static bool
is_ready(const struct child *c)
{
	return c->ready;
}

static bool
is_alive(const struct child *c)
{
	return c->pid != 0;
}

/* Start all children. Any that dies now is an error: it would die again. */
static bool
start_all(struct parent *p)
{
	int64_t end_ms = clock_monotonic_ms() + START_MS;

	for (size_t i = 0; i < p->nchildren; i++)
		if (parent_wants(p, p->children[i].kind) &&
		    parent_start(p, &p->children[i]) != 0)
			return false;
	while (some_lack(p, is_ready)) {
		int64_t now_ms = clock_monotonic_ms();

		if (some_lack(p, is_alive))
			return false;
		if (now_ms >= end_ms) {
			log_error("the processes do not begin to work");
			return false;
		}
		parent_turn(p, (int)(end_ms - now_ms));
		if (!p->signalled)
			continue;
		signals_obey(p, signals_take());
		if (p->leaving)
			return true;
	}
	return true;
}

static void
kill_all(struct parent *p)
{
	for (size_t i = 0; i < p->nchildren; i++) {
		struct child *c = &p->children[i];

		if (c->pid == 0)
			continue;
		(void)kill(c->pid, SIGKILL);
		(void)waitpid(c->pid, NULL, 0);
		child_log_end(child_log_of(p, c), c->log);
	}
}

/* Daemonize, then create what must belong to the final process. */
static bool
parent_settle(struct parent *p)
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
	load_state(p);
	if (!start_all(p) ||
	    (p->pidfile = pidfile_write(p->conf->pidfile)) == -1) {
		kill_all(p);
		return false;
	}
	admin_sockets_tell(&p->admin);
	if (!foreground) {
		log_to_syslog();
		process_ready(ready);
	}
	listeners_log(&p->listeners);
	reload_tell_ready(p);
	p->save_ms = clock_monotonic_ms() + SAVE_MS;
	p->paths_ms = clock_monotonic_ms() + PATHS_MS;
	return true;
}

static void
close_all(struct parent *p)
{
	listeners_close(&p->listeners);
	forward_sockets_close(&p->forwards);
	admin_sockets_close(&p->admin);
	responder_fini(p->responder);
	buf_fini(&p->why);
	inherit_close(&p->inherit);
	notify_close(&p->notify);
	logset_fini(&p->logset);
	shmem_fini(&p->shmem);
	conf_free(p->conf);
	free(p->children);
	free(p->child_logs);
}

int
parent_main(const struct parent_options *o)
{
	static struct parent p;
	static struct responder responder;
	bool good;

	p.o = o;
	p.started_ns = p.configured_ns = clock_real_ns();
	p.responder = &responder;
	responder_init(p.responder, parent_reports, PARENT_REPORTS, &p);
	responder.order = take_order;
	admin_sockets_init(&p.admin);
	buf_init(&p.why, RELOAD_TEXT_MAX);
	p.image = p.signals = p.pidfile = -1;
	logset_init(&p.logset);
	p.notify.fd = -1;
	p.setup = (struct child_setup){ .self = o->self,
		.verbose = o->verbose, .relay = !o->foreground,
		.identity = &p.identity, .insecure = o->insecure };
	good = open_all(&p) && parent_settle(&p);
	if (good) {
		parent_loop(&p);
		send_all_away(&p);
		pidfile_remove(p.conf->pidfile, p.pidfile);
		log_debug("exiting");
	}
	close_all(&p);
	return !good;
}
