/* Messages of the parent; see writer_imsg.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "writer_imsg.h"
#include "writer_logsock.h"

enum { PATH_OCTETS = 4096 };

/* Each handler returns false on a fatal error. */

static bool
handle_control_link(struct writer *w, const struct imsg *msg)
{
	if (msg->nfds != 1)
		return false;
	responder_adopt(&w->responder, msg->fds[0]);
	return true;
}

static bool
handle_wake(struct writer *w, const struct imsg *msg)
{
	if (msg->nfds != 1)
		return false;
	w->wake = msg->fds[0];
	return true;
}

static bool
handle_intents(struct writer *w, const struct imsg *msg)
{
	if (msg->nfds != 1 || w->intents != NULL)
		return false;
	w->intents = write_intent_map(SLOT_INTENTS, msg->fds[0]);
	if (w->intents == NULL)
		log_error("cannot map the write intents: %s", strerror(errno));
	(void)close(msg->fds[0]);
	return w->intents != NULL;
}

static struct sink *
sink_of(struct writer *w, const struct imsg *msg)
{
	struct imsg_log what;

	if (msg->len < sizeof(what))
		return NULL;
	memcpy(&what, msg->data, sizeof(what));
	return what.slot < SLOTS ? &w->sinks[what.slot] : NULL;
}

/* sink_of() has checked the length of the message. */
static struct imsg_log
log_of(const struct imsg *msg)
{
	struct imsg_log what;

	memcpy(&what, msg->data, sizeof(what));
	return what;
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

/* Acknowledge a message: return its slot and serial to the parent. */
static bool
acknowledge(const struct writer *w, const struct imsg *msg)
{
	struct imsg out = { .type = msg->type, .nfds = 0,
		.len = sizeof(struct imsg_log) };

	memcpy(out.data, msg->data, out.len);
	return imsg_send(w->channel, &out) == 0;
}

/* Add a ring to a slot, with its write intent. */
static bool
add_ring(struct writer *w, const struct imsg_log *what, int fd)
{
	struct sink *s = &w->sinks[what->slot];
	struct ring *m = &s->rings[s->n];
	struct write_intent *intent =
	    &w->intents[slot_intent(what->slot, (unsigned)s->n)];

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
handle_rings(struct writer *w, const struct imsg *msg)
{
	struct sink *s = sink_of(w, msg);
	struct imsg_log what;

	if (s == NULL || s->rings != NULL || w->intents == NULL ||
	    msg->nfds == 0 || msg->nfds > ENGINES_MAX)
		return false;
	memcpy(&what, msg->data, sizeof(what));
	s->rings = calloc(msg->nfds, sizeof(*s->rings));
	for (uint32_t i = 0; s->rings != NULL && i < msg->nfds; i++)
		if (!add_ring(w, &what, msg->fds[i]))
			return false;
	return s->rings != NULL;
}

/* Close a log permanently and unmap its rings. */
static bool
handle_log_close(struct writer *w, const struct imsg *msg)
{
	struct sink *s = sink_of(w, msg);

	if (s == NULL)
		return false;
	sink_close_log(s);
	for (size_t i = 0; i < s->n; i++)
		ring_unmap(&s->rings[i]);
	free(s->rings);
	*s = (struct sink){ .rings = NULL };
	logfile_init(&s->log);
	return acknowledge(w, msg);
}

/* The parent could not open the next file: keep the current one. */
static bool
handle_log_failed(struct writer *w, const struct imsg *msg)
{
	struct sink *s = sink_of(w, msg);
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
handle_log(struct writer *w, const struct imsg *msg)
{
	struct sink *s = sink_of(w, msg);
	char path[PATH_OCTETS];
	struct flowd_error err;
	unsigned slot;

	if (s == NULL)
		return false;
	slot = (unsigned)(s - w->sinks);
	if (w->started)
		sink_write(s, SINK_TURNS);
	if (msg->nfds == 0) {
		sink_close_log(s);
		return acknowledge(w, msg);
	}
	sink_clear_failure(s);
	s->log.max_octets = log_of(msg).max_octets;
	/* Same file: the parent could not open another one. */
	if (s->log.path != NULL && s->serial == log_of(msg).serial) {
		(void)close(msg->fds[0]);
		return acknowledge(w, msg);
	}
	if (logfile_adopt(&s->log, slot_unit(slot),
		text_of(msg, sizeof(struct imsg_log), path),
		msg->fds[0], &err) != 0) {
		/* Exit: the parent sends the file to the next writer. */
		log_error("%s", err.text);
		return false;
	}
	s->serial = log_of(msg).serial;
	s->requested_ms = 0;
	if (!logfile_is_partial(&s->log))
		s->partial = NULL;
	/* The last writer may have died in either of two files. */
	if (!s->recovered || !w->started) {
		sink_recover(s);
		if (slot_unit(slot) == UNIT_RECORDS)
			logfile_repair(&s->log);
	}
	s->recovered = true;
	return acknowledge(w, msg);
}

static bool
handle_logsock(struct writer *w, const struct imsg *msg)
{
	char path[PATH_OCTETS];
	uint32_t bufsize;

	if (msg->len < sizeof(bufsize))
		return false;
	memcpy(&bufsize, msg->data, sizeof(bufsize));
	(void)text_of(msg, sizeof(bufsize), path);
	logsock_flush(&w->logsock);
	if (logsock_set(
		&w->logsock, path[0] != '\0' ? path : NULL, bufsize) != 0)
		log_error("logsock: out of memory; keeping the old path");
	w->logsock_requested = false;
	return true;
}

static bool
handle_logsock_fd(struct writer *w, const struct imsg *msg)
{
	int error = 0;

	if (msg->len == sizeof(error))
		memcpy(&error, msg->data, sizeof(error));
	w->logsock_requested = false;
	logsock_adopt(&w->logsock, msg->nfds == 1 ? msg->fds[0] : -1, error,
	    clock_monotonic_ms());
	return true;
}

/* Start writing: recovery is complete, so reset all write intents. */
static bool
handle_go(struct writer *w)
{
	for (unsigned i = 0; i < SLOTS; i++)
		for (size_t m = 0; m < w->sinks[i].n; m++)
			write_intent_clear(w->sinks[i].rings[m].intent);
	writer_logsock_recover(w);
	w->started = true;
	return imsg_send_type(w->channel, IMSG_READY) == 0;
}

bool
writer_handle_imsg(void *arg, const struct imsg *msg)
{
	struct writer *w = arg;

	switch (msg->type) {
	case IMSG_WAKE:
		return handle_wake(w, msg);
	case IMSG_INTENTS:
		return handle_intents(w, msg);
	case IMSG_RINGS:
		return handle_rings(w, msg);
	case IMSG_LOG:
		return handle_log(w, msg);
	case IMSG_LOG_FAILED:
		return handle_log_failed(w, msg);
	case IMSG_LOG_CLOSE:
		return handle_log_close(w, msg);
	case IMSG_LOGSOCK:
		return handle_logsock(w, msg);
	case IMSG_LOGSOCK_FD:
		return handle_logsock_fd(w, msg);
	case IMSG_CONTROL_LINK:
		return handle_control_link(w, msg);
	case IMSG_GO:
		return handle_go(w);
	case IMSG_QUIT:
		w->exiting = true;
		return true;
	default:
		log_error("unknown message type %u", (unsigned)msg->type);
		return false;
	}
}
