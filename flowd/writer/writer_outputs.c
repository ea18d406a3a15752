/* Kinds of logs; see writer_outputs.h. */
#include <string.h>
#include <sys/stat.h>

#include "clock.h"
#include "writer_logsock.h"
#include "writer_outputs.h"

enum { REQUEST_MS = 1000 /* between two requests for a removed file */ };

/* Ask the parent to open the file by its path again. */
static void
request_file(const struct writer *w, struct sink *s)
{
	const struct imsg_log what = {
		.slot = (uint32_t)(s - w->sinks), .serial = s->serial };
	struct imsg msg = { .type = IMSG_LOG_REMOVED, .nfds = 0,
		.len = sizeof(what) };
	int64_t now_ms = clock_monotonic_ms();

	if (!s->log.gone ||
	    (s->requested_ms != 0 && now_ms - s->requested_ms < REQUEST_MS))
		return;
	memcpy(msg.data, &what, sizeof(what));
	(void)imsg_send(w->channel, &msg);
	s->requested_ms = now_ms;
}

static void
file_write(struct writer *w, struct sink *s)
{
	sink_write(s, SINK_TURNS);
	request_file(w, s);
}

static bool
file_is_stopped(const struct sink *s)
{
	return s->log.path == NULL || s->log.error != 0;
}

static void
file_finish(struct writer *w, struct sink *s)
{
	(void)w;
	sink_close_log(s);
}

/*
 * Report whether a log can be written to. The flow counts come from the
 * engines, which have them even while this process blocks on a disk; the parent
 * reports paths. problem: the error, or NULL.
 */
static void
put_log(struct report *r, unsigned slot, const char *problem)
{
	report_row(r);
	report_set_text(r, FIELD_LOGS_log, slot_word(slot));
	report_set(r, FIELD_LOGS_slot, slot);
	report_set_text(
	    r, FIELD_LOGS_state, problem == NULL ? "good" : problem);
	report_set(r, FIELD_LOGS_good, problem == NULL);
}

/* Queries also detect a removed file. */
static const char *
sink_problem(const struct writer *w, struct sink *s)
{
	struct stat st;

	if (s->log.regular && fstat(s->log.fd, &st) == 0 &&
	    logfile_is_removed(&s->log, &st))
		request_file(w, s);
	if (s->failed != NULL)
		return s->failed;
	return s->log.error != 0 ? logfile_reason(&s->log) : NULL;
}

/* The parent reports the size of segments. */
static void
put_size(struct report *r, const struct logfile *log)
{
	struct stat st;

	if (log->regular && fstat(log->fd, &st) == 0)
		report_set(r, FIELD_LOGS_size, (uint64_t)st.st_size);
}

static void
logdir_report(struct report *r, struct writer *w, struct sink *s)
{
	if (s->log.path == NULL)
		return;
	put_log(r, (unsigned)(s - w->sinks), sink_problem(w, s));
	report_set(r, FIELD_LOGS_removed, s->log.removed);
}

static void
logfile_report(struct report *r, struct writer *w, struct sink *s)
{
	logdir_report(r, w, s);
	if (s->log.path != NULL)
		put_size(r, &s->log);
}

static void
logsock_report(struct report *r, struct writer *w, struct sink *s)
{
	if (w->logsock.path != NULL)
		put_log(r, (unsigned)(s - w->sinks),
		    logsock_problem(&w->logsock));
}

/* The output functions of each kind of log. */
static const struct output {
	/* Write waiting units, as far as the log accepts them. */
	void (*write)(struct writer *w, struct sink *s);
	/* The output accepts nothing now: skip its rings. May be NULL. */
	bool (*is_stopped)(const struct sink *s);
	/* Append the report row, if there is such a log. */
	void (*report)(struct report *r, struct writer *w, struct sink *s);
	/* Write what is left before closing; the rest is lost. */
	void (*finish)(struct writer *w, struct sink *s);
} outputs[DESTINATIONS] = {
	[DESTINATION_LOGFILE] = {
	    file_write, file_is_stopped, logfile_report, file_finish },
	[DESTINATION_LOGSOCK] = {
	    writer_logsock_write, NULL, logsock_report, writer_logsock_finish },
	[DESTINATION_LOGDIR] = {
	    file_write, file_is_stopped, logdir_report, file_finish },
};

static const struct output *
output_of(unsigned slot)
{
	return &outputs[slot_destination(slot)];
}

void
writer_outputs_write(struct writer *w)
{
	for (unsigned i = 0; i < SLOTS; i++)
		output_of(i)->write(w, &w->sinks[i]);
}

void
writer_outputs_finish(struct writer *w)
{
	for (unsigned i = 0; i < SLOTS; i++)
		output_of(i)->finish(w, &w->sinks[i]);
}

bool
writer_output_is_stopped(const struct writer *w, unsigned slot)
{
	const struct output *o = output_of(slot);

	return o->is_stopped != NULL && o->is_stopped(&w->sinks[slot]);
}

static void
fill_logs(struct report *r, const struct addr *only, void *arg)
{
	struct writer *w = arg;

	(void)only;
	for (unsigned i = 0; i < SLOTS; i++)
		output_of(i)->report(r, w, &w->sinks[i]);
}

const struct responder_row writer_reports[WRITER_REPORTS] = {
#define WRITER_REPORT(report, fill) { REPORT_OF_##report, fill },
#include "process_reports.def"
};
