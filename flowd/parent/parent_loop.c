/* The loop of the parent; see parent_loop.h. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "children.h"
#include "clock.h"
#include "imsg.h"
#include "log.h"
#include "parent_loop.h"
#include "provision.h"
#include "reload.h"
#include "signals.h"
#include "statefile.h"

enum {
	SAVE_MS = 60000, /* between two saves of the state file */
	PATHS_MS = 5000, /* between two checks for removed paths */
	MESSAGES_TURN = 64, /* messages of one child per iteration */
	STATISTICS_LINES = 16384, /* log lines of one child, and more ... */
	STATISTICS_OF_ONE = 32, /* ... of each exporter */

	POLL_SIGNALS = 0, /* indexes in the poll set */
	POLL_CONTROL,
	POLL_CHILDREN,
	POLL_MOST = POLL_CHILDREN + 2 * (ENGINES_MAX + PROC_KINDS)
};

static struct child *
child_of(struct parent *p, pid_t pid)
{
	for (size_t i = 0; i < p->nchildren; i++)
		if (p->children[i].pid == pid)
			return &p->children[i];
	return NULL;
}

static void
log_child_exit(const struct child *c, int status)
{
	const char *next = c->exiting ? "it was exiting"
				      : "restarting it";

	if (WIFSIGNALED(status))
		log_error("the %s died of signal %d; %s", c->title,
		    WTERMSIG(status), next);
	else
		log_error("the %s exited with status %d; %s", c->title,
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
statistics_request(struct parent *p, size_t from)
{
	for (p->statistics_of = NULL; from < p->nchildren; from++) {
		struct child *c = &p->children[from];

		if (c->pid == 0 || (c->kind != PROC_ENGINE &&
		    c->kind != PROC_FORWARDER) ||
		    child_send_type(c, IMSG_STATISTICS) != 0)
			continue;
		parent_child_log(p, c)->source.exempt = STATISTICS_LINES +
		    STATISTICS_OF_ONE * exporters_most(p);
		p->statistics_of = c;
		return;
	}
}

static void
statistics_done(struct parent *p, const struct child *c)
{
	if (c == p->statistics_of)
		statistics_request(p, (size_t)(c - p->children) + 1);
}

void
parent_reap(struct parent *p)
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
		child_log_end(parent_child_log(p, c), c->log);
		c->failed = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
		if (!c->exiting || c->failed)
			log_child_exit(c, status);
		child_exited(c, clock_monotonic_ms());
		statistics_done(p, c);
		c->restarts += !c->exiting;
		if (c->exiting)
			c->restart_ms = 0;
	}
}

/* Rotations that wait for the writer. */

/* Fail an order that timed out; name the logs it waited for. */
static void
rotation_fail(struct parent *p, uint32_t serial, uint64_t slots)
{
	buf_reset(&p->errors);
	for (unsigned i = 0; i < SLOTS; i++)
		if (slots >> i & 1)
			buf_printf(&p->errors, "%s: the writer did not switch "
			    "to the new file within %d s and may still write "
			    "to the old one\n", logset_path(&p->logset, i),
			    ROTATE_WAIT_MS / 1000);
	buf_append_char(&p->errors, '\0');
	if (buf_ok(&p->errors))
		responder_text(
		    p->responder, serial, (const char *)p->errors.ptr);
	responder_done(p->responder, serial, END_FAILED);
}

static void
rotations_answer(struct parent *p)
{
	struct rotate_request o;

	while (rotate_queue_next(&p->rotations, clock_monotonic_ms(), &o))
		if (o.slots == 0)
			responder_done(p->responder, o.serial, END_GOOD);
		else
			rotation_fail(p, o.serial, o.slots);
}

/* Handle messages of the writer: a file was closed or removed. */
static void
handle_log_message(struct parent *p, const struct imsg *msg)
{
	struct imsg_log what;

	if (msg->len != sizeof(what))
		return;
	memcpy(&what, msg->data, sizeof(what));
	if (msg->type == IMSG_LOG)
		logset_released(&p->logset, what.slot, what.serial);
	else if (msg->type == IMSG_LOG_REMOVED)
		reload_log_removed(p, what.slot, what.serial);
	else if (msg->type == IMSG_LOG_CLOSE)
		logset_closed(&p->logset, &p->shmem, what.slot);
	rotate_queue_settle(&p->rotations, logset_pending(&p->logset));
}

/* Each configuration gets one answer; only the last one counts. */
static void
handle_ready(struct child *c)
{
	if (c->ready_pending > 0)
		c->ready_pending--;
	c->ready = c->ready_pending == 0;
}

