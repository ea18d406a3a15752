/* Reload of the configuration; see reload.h. */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "children.h"
#include "clock.h"
#include "conf_check.h"
#include "imsg.h"
#include "loader.h"
#include "log.h"
#include "pidfile.h"
#include "provision.h"
#include "recv.h"
#include "reload.h"

static struct listen_plan
listen_plan_of(const struct conf *conf)
{
	return (struct listen_plan){ .listen = conf->listen,
		.nlisten = conf->nlisten, .groups = conf->groups,
		.ngroups = conf->ngroups, .workers = conf->workers };
}

void
reload_notify_ready(struct parent *p)
{
	listeners_log_unused(&p->listeners);
	if (logset_good(&p->logset))
		notify_status(&p->notify, "receiving; sockets: %zu",
		    p->listeners.n);
	else
		notify_status(&p->notify, "receiving; %s",
		    p->logset.logfile_error.text);
	notify_ready(&p->notify);
}

/*
 * If a socket cannot be opened, the old ones are used again. Admin sockets are
 * in use by other processes meanwhile, so they stay open until everything has
 * succeeded.
 */
int
reload_open_sockets(struct parent *p, const struct conf *conf)
{
	struct listen_plan plan = listen_plan_of(conf);
	struct admin_sockets admin;

	if (forward_sockets_update(
		&p->forwards, conf->forward, conf->nforward) == 0 &&
	    admin_sockets_stage(&p->admin, conf, &admin) == 0) {
		if (listeners_update(&p->listeners, &plan) == 0) {
			admin_sockets_commit(&p->admin, &admin);
			return 0;
		}
		admin_sockets_abandon(&p->admin, p->conf, &admin);
	}
	if (p->conf != conf)
		(void)forward_sockets_update(
		    &p->forwards, p->conf->forward, p->conf->nforward);
	return -1;
}

/* Keep the number of workers: it changes at the next start only. */
static void
keep_workers(const struct parent *p, struct conf *conf)
{
	if (conf->workers != p->conf->workers) /* which are kept */
		log_warn("workers %u: takes effect at the next start",
		    conf->workers);
	conf->workers = p->conf->workers;
}

static bool
is_user(const struct parent *p, const char *user)
{
	struct identity id;
	struct flowd_error err;

	return identity_look_up(&id, user, &err) != 0 ||
	    (id.uid == p->identity.uid && id.gid == p->identity.gid);
}

/*
 * Warn about settings that change at the next start only. Compared with the
 * values at the start, not with the last reload.
 */
static void
warn_restart_needed(const struct parent *p, const struct conf *conf)
{
	if (p->identity.root && !is_user(p, conf->user))
		log_warn("user: takes effect at the next start");
	if (memcmp(&conf->limits, &p->started.limits, sizeof(conf->limits)) !=
		0 || conf_ring_octets(conf) != p->started.ring_octets)
		log_warn("limit: takes effect at the next start");
}

/*
 * Adopt a configuration. Steps that may fail come first; if a new log fails,
 * the old one stays.
 */
static int
conf_adopt(struct parent *p, struct conf *conf)
{
	bool moved = strcmp(conf->pidfile, p->conf->pidfile) != 0;
	int pidfile = -1;

	if (!conf_check(conf, CONF_DAEMON))
		return -1;
	keep_workers(p, conf);
	if (!logset_stage(&p->logset, &p->shmem, conf))
		return -1;
	if (moved && (pidfile = pidfile_write(conf->pidfile)) == -1)
		goto fail;
	if (reload_open_sockets(p, conf) != 0) {
		pidfile_remove(conf->pidfile, pidfile);
		goto fail;
	}
	if (moved) {
		pidfile_remove(p->conf->pidfile, p->pidfile);
		p->pidfile = pidfile;
	}
	logset_commit(&p->logset, conf);
	warn_restart_needed(p, conf);
	conf_free(p->conf);
	p->conf = conf;
	listeners_log(&p->listeners);
	return 0;
fail:
	logset_abandon(&p->logset, &p->shmem);
	return -1;
}

/* Send the writer new rings and files. */
static void
update_writer(struct parent *p)
{
	const struct child *writer = parent_child(p, PROC_WRITER);

	(void)provision_rings(p, writer, false);
	(void)provision_logs(p, writer, false);
	(void)provision_segments(p, writer, false);
}

bool
reload_logs(struct parent *p)
{
	bool good;

	log_debug("log reopen requested");
	good = logset_reopen(&p->logset, p->conf);
	good &= logset_rotate(&p->logset);
	update_writer(p);
	return good;
}

void
reload_log_removed(struct parent *p, unsigned slot, uint32_t serial)
{
	logset_file_removed(&p->logset, p->conf, slot, serial);
	update_writer(p);
}

/* Start to collect errors and warnings for the answer to an order. */
static void
errors_begin(struct parent *p)
{
	buf_reset(&p->errors);
	log_copy(&p->errors);
}

/* Stop collecting. Returns the messages. */
static const char *
errors_end(struct parent *p)
{
	log_copy(NULL);
	buf_append_char(&p->errors, '\0');
	return buf_ok(&p->errors) ? (const char *)p->errors.ptr
			       : "too many errors\n";
}

/*
 * Answer an order: at once on failure; on success when the writer has closed
 * all old files (rotate_queue.h). why: errors and warnings, sent in any case.
 */
