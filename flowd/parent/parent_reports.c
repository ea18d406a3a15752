/* The reports of the parent; see parent_reports.h. */
#include <sys/stat.h>
#include <unistd.h>

#include "parent_reports.h"
#include "parent_state.h"
#include "recv.h"

static void
fill_status(struct report *r, const struct addr *only, void *arg)
{
	const struct parent *p = arg;

	(void)only;
	report_row(r);
	report_set_text(r, FIELD_STATUS_version, FLOWD_VERSION);
	report_set_ns(r, FIELD_STATUS_started, p->started_ns);
	report_set_text(r, FIELD_STATUS_configuration, p->o->req->path);
	report_set_ns(r, FIELD_STATUS_configured, p->configured_ns);
	report_set(r, FIELD_STATUS_configuration_good, p->refused_ns == 0);
	if (p->refused_ns != 0)
		report_set_ns(r, FIELD_STATUS_refused, p->refused_ns);
}

static const char *
state_of(const struct child *c)
{
	if (c->pid == 0)
		return "to be started again";
	if (c->exiting)
		return "ending";
	return c->ready ? "running" : "starting";
}

static void
put_child(struct report *r, const struct child *c)
{
	report_row(r);
	report_set_text(r, FIELD_PROCESSES_process, c->title);
	if (c->pid != 0)
		report_set(r, FIELD_PROCESSES_pid, (uint64_t)c->pid);
	report_set_text(r, FIELD_PROCESSES_state, state_of(c));
	report_set(r, FIELD_PROCESSES_up, c->pid != 0);
	report_set(r, FIELD_PROCESSES_restarts, c->restarts);
	report_set_ns(r, FIELD_PROCESSES_started, c->started_ns);
}

/* Children that the configuration does not need are left out. */
static void
fill_processes(struct report *r, const struct addr *only, void *arg)
{
	const struct parent *p = arg;

	(void)only;
	report_row(r);
	report_set_text(r, FIELD_PROCESSES_process, "parent");
	report_set(r, FIELD_PROCESSES_pid, (uint64_t)getpid());
	report_set_text(r, FIELD_PROCESSES_state, "running");
	report_set(r, FIELD_PROCESSES_up, 1);
	report_set(r, FIELD_PROCESSES_restarts, 0);
	report_set_ns(r, FIELD_PROCESSES_started, p->started_ns);
	for (size_t i = 0; i < p->nchildren; i++) {
		const struct child *c = &p->children[i];

		if (c->pid != 0 || c->restart_ms != 0)
			put_child(r, c);
	}
}

static void
put_log(struct report *r, unsigned slot, const char *path)
{
	if (path == NULL)
		return;
	report_row(r);
	report_set_text(r, FIELD_LOGS_log, slot_word(slot));
	report_set(r, FIELD_LOGS_slot, slot);
	report_set_text(r, FIELD_LOGS_path, path);
}

/* The segments in a directory, and those that were removed. */
static void
put_retention(struct report *r, const struct retention *retention)
{
	const struct retention_counts *n = &retention->counts;
	bool good = retention->trouble == RETENTION_GOOD;

	report_set(r, FIELD_LOGS_segments, n->segments);
	if (n->oldest_sec != 0)
		report_set_ns(r, FIELD_LOGS_oldest,
		    n->oldest_sec * INT64_C(1000000000));
	report_set(r, FIELD_LOGS_expired, n->removed);
	report_set(r, FIELD_LOGS_expired_octets, n->removed_octets);
	report_set(r, FIELD_LOGS_stuck, n->stuck);
	report_set(r, FIELD_LOGS_held, n->held);
	report_set_text(
	    r, FIELD_LOGS_retention, good ? "good" : retention->state);
	report_set(r, FIELD_LOGS_retention_good, good);
}

static uint64_t
size_of(int fd)
{
	struct stat st;

	return fd != -1 && fstat(fd, &st) == 0 ? (uint64_t)st.st_size : 0;
}

static void
put_logdir(struct report *r, const struct logset_dir *d)
{
	const struct logdir *dir = &d->dir;
	uint64_t written_to = size_of(d->fd) + size_of(d->old_fd);

	if (dir->now.name[0] != '\0')
		report_set_text(r, FIELD_LOGS_file,
		    d->old_fd != -1 ? dir->old.name : dir->now.name);
	put_retention(r, &dir->retention);
	report_set(r, FIELD_LOGS_size,
	    dir->retention.counts.octets + written_to);
	report_set(r, FIELD_LOGS_unsealed, dir->unsealed.n);
	report_set(r, FIELD_LOGS_seal_failures, dir->seal_failures);
	report_set(r, FIELD_LOGS_commands_failed, d->hook.failed);
	report_set(r, FIELD_LOGS_commands_left_out, d->hook.left_out);
}

/*
 * The open files; if the writer may use several, the oldest. Engines report
 * flow counts, the writer reports errors.
 */
static void
fill_logs(struct report *r, const struct addr *only, void *arg)
{
	struct parent *p = arg;

	(void)only;
	put_log(r, SLOT_LOGFILE, p->logset.logfile.files[0].path);
	put_log(r, SLOT_LOGSOCK, p->conf->logsock);
	for (unsigned i = SLOT_LOGDIR; i < SLOTS; i++) {
		const struct logset_dir *d = logset_dir(&p->logset, i);

		if (d == NULL)
			continue;
		put_log(r, i, d->dir.path);
		put_logdir(r, d);
	}
}

const struct responder_row parent_reports[PARENT_REPORTS] = {
#define PARENT_REPORT(report, fill) { REPORT_OF_##report, fill },
#include "process_reports.def"
};
