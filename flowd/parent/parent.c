/* The parent; see parent.h. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "children.h"
#include "clock.h"
#include "conf_check.h"
#include "loader.h"
#include "log.h"
#include "parent.h"
#include "parent_loop.h"
#include "parent_reports.h"
#include "pidfile.h"
#include "process.h"
#include "reload.h"
#include "shutdown.h"
#include "signals.h"
#include "statefile.h"

enum {
	START_MS = 20000, /* limit for children to become ready */
	DESCRIPTORS_LEAST = 256 /* control polls more than 100 */
};

static bool
conf_load_first(struct parent *p)
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
user_find(struct parent *p)
{
	struct flowd_error err;

	if (identity_find(&p->identity, p->conf->user, &err) == 0)
		return true;
	log_error("%s", err.text);
	return false;
}

/* Log which privileges are dropped. */
static void
log_privileges(const struct parent *p)
{
	if (p->o->insecure)
		log_warn("-X INSECURE: the processes keep all privileges");
	else if (!p->identity.root)
		log_warn("not started as root: no change of user, no chroot; "
			 "system call filter: %s", sandbox_name());
	else
		log_debug("processes run as %s in %s; system call filter: %s",
		    p->identity.name, p->identity.folder, sandbox_name());
}

static bool
shmem_create(struct parent *p)
{
	if (shmem_init(&p->shmem, p->conf->workers,
		conf_ring_octets(p->conf)))
		return true;
	log_error("cannot create shared memory: %s", strerror(errno));
	return false;
}

/*
 * Create the child entries, not started: the engines, and one of each other
 * kind.
 */
static bool
children_create(struct parent *p)
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
raise_descriptors(void)
{
	unsigned long n = process_raise_nofile();

	if (n >= DESCRIPTORS_LEAST)
		return true;
	log_error("the limit of open files is %lu (ulimit -n): flowd needs at "
		  "least %d", n, DESCRIPTORS_LEAST);
	return false;
}

static bool
parent_open(struct parent *p)
{
	if (!raise_descriptors())
		return false;
	if (notify_open(&p->notify) != 0)
		log_warn("cannot reach the service manager: %s",
		    strerror(errno));
	if (inherit_init(&p->inherit) != 0) {
		log_error("out of memory");
		return false;
	}
	if (!conf_load_first(p) || !conf_check(p->conf, CONF_DAEMON) ||
	    pidfile_check(p->conf->pidfile) != 0 || !user_find(p))
		return false;
	p->started.limits = p->conf->limits;
	p->started.ring_octets = conf_ring_octets(p->conf);
	p->listeners.inherit = &p->inherit;
	if (reload_open_sockets(p, p->conf) != 0 || !shmem_create(p) ||
	    !logset_stage(&p->logset, &p->shmem, p->conf))
		return false;
	logset_commit(&p->logset, p->conf);
	return children_create(p);
}

/*
 * Is there a wanted child for which has() is false: not started, or not ready?
 */
static bool
any_child_lacks(const struct parent *p, bool (*has)(const struct child *c))
{
	for (size_t i = 0; i < p->nchildren; i++)
		if (parent_wants(p, p->children[i].kind) &&
		    !has(&p->children[i]))
			return true;
	return false;
}

static bool
child_is_ready(const struct child *c)
{
	return c->ready;
}

static bool
child_is_alive(const struct child *c)
{
	return c->pid != 0;
}

/* Start all children. Any that dies now is an error: it would die again. */
static bool
children_start(struct parent *p)
{
	int64_t end_ms = clock_monotonic_ms() + START_MS;

	for (size_t i = 0; i < p->nchildren; i++)
		if (parent_wants(p, p->children[i].kind) &&
		    parent_start(p, &p->children[i]) != 0)
			return false;
	while (any_child_lacks(p, child_is_ready)) {
		int64_t now_ms = clock_monotonic_ms();

		if (any_child_lacks(p, child_is_alive))
			return false;
		if (now_ms >= end_ms) {
			log_error("the processes did not become ready in time");
			return false;
		}
		parent_poll(p, (int)(end_ms - now_ms));
		if (!p->signalled)
			continue;
		parent_signals(p, signals_take());
		if (p->exiting)
			return true;
	}
	return true;
}

static void
children_kill(struct parent *p)
{
	for (size_t i = 0; i < p->nchildren; i++) {
		struct child *c = &p->children[i];

		if (c->pid == 0)
			continue;
		(void)kill(c->pid, SIGKILL);
		(void)waitpid(c->pid, NULL, 0);
		child_log_end(parent_child_log(p, c), c->log);
	}
}

/* Load the state file; each engine selects its own exporters. */
static void
load_state(struct parent *p)
{
	for (unsigned i = 0; i < p->shmem.nengines; i++)
		statefile_load(conf_statefile(p->conf),
		    &p->shmem.engines[i].snapshot);
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
		log_error("cannot handle signals: %s", strerror(errno));
		return false;
	}
	log_privileges(p);
	load_state(p);
	if (!children_start(p) ||
	    (p->pidfile = pidfile_write(p->conf->pidfile)) == -1) {
		children_kill(p);
		return false;
	}
	admin_sockets_log_error(&p->admin);
	if (!foreground) {
		log_to_syslog();
		process_ready(ready);
	}
	listeners_log(&p->listeners);
	reload_notify_ready(p);
	return true;
}

static void
parent_close(struct parent *p)
{
	listeners_close(&p->listeners);
	forward_sockets_close(&p->forwards);
	admin_sockets_close(&p->admin);
	responder_fini(p->responder);
	buf_fini(&p->errors);
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
	responder.order = reload_take_order;
	admin_sockets_init(&p.admin);
	buf_init(&p.errors, RELOAD_TEXT_MAX);
	p.image = p.signals = p.pidfile = -1;
	logset_init(&p.logset);
	p.notify.fd = -1;
	p.setup = (struct child_setup){ .self = o->self,
		.verbose = o->verbose, .relay = !o->foreground,
		.identity = &p.identity, .insecure = o->insecure };
	good = parent_open(&p) && parent_settle(&p);
	if (good) {
		parent_loop(&p);
		parent_shutdown(&p);
		pidfile_remove(p.conf->pidfile, p.pidfile);
		log_debug("exiting");
	}
	parent_close(&p);
	return !good;
}