/* Handle messages of a child, up to MESSAGES_TURN at a time. */
static void
handle_messages(struct parent *p, struct child *c)
{
	struct imsg msg;
	int got = 0;

	for (int i = 0; i < MESSAGES_TURN &&
	     (got = imsg_receive(c->channel, &msg)) > 0; i++) {
		for (uint32_t k = 0; k < msg.nfds; k++)
			(void)close(msg.fds[k]);
		if (msg.type == IMSG_READY)
			handle_ready(c);
		else if (msg.type == IMSG_LOGSOCK_REQUEST &&
			 c->kind == PROC_WRITER)
			provision_logsock(p, c);
		else if (msg.type == IMSG_STATISTICS)
			statistics_done(p, c);
		else if (c->kind == PROC_WRITER)
			handle_log_message(p, &msg);
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

		if (c->pid == 0 && c->restart_ms != 0 &&
		    now_ms >= c->restart_ms && parent_start(p, c) != 0)
			child_exited(c, now_ms);
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

/* When parent_loop() has something to do, in ms; -1: not before an event. */
static int
parent_timeout(const struct parent *p)
{
	int64_t now_ms = clock_monotonic_ms();
	int timeout = logset_timeout(&p->logset);

	timeout = timeout_min(timeout, ms_until(p->save_ms, now_ms));
	timeout = timeout_min(timeout, ms_until(p->paths_ms, now_ms));
	timeout = timeout_min(
	    timeout, ms_until(rotate_queue_end_ms(&p->rotations), now_ms));
	for (size_t i = 0; i < p->nchildren; i++)
		if (p->children[i].pid == 0)
			timeout = timeout_min(timeout,
			    ms_until(p->children[i].restart_ms, now_ms));
	return timeout;
}

/* What is due by time in every iteration. Returns the ms to the next time. */
static int
parent_tick(struct parent *p)
{
	int64_t now_ms = clock_monotonic_ms();
	int timeout;

	notify_alive(&p->notify, now_ms);
	timeout = notify_timeout(&p->notify, now_ms);
	log_tick();
	timeout = timeout_min(timeout, log_timeout());
	for (size_t i = 0; i < p->nchildren; i++) {
		struct log_source *source = &p->child_logs[i].source;

		log_relay_tick(source);
		timeout = timeout_min(timeout, log_relay_timeout(source));
	}
	return timeout;
}

void
parent_poll(struct parent *p, int most_ms)
{
	struct pollfd pfd[POLL_MOST];
	struct pollfd *channels = pfd + POLL_CHILDREN;
	struct pollfd *logs = channels + p->nchildren;
	int timeout = timeout_min(parent_tick(p), most_ms);

	p->signalled = false;
	pfd[POLL_SIGNALS] = (struct pollfd){ p->signals, POLLIN, 0 };
	pfd[POLL_CONTROL] = (struct pollfd){ p->responder->conn.fd,
		responder_events(p->responder), 0 };
	for (size_t i = 0; i < p->nchildren; i++) {
		channels[i] = (struct pollfd){
			p->children[i].channel, POLLIN, 0 };
		logs[i] = (struct pollfd){ p->children[i].log, POLLIN, 0 };
	}
	if (poll(pfd, (nfds_t)(POLL_CHILDREN + 2 * p->nchildren),
		timeout) < 0) {
		if (errno != EINTR)
			log_limited(LOG_KIND_POLL, "poll: %s", strerror(errno));
		return;
	}
	for (size_t i = 0; i < p->nchildren; i++) {
		if (logs[i].revents != 0)
			child_log_read(&p->child_logs[i], p->children[i].log);
		if (channels[i].revents != 0)
			handle_messages(p, &p->children[i]);
	}
	if (pfd[POLL_CONTROL].revents != 0)
		responder_handle(p->responder);
	p->signalled = pfd[POLL_SIGNALS].revents != 0;
}

void
parent_save_state(struct parent *p)
{
	struct bytes states[ENGINES_MAX];

	for (unsigned i = 0; i < p->shmem.nengines; i++)
		states[i] = snapshot_get(&p->shmem.engines[i].snapshot);
	statefile_save(
	    conf_statefile(p->conf), states, p->shmem.nengines);
	p->save_ms = clock_monotonic_ms() + SAVE_MS;
}

void
parent_signals(struct parent *p, unsigned events)
{
	if (events & SIGNAL_CHILD)
		parent_reap(p);
	if (events & SIGNAL_RELOAD)
		reload_begin(p);
	else if (events & SIGNAL_REOPEN)
		(void)reload_logs(p);
	if (events & SIGNAL_STATISTICS)
		statistics_request(p, 0);
	p->exiting |= (events & SIGNAL_QUIT) != 0;
}

/* Start, seal and remove segments. */
static void
logs_tick(struct parent *p)
{
	const struct child *writer = parent_child(p, PROC_WRITER);
	const struct sealer_setup setup = { .self = p->o->self,
		.identity = &p->identity,
		.insecure = p->o->insecure };

	logset_tick(&p->logset, writer->ready, &setup);
	if (writer->ready)
		(void)provision_segments(p, writer, false);
}

/* Create sockets and the pid file again when they were removed. */
static void
paths_restore(struct parent *p)
{
	if (clock_monotonic_ms() < p->paths_ms)
		return;
	p->paths_ms = clock_monotonic_ms() + PATHS_MS;
	reload_restore_paths(p);
}

void
parent_loop(struct parent *p)
{
	p->save_ms = clock_monotonic_ms() + SAVE_MS;
	p->paths_ms = clock_monotonic_ms() + PATHS_MS;
	while (!p->exiting) {
		parent_poll(p, parent_timeout(p));
		if (p->signalled)
			parent_signals(p, signals_take());
		restart_children(p);
		rotations_answer(p);
		logs_tick(p);
		paths_restore(p);
		if (clock_monotonic_ms() >= p->save_ms)
			parent_save_state(p);
	}
}
