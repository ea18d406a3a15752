/* Stopping all children; see shutdown.h. */
#include <signal.h>

#include "children.h"
#include "clock.h"
#include "log.h"
#include "parent_loop.h"
#include "shutdown.h"
#include "signals.h"

enum {
	END_MS = 15000, /* limit for each child to exit */
	END_TRIES = 3 /* restarts of a child that crashes while exiting */
};

/* Wait for a child to exit. Returns false when it had to be killed. */
static bool
wait_exit(struct parent *p, struct child *c)
{
	int64_t end_ms = clock_monotonic_ms() + END_MS;
	bool good = true;

	while (c->pid != 0) {
		int64_t now_ms = clock_monotonic_ms();

		if (now_ms >= end_ms) {
			log_error("the %s does not exit: killing it",
			    c->title);
			(void)kill(c->pid, SIGKILL);
			end_ms = now_ms + END_MS;
			good = false;
		}
		parent_poll(p, (int)(end_ms - now_ms));
		if (p->signalled && (signals_take() & SIGNAL_CHILD))
			parent_reap(p);
	}
	return good;
}

/*
 * Wait for an engine or writer to exit. One that crashed, also during exit,
 * leaves datagrams in sockets or flows in rings: restart it to process them and
 * count losses, at most END_TRIES times.
 */
static void
wait_exit_flows(struct parent *p, struct child *c)
{
	bool again = wait_exit(p, c) && c->failed;

	for (int i = 0; i < END_TRIES && again; i++) {
		if (parent_start(p, c) != 0)
			child_exited(c, clock_monotonic_ms());
		child_quit(c);
		again = wait_exit(p, c) && c->failed;
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
log_unwritten(struct parent *p)
{
	for (unsigned i = 0; i < SLOTS; i++) {
		struct ring_counts c = { 0, 0, 0, 0 };
		const char *path = log_path(p, i);

		if (path == NULL)
			continue;
		shmem_count(&p->shmem, i, &c);
		if (c.waiting > 0)
			log_error("%s: flows lost while waiting to be written: "
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
void
parent_shutdown(struct parent *p)
{
	notify_stopping(&p->notify);
	if (p->loader != 0)
		(void)kill(p->loader, SIGTERM);
	for (size_t i = 0; i < p->shmem.nengines; i++)
		child_quit(&p->children[i]);
	for (size_t i = 0; i < p->shmem.nengines; i++)
		wait_exit_flows(p, &p->children[i]);
	for (size_t i = p->shmem.nengines; i < p->nchildren; i++) {
		struct child *c = &p->children[i];

		child_quit(c);
		if (c->kind == PROC_WRITER)
			wait_exit_flows(p, c);
		else
			(void)wait_exit(p, c);
	}
	log_unwritten(p);
	parent_save_state(p);
}
