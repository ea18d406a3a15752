/* The process that writes logs; see writer.h. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "imsg.h"
#include "log.h"
#include "logsock.h"
#include "proc.h"
#include "responder.h"
#include "ring.h"
#include "shmem.h"
#include "sink.h"
#include "write_intent.h"
#include "writer.h"

enum {
	RETRY_MS = 200, /* interval of retries after a write error */
	REQUEST_MS = 1000, /* interval of requests for a removed file */
	PATH_OCTETS = 4096, /* octets of a path */

	POLL_CHANNEL = 0, /* places in writer.pfd */
	POLL_WAKE,
	POLL_LOGSOCK,
	POLL_CONTROL,
	POLL_SINKS,
	POLL_COUNT = POLL_SINKS + SLOTS
};

struct writer {
	int channel;
	int wake; /* engines write to the other end */
	struct write_intent *intents; /* SLOT_INTENTS; NULL until received */
	bool going, leaving;
	struct sink sinks[SLOTS];
	struct logsock sock;
	bool logsock_requested; /* IMSG_LOGSOCK_REQUEST was sent */
	struct responder responder; /* to control */
	struct pollfd pfd[POLL_COUNT];
};

/* Publish the counters of the log socket, for the engines. */
static void
publish_logsock(const struct writer *k, const struct sink *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct ring_shared *shared = s->rings[i].shared;

		atomic_store(&shared->sock_sent, k->sock.sent);
		atomic_store(&shared->sock_queued, k->sock.queued);
		atomic_store(&shared->sock_lost, k->sock.lost);
	}
}

/* Move everything to the queue of the log socket. */
static void
feed_logsock(struct writer *k, struct sink *s)
{
	size_t most = sink_turns_max(s);

	for (size_t i = 0; i < s->n; i++) {
		struct ring *m = &s->rings[i];
		struct bytes piece;
		uint64_t flows;

		for (size_t turn = 0; turn < most &&
		     (piece = sink_next_piece(m, &flows)).len > 0; turn++) {
			logsock_put(&k->sock, piece);
			ring_take(m, piece.len, flows);
		}
	}
	publish_logsock(k, s);
}

/* Ask the parent to open the file by its path again. */
static void
request_file(const struct writer *k, struct sink *s)
{
	const struct imsg_log what = {
		.slot = (uint32_t)(s - k->sinks), .serial = s->serial };
	struct imsg msg = { .type = IMSG_LOG_REMOVED, .nfds = 0,
		.len = sizeof(what) };
	int64_t now_ms = clock_monotonic_ms();

	if (!s->log.gone ||
	    (s->asked_ms != 0 && now_ms - s->asked_ms < REQUEST_MS))
		return;
	memcpy(msg.data, &what, sizeof(what));
	(void)imsg_send(k->channel, &msg);
	s->asked_ms = now_ms;
}

/* Messages of the parent. Each function returns false on a fatal error. */

static bool
handle_control_link(struct writer *k, const struct imsg *msg)
{
	if (msg->nfds != 1)
		return false;
	responder_adopt(&k->responder, msg->fds[0]);
	return true;
}

static bool
handle_wake(struct writer *k, const struct imsg *msg)
{
	if (msg->nfds != 1)
		return false;
	k->wake = msg->fds[0];
	return true;
}

static bool
handle_intents(struct writer *k, const struct imsg *msg)
{
	if (msg->nfds != 1 || k->intents != NULL)
		return false;
	k->intents = write_intent_map(SLOT_INTENTS, msg->fds[0]);
	if (k->intents == NULL)
		log_error("cannot map the write intents: %s", strerror(errno));
	(void)close(msg->fds[0]);
	return k->intents != NULL;
}

static struct sink *
sink_of(struct writer *k, const struct imsg *msg)
{
	struct imsg_log what;

	if (msg->len < sizeof(what))
		return NULL;
	memcpy(&what, msg->data, sizeof(what));
	return what.slot < SLOTS ? &k->sinks[what.slot] : NULL;
}