static void
answer_order(struct parent *p, uint32_t serial, bool good, const char *why)
{
	if (why[0] != '\0')
		responder_text(p->responder, serial, why);
	if (!good)
		responder_done(p->responder, serial, END_FAILED);
	else if (!rotate_queue_add(&p->rotations, serial,
		     logset_pending(&p->logset), clock_monotonic_ms()))
		responder_done(p->responder, serial, END_BUSY);
}

static void
rotate_order(struct parent *p, uint32_t serial)
{
	bool good;

	errors_begin(p);
	good = reload_logs(p);
	answer_order(p, serial, good, errors_end(p));
}

/* Answer all orders of the reload. */
static void
answer_orders(struct parent *p, bool good, const char *why)
{
	uint32_t serials[RELOAD_QUEUE_MAX];
	size_t n = reload_queue_end(&p->reloads, serials);

	for (size_t i = 0; i < n; i++)
		answer_order(p, serials[i], good, why);
}

void
reload_begin(struct parent *p)
{
	log_debug("reconfiguration requested");
	if (p->loader != 0) {
		p->reload_again = true;
		return;
	}
	reload_queue_begin(&p->reloads);
	notify_reloading(&p->notify);
	p->loader = loader_start(p->o->req, &p->identity, &p->loader_image);
	if (p->loader == -1) {
		log_error("cannot start the loader: %s", strerror(errno));
		p->loader = 0;
		answer_orders(p, false, "cannot start the loader\n");
	}
}

void
reload_take_order(enum frame_type type, uint32_t serial, void *arg)
{
	struct parent *p = arg;

	if (type == FRAME_ROTATE)
		rotate_order(p, serial);
	else if (reload_queue_add(&p->reloads, serial))
		reload_begin(p);
	else
		responder_done(p->responder, serial, END_BUSY);
}

static void
conf_refuse(struct parent *p)
{
	log_error("%s: not loaded; keeping the old configuration",
	    p->o->req->path);
	p->refused_ns = clock_real_ns();
	(void)logset_reopen(&p->logset, p->conf);
	update_writer(p);
	notify_status(&p->notify,
	    "receiving; %s was not loaded, see the log", p->o->req->path);
	notify_ready(&p->notify);
}

/*
 * Start a child that is needed now, or tell it to exit. Returns true when it
 * continues.
 */
static bool
change_child(struct parent *p, enum proc_kind kind)
{
	struct child *c = parent_child(p, kind);

	if (!parent_wants(p, kind)) {
		child_quit(c);
		return false;
	}
	if (c->pid != 0 && !c->exiting)
		return true;
	if (c->pid == 0)
		(void)parent_start(p, c);
	else /* It is exiting: restart it afterwards. */
		c->exiting = false;
	return false;
}

/* Start or stop optional children. */
static void
change_children(struct parent *p)
{
	if (change_child(p, PROC_FORWARDER))
		(void)provision_collectors(p, parent_child(p, PROC_FORWARDER));
	provision_admin(p);
	(void)change_child(p, PROC_CONTROL);
	(void)change_child(p, PROC_METRICS);
}

void
reload_restore_paths(struct parent *p)
{
	p->pidfile = pidfile_restore(p->conf->pidfile, p->pidfile);
	if (!admin_sockets_restore(&p->admin, p->conf))
		return;
	provision_admin(p);
	(void)change_child(p, PROC_CONTROL);
}

/*
 * Send engines the new configuration. Dropped logs are closed when all engines
 * use it.
 */
static void
change_engines(struct parent *p)
{
	for (size_t i = 0; i < p->shmem.nengines; i++) {
		p->children[i].ready = false;
		p->children[i].ready_pending++;
	}
	p->changing = true;
	update_writer(p);
	parent_each_engine(p, provision_conf);
}

void
reload_engines_ready(struct parent *p)
{
	for (size_t i = 0; i < p->shmem.nengines; i++)
		if (!p->children[i].ready)
			return;
	p->changing = false;
	(void)provision_logs(p, parent_child(p, PROC_WRITER), true);
	(void)provision_endings(p, parent_child(p, PROC_WRITER));
}

/* Handle the exit status of the loader. */
static void
conf_take(struct parent *p, int status)
{
	struct flowd_error err;
	struct conf *conf = NULL;

	p->loader = 0;
	if (WIFSIGNALED(status))
		log_error("the loader died of signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status) == 0 &&
		 (conf = loader_conf(p->loader_image, &err)) == NULL)
		log_error("%s", err.text);
	if (conf != NULL && conf_adopt(p, conf) == 0) {
		(void)close(p->image);
		p->image = p->loader_image;
		p->configured_ns = clock_real_ns();
		p->refused_ns = 0;
		admin_sockets_log_error(&p->admin);
		change_children(p);
		change_engines(p);
		log_info("configuration read from %s", p->o->req->path);
		if (!logset_good(&p->logset))
			log_warn("the rest of the configuration is in use");
		reload_notify_ready(p);
	} else {
		if (conf != NULL)
			conf_free(conf);
		if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
			loader_errors(p->loader_image, &p->errors);
		(void)close(p->loader_image);
		conf_refuse(p);
	}
}

/* Messages that are logged meanwhile are sent with the answers to orders. */
void
reload_loaded(struct parent *p, int status)
{
	errors_begin(p);
	conf_take(p, status);
	reload_restore_paths(p);
	answer_orders(p, p->refused_ns == 0 && logset_good(&p->logset),
	    errors_end(p));
	if (p->reload_again) {
		p->reload_again = false;
		reload_begin(p);
	}
}