/* Acknowledge a message: return its slot and serial to the parent. */
static bool
acknowledge(const struct writer *k, const struct imsg *msg)
{
	struct imsg out = { .type = msg->type, .nfds = 0,
		.len = sizeof(struct imsg_log) };

	memcpy(out.data, msg->data, out.len);
	return imsg_send(k->channel, &out) == 0;
}

/* Add a ring to a slot, with its write intent. */
static bool
add_ring(struct writer *k, const struct imsg_log *what, int fd)
{
	struct sink *s = &k->sinks[what->slot];
	struct ring *m = &s->rings[s->n];
	struct write_intent *intent =
	    &k->intents[slot_intent(what->slot, (unsigned)s->n)];

	if (!ring_map(m, slot_unit(what->slot), fd)) {
		log_error("cannot map a ring: %s", strerror(errno));
		return false;
	}
	write_intent_begin(intent, what->serial);
	ring_begin_writer(m, intent);
	s->n++;
	(void)close(fd);
	return true;
}

/* The rings of one slot, of all engines. */
static bool
handle_rings(struct writer *k, const struct imsg *msg)
{
	struct sink *s = sink_of(k, msg);
	struct imsg_log what;

	if (s == NULL || s->rings != NULL || k->intents == NULL ||
	    msg->nfds == 0 || msg->nfds > ENGINES_MAX)
		return false;
	memcpy(&what, msg->data, sizeof(what));
	s->rings = calloc(msg->nfds, sizeof(*s->rings));
	for (uint32_t i = 0; s->rings != NULL && i < msg->nfds; i++)
		if (!add_ring(k, &what, msg->fds[i]))
			return false;
	return s->rings != NULL;
}

/* Kinds of destinations. */

static void
file_write(struct writer *k, struct sink *s)
{
	sink_write(s, SINK_TURNS);
	request_file(k, s);
}

static bool
file_is_stopped(const struct sink *s)
{
	return s->log.path == NULL || s->log.error != 0;
}

static void
file_finish(struct writer *k, struct sink *s)
{
	(void)k;
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
sink_problem(const struct writer *k, struct sink *s)
{
	struct stat st;

	if (s->log.regular && fstat(s->log.fd, &st) == 0 &&
	    logfile_is_removed(&s->log, &st))
		request_file(k, s);
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
logdir_report(struct report *r, struct writer *k, struct sink *s)
{
	if (s->log.path == NULL)
		return;
	put_log(r, (unsigned)(s - k->sinks), sink_problem(k, s));
	report_set(r, FIELD_LOGS_removed, s->log.removed);
}

static void
logfile_report(struct report *r, struct writer *k, struct sink *s)
{
	logdir_report(r, k, s);
	if (s->log.path != NULL)
		put_size(r, &s->log);
}

static void
logsock_report(struct report *r, struct writer *k, struct sink *s)
{
	if (k->sock.path != NULL)
		put_log(r, (unsigned)(s - k->sinks), logsock_problem(&k->sock));
}

static void
logsock_finish(struct writer *k, struct sink *s)
{
	feed_logsock(k, s);
	logsock_flush(&k->sock);
	publish_logsock(k, s);
}

/* The output functions of each kind of log. */
static const struct output {
	/* Write waiting units, as far as the log accepts them. */
	void (*write)(struct writer *k, struct sink *s);
	/* The output accepts nothing now: skip its rings. May be NULL. */
	bool (*is_stopped)(const struct sink *s);
	/* Append the report row, if there is such a log. */
	void (*report)(struct report *r, struct writer *k, struct sink *s);
	/* Write what is left before closing; the rest is lost. */
	void (*finish)(struct writer *k, struct sink *s);
} outputs[DESTINATIONS] = {
	[DESTINATION_LOGFILE] = {
	    file_write, file_is_stopped, logfile_report, file_finish },
	[DESTINATION_LOGSOCK] = {
	    feed_logsock, NULL, logsock_report, logsock_finish },
	[DESTINATION_LOGDIR] = {
	    file_write, file_is_stopped, logdir_report, file_finish },
};

static const struct output *
output_of(unsigned slot)
{
	return &outputs[slot_destination(slot)];
}

static void
write_all(struct writer *k)
{
	for (unsigned i = 0; i < SLOTS; i++)
		output_of(i)->write(k, &k->sinks[i]);
}

static void
fill_logs(struct report *r, const struct addr *only, void *arg)
{
	struct writer *k = arg;

	(void)only;
	for (unsigned i = 0; i < SLOTS; i++)
		output_of(i)->report(r, k, &k->sinks[i]);
}

const struct responder_row writer_reports[WRITER_REPORTS] = {
#define WRITER_REPORT(report, fill) { REPORT_OF_##report, fill },
#include "process_reports.def"
};

/* Close a log permanently and unmap its rings. */
static bool
handle_log_close(struct writer *k, const struct imsg *msg)
{
	struct sink *s = sink_of(k, msg);

	if (s == NULL)
		return false;
	sink_close_log(s);
	for (size_t i = 0; i < s->n; i++)
		ring_unmap(&s->rings[i]);
	free(s->rings);
	*s = (struct sink){ .rings = NULL };
	logfile_init(&s->log);
	return acknowledge(k, msg);
}

static const char *
text_of(const struct imsg *msg, size_t from, char text[PATH_OCTETS])
{
	size_t len = msg->len > from ? msg->len - from : 0;

	if (len >= PATH_OCTETS)
		len = PATH_OCTETS - 1;
	memcpy(text, msg->data + from, len);
	text[len] = '\0';
	return text;
}

/* sink_of() has checked the length of the message. */
static struct imsg_log
log_of(const struct imsg *msg)
{
	struct imsg_log what;

	memcpy(&what, msg->data, sizeof(what));
	return what;
}

/* The parent could not open the next file: keep the current one. */
static bool
handle_log_failed(struct writer *k, const struct imsg *msg)
{
	struct sink *s = sink_of(k, msg);
	char text[PATH_OCTETS];

	if (s == NULL)
		return false;
	sink_clear_failure(s);
	s->failed = strdup(text_of(msg, sizeof(struct imsg_log), text));
	return s->failed != NULL;
}

/*
 * Take a new file for a slot. Flows put before go to the old one first, up to
 * SINK_TURNS pieces per ring.
 */
static bool
handle_log(struct writer *k, const struct imsg *msg)
{
	struct sink *s = sink_of(k, msg);
	char path[PATH_OCTETS];
	struct flowd_error err;
	unsigned slot;

	if (s == NULL)
		return false;
	slot = (unsigned)(s - k->sinks);
	if (k->going)
		sink_write(s, SINK_TURNS);
	if (msg->nfds == 0) {
		sink_close_log(s);
		return acknowledge(k, msg);
	}
	sink_clear_failure(s);
	s->log.max_octets = log_of(msg).max_octets;
	/* Same file: the parent could not open another one. */
	if (s->log.path != NULL && s->serial == log_of(msg).serial) {
		(void)close(msg->fds[0]);
		return acknowledge(k, msg);
	}
	if (logfile_adopt(&s->log, slot_unit(slot),
		text_of(msg, sizeof(struct imsg_log), path),
		msg->fds[0], &err) != 0) {
		/* Exit: the parent sends the file to the next writer. */
		log_error("%s", err.text);
		return false;
	}
	s->serial = log_of(msg).serial;
	s->asked_ms = 0;
	if (!logfile_is_partial(&s->log))
		s->partial = NULL;
	/* The last writer may have died in either of two files. */
	if (!s->recovered || !k->going) {
		sink_recover(s);
		if (slot_unit(slot) == UNIT_RECORDS)
			logfile_repair(&s->log);
	}
	s->recovered = true;
	return acknowledge(k, msg);
}

static bool
handle_logsock(struct writer *k, const struct imsg *msg)
{
	char path[PATH_OCTETS];
	uint32_t bufsize;

	if (msg->len < sizeof(bufsize))
		return false;
	memcpy(&bufsize, msg->data, sizeof(bufsize));
	(void)text_of(msg, sizeof(bufsize), path);
	logsock_flush(&k->sock);
	if (logsock_set(&k->sock, path[0] != '\0' ? path : NULL, bufsize) != 0)
		log_error("logsock: out of memory; keeping the old path");
	k->logsock_requested = false;
	return true;
}

static bool
handle_logsock_fd(struct writer *k, const struct imsg *msg)
{
	int error = 0;

	if (msg->len == sizeof(error))
		memcpy(&error, msg->data, sizeof(error));
	k->logsock_requested = false;
	logsock_adopt(&k->sock, msg->nfds == 1 ? msg->fds[0] : -1, error,
	    clock_monotonic_ms());
	return true;
}

/* The queue of the last writer died with it: count its records as lost. */
static void
count_logsock(struct writer *k)
{
	const struct sink *s = &k->sinks[SLOT_LOGSOCK];
	uint64_t taken = 0, sent = 0;

	for (size_t i = 0; i < s->n; i++) {
		struct ring_shared *shared = s->rings[i].shared;
		uint64_t its = atomic_load(&shared->sock_sent);

		taken += atomic_load(&shared->written);
		sent = its > sent ? its : sent;
	}
	k->sock.sent = sent;
	k->sock.lost = taken > sent ? taken - sent : 0;
	publish_logsock(k, s);
}

/* Start writing: recovery is complete, so reset all write intents. */
static bool
handle_go(struct writer *k)
{
	for (unsigned i = 0; i < SLOTS; i++)
		for (size_t m = 0; m < k->sinks[i].n; m++)
			write_intent_clear(k->sinks[i].rings[m].intent);
	count_logsock(k);
	k->going = true;
	return imsg_send_type(k->channel, IMSG_READY) == 0;
}

static bool
writer_handle_imsg(void *arg, const struct imsg *msg)
{
	struct writer *k = arg;

	switch (msg->type) {
	case IMSG_WAKE:
		return handle_wake(k, msg);
	case IMSG_INTENTS:
		return handle_intents(k, msg);
	case IMSG_RINGS:
		return handle_rings(k, msg);
	case IMSG_LOG:
		return handle_log(k, msg);
	case IMSG_LOG_FAILED:
		return handle_log_failed(k, msg);
	case IMSG_LOG_CLOSE:
		return handle_log_close(k, msg);
	case IMSG_LOGSOCK:
		return handle_logsock(k, msg);
	case IMSG_LOGSOCK_FD:
		return handle_logsock_fd(k, msg);
	case IMSG_CONTROL_LINK:
		return handle_control_link(k, msg);
	case IMSG_GO:
		return handle_go(k);
	case IMSG_QUIT:
		k->leaving = true;
		return true;
	default:
		log_error("unknown message type %u", (unsigned)msg->type);
		return false;
	}
}

/* Ask the parent to connect. */
static void
request_logsock(struct writer *k)
{
	int64_t now_ms = clock_monotonic_ms();

	logsock_flush(&k->sock);
	if (k->logsock_requested || !logsock_due(&k->sock, now_ms))
		return;
	k->logsock_requested = imsg_send_type(k->channel, IMSG_LOGSOCK_REQUEST) == 0;
}

/* Can the writer sleep until an engine appends to this slot? */
static bool
sink_sleeps(struct writer *k, unsigned slot)
{
	const struct output *o = output_of(slot);
	struct sink *s = &k->sinks[slot];
	bool sleeps = true;

	if (o->is_stopped != NULL && o->is_stopped(s))
		return true;
	for (size_t i = 0; i < s->n; i++)
		sleeps &= ring_sleep(&s->rings[i]);
	return sleeps;
}

static void
sink_awake(struct sink *s)
{
	for (size_t i = 0; i < s->n; i++)
		ring_awake(&s->rings[i]);
}

static int
writer_timeout(struct writer *k)
{
	int timeout = log_timeout();

	if (!k->logsock_requested)
		timeout = timeout_min(timeout,
		    logsock_timeout(&k->sock, clock_monotonic_ms()));
	for (unsigned i = 0; i < SLOTS; i++) {
		if (k->sinks[i].log.error != 0)
			timeout = timeout_min(timeout, RETRY_MS);
		if (!sink_sleeps(k, i))
			timeout = 0;
	}
	return timeout;
}

/* Wait until an engine appends, or a timeout or message is due. */
static void
wait_for_work(struct writer *k)
{
	int timeout = writer_timeout(k);
	char drain[64];

	k->pfd[POLL_CHANNEL] = (struct pollfd){ k->channel, POLLIN, 0 };
	k->pfd[POLL_WAKE] = (struct pollfd){ k->wake, POLLIN, 0 };
	k->pfd[POLL_LOGSOCK] = (struct pollfd){
		logsock_blocked(&k->sock) ? k->sock.fd : -1, POLLOUT, 0 };
	k->pfd[POLL_CONTROL] = (struct pollfd){ k->responder.conn.fd,
		responder_events(&k->responder), 0 };
	for (unsigned i = 0; i < SLOTS; i++) {
		const struct logfile *log = &k->sinks[i].log;

		k->pfd[POLL_SINKS + i] = (struct pollfd){
			logfile_blocked(log) ? log->fd : -1, POLLOUT, 0 };
	}
	if (poll(k->pfd, POLL_COUNT, timeout) < 0 && errno != EINTR)
		log_limited(LOG_KIND_POLL, "poll: %s", strerror(errno));
	for (unsigned i = 0; i < SLOTS; i++)
		sink_awake(&k->sinks[i]);
	if (k->pfd[POLL_WAKE].revents != 0)
		(void)!read(k->wake, drain, sizeof(drain));
}

/* Handle the parent's messages first: a closed log must not be written to. */
static bool
writer_loop(struct writer *k)
{
	while (!k->leaving) {
		wait_for_work(k);
		log_tick();
		if (k->pfd[POLL_CHANNEL].revents != 0 &&
		    !proc_dispatch(k->channel, writer_handle_imsg, k))
			return false;
		write_all(k);
		request_logsock(k);
		if (k->pfd[POLL_CONTROL].revents != 0)
			responder_handle(&k->responder);
	}
	return true;
}

static bool
writer_begin(struct writer *k)
{
	struct pollfd pfd = { k->channel, POLLIN, 0 };
	struct proc_start how;

	if (proc_receive_start(k->channel, &how) != 0)
		return false;
	if (proc_drop_privileges(&how, SANDBOX_WRITER) != 0)
		return false;
	while (!k->going && !k->leaving)
		if (poll(&pfd, 1, -1) > 0 &&
		    !proc_dispatch(k->channel, writer_handle_imsg, k))
			return false;
	return true;
}

static void
writer_finish(struct writer *k)
{
	for (unsigned i = 0; i < SLOTS; i++)
		output_of(i)->finish(k, &k->sinks[i]);
}

int
writer_main(int channel)
{
	static struct writer k;
	bool good;

	k.channel = channel;
	k.wake = -1;
	for (unsigned i = 0; i < SLOTS; i++)
		logfile_init(&k.sinks[i].log);
	logsock_init(&k.sock);
	responder_init(&k.responder, writer_reports, WRITER_REPORTS, &k);
	good = writer_begin(&k) && writer_loop(&k);
	if (k.going)
		writer_finish(&k);
	logsock_fini(&k.sock);
	responder_fini(&k.responder);
	write_intent_unmap(k.intents, SLOT_INTENTS);
	return !good;
}
