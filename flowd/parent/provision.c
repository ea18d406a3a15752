/* Provisioning; see provision.h. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "control_links.h"
#include "imsg.h"
#include "logsock_connect.h"
#include "provision.h"

static const struct bytes nothing = { NULL, 0 };

static struct bytes
bytes_of(const void *p, size_t len)
{
	return (struct bytes){ p, len };
}

/* Send a message with data and a descriptor, or -1 for none. */
static int
send_fd(const struct child *c, enum imsg_type type, int fd,
    struct bytes data)
{
	struct imsg msg;

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
	return child_send(c, &msg);
}

/* Sent in parts; one that is not full is the last. */
static int
send_listeners(const struct parent *p, const struct child *engine)
{
	const struct listeners *ls = &p->listeners;
	struct imsg msg;
	size_t i = 0;

	do {
		msg.type = IMSG_LISTENERS;
		msg.nfds = 0;
		for (; i < ls->n && msg.nfds < IMSG_FDS; i++) {
			if (ls->list[i].worker != engine->index)
				continue;
			memcpy(msg.data + msg.nfds * sizeof(struct listener),
			    &ls->list[i], sizeof(struct listener));
			msg.fds[msg.nfds++] = ls->list[i].fd;
		}
		msg.len = msg.nfds * sizeof(struct listener);
		if (child_send(engine, &msg) != 0)
			return -1;
	} while (msg.nfds == IMSG_FDS);
	return 0;
}

_Static_assert(IMSG_FDS * sizeof(struct listener) <= IMSG_DATA,
    "a portion of listeners fits into a message");

/* Collectors with their sockets. */
int
provision_collectors(const struct parent *p, const struct child *forwarder)
{
	struct imsg msg = { .type = IMSG_COLLECTORS, .nfds = 0 };

	for (size_t i = 0; i < p->forwards.n; i++) {
		memcpy(msg.data + i * sizeof(struct collector),
		    &p->forwards.list[i].to, sizeof(struct collector));
		msg.fds[msg.nfds++] = p->forwards.list[i].fd;
	}
	msg.len = msg.nfds * sizeof(struct collector);
	return child_send(forwarder, &msg);
}

/* Does the configuration use the slot? Engines fill no other. */
static bool
slot_is_used(const struct parent *p, unsigned slot)
{
	for (size_t i = 0; i < p->logset.nslots; i++)
		if (p->logset.slots[i] == slot)
			return true;
	return slot_is_fixed(slot);
}

/* Send an engine its rings, one for each log. */
static int
send_rings(const struct parent *p, const struct child *engine)
{
	const struct shmem_engine *w = &p->shmem.engines[engine->index];

	for (uint32_t i = 0; i < SLOTS; i++) {
		const struct imsg_log what = { .slot = i,
			.serial = p->shmem.serials[i] };

		if (w->rings[i] != -1 && slot_is_used(p, i) &&
		    send_fd(engine, IMSG_RINGS, w->rings[i],
			bytes_of(&what, sizeof(what))) != 0)
			return -1;
	}
	return 0;
}

int
provision_conf(const struct parent *p, const struct child *engine)
{
	const struct logset *s = &p->logset;
	int queue = p->forwards.n > 0 ? p->shmem.forward_queue[0] : -1;

	if (send_rings(p, engine) != 0 ||
	    send_fd(engine, IMSG_FORWARD_QUEUE, queue, nothing) != 0 ||
	    send_fd(engine, IMSG_CONF, p->image,
		bytes_of(s->slots, s->nslots)) != 0)
		return -1;
	return send_listeners(p, engine);
}

void
provision_logsock(const struct parent *p, const struct child *writer)
{
	int fd, error = 0;

	if (p->conf->logsock == NULL)
		return;
	fd = logsock_connect(p->conf->logsock, p->conf->logsock_bufsize);
	if (fd == -1)
		error = errno;
	(void)send_fd(writer, IMSG_LOGSOCK_FD, fd,
	    bytes_of(&error, sizeof(error)));
	if (fd != -1)
		(void)close(fd);
}

/* Send a message about a slot, with a text. */
static int
send_text(const struct child *writer, enum imsg_type type,
    const struct imsg_log *what, const char *text, int fd)
{
	uint8_t data[IMSG_DATA];
	size_t len = text != NULL ? strlen(text) : 0;

	if (len > sizeof(data) - sizeof(*what))
		len = sizeof(data) - sizeof(*what);
	memcpy(data, what, sizeof(*what));
	if (len > 0)
		memcpy(data + sizeof(*what), text, len);
	return send_fd(writer, type, fd, bytes_of(data, sizeof(*what) + len));
}

/* Send a segment of a slot. */
static int
send_segment(const struct child *writer, uint32_t slot, uint32_t serial,
    const char *path, int fd)
{
	const struct imsg_log what = { .slot = slot, .serial = serial };

	return send_text(writer, IMSG_LOG, &what, path, fd);
}

/* Describe the log file, with its current limit. */
static struct imsg_log
logfile_slot(const struct parent *p, uint32_t serial)
{
	return (struct imsg_log){ .slot = SLOT_LOGFILE, .serial = serial,
		.max_octets = p->conf->logfile_max };
}

/* Send a log file; fd -1 means that there is none any more. */
static int
send_logfile(const struct parent *p, const struct child *writer,
    uint32_t serial, const struct generation *file)
{
	const struct imsg_log what = logfile_slot(p, serial);

	return send_text(writer, IMSG_LOG, &what, file->path, file->fd);
}

static int
send_logsock(const struct parent *p, const struct child *writer)
{
	uint8_t data[IMSG_DATA];
	const char *path = p->conf->logsock;
	uint32_t bufsize = p->conf->logsock_bufsize;
	size_t len = path != NULL ? strlen(path) : 0;

	if (len > sizeof(data) - sizeof(bufsize))
		len = sizeof(data) - sizeof(bufsize);
	memcpy(data, &bufsize, sizeof(bufsize));
	if (len > 0)
		memcpy(data + sizeof(bufsize), path, len);
	if (send_fd(writer, IMSG_LOGSOCK, -1,
		bytes_of(data, sizeof(bufsize) + len)) != 0)
		return -1;
	provision_logsock(p, writer);
	return 0;
}

/*
 * Send the segment in use. Before it, send the previous one, if the last writer
 * may have died while it appended to it.
 */
static int
send_segments(const struct child *writer, uint32_t slot, struct logset_dir *d)
{
	if (d->old_fd != -1 &&
	    send_segment(writer, slot, d->serial - 1, d->dir.path,
		d->old_fd) != 0)
		return -1;
	if (send_segment(writer, slot, d->serial, d->dir.path, d->fd) != 0)
		return -1;
	d->sent = true;
	return 0;
}

/* Report why the next segment could not be started. */
static int
send_failure(const struct child *writer, uint32_t slot, struct logset_dir *d)
{
	const struct imsg_log what = { .slot = slot, .serial = d->serial };

	d->failure_unsent = false;
	if (d->dir.failed.text[0] == '\0')
		return 0;
	return send_text(
	    writer, IMSG_LOG_FAILED, &what, d->dir.failed.text, -1);
}

int
provision_segments(struct parent *p, const struct child *writer, bool all)
{
	for (uint32_t i = SLOT_LOGDIR; i < SLOTS; i++) {
		struct logset_dir *d = logset_dir(&p->logset, i);

		if (d == NULL)
			continue;
		if (all ? send_segments(writer, i, d) != 0
			: !d->sent && send_segment(writer, i, d->serial,
			    d->dir.path, d->fd) != 0)
			return -1;
		d->sent = true;
		if ((all || d->failure_unsent) &&
		    send_failure(writer, i, d) != 0)
			return -1;
	}
	return 0;
}

int
provision_endings(const struct parent *p, const struct child *writer)
{
	for (uint32_t i = 0; i < LOGSET_DIRS; i++) {
		const struct imsg_log what = { .slot = SLOT_LOGDIR + i };

		if (p->logset.dirs[i].state == LOGSET_ENDING &&
		    send_fd(writer, IMSG_LOG_CLOSE, -1,
			bytes_of(&what, sizeof(what))) != 0)
			return -1;
	}
	return 0;
}

/*
 * Send a new writer the older log files that the last writer may not have
 * finished.
 */
static int
send_older_logfiles(const struct parent *p, const struct child *writer)
{
	const struct generations *l = &p->logset.logfile;
	uint32_t serial = l->serial - (uint32_t)l->n + 1;

	for (size_t i = 0; i + 1 < l->n; i++, serial++)
		if (l->files[i].fd != -1 &&
		    send_logfile(p, writer, serial, &l->files[i]) != 0)
			return -1;
	return 0;
}

int
provision_logs(const struct parent *p, const struct child *writer, bool dropped)
{
	const struct generation *now = generations_now(&p->logset.logfile);
	const struct imsg_log what =
	    logfile_slot(p, p->logset.logfile.serial);

	if ((now->fd != -1 || dropped) &&
	    send_logfile(p, writer, what.serial, now) != 0)
		return -1;
	if (now->fd != -1 && !logset_good(&p->logset) &&
	    send_text(writer, IMSG_LOG_FAILED, &what,
		p->logset.logfile_error.text, -1) != 0)
		return -1;
	if ((p->conf->logsock != NULL || dropped) &&
	    send_logsock(p, writer) != 0)
		return -1;
	return 0;
}

/*
 * The number of the engine, of how many. If sockets are not steered, the first
 * engine has all of them and handles any exporter.
 */
static struct imsg_engine
engine_number(const struct parent *p, const struct child *engine)
{
	struct imsg_engine place = { engine->index, p->shmem.nengines };

	for (size_t i = 0; i < p->listeners.n && engine->index == 0; i++)
		if (p->listeners.list[i].of != place.of)
			place.of = 1;
	return place;
}

static int
send_counters(const struct parent *p, const struct child *engine)
{
	const struct imsg_engine place = engine_number(p, engine);
	struct imsg msg = { .type = IMSG_COUNTERS, .nfds = 2,
		.len = sizeof(place) };

	msg.fds[0] = p->shmem.engines[engine->index].counters;
	msg.fds[1] = p->shmem.wake[1];
	memcpy(msg.data, &place, sizeof(place));
	return child_send(engine, &msg);
}

static int
provision_engine(struct parent *p, const struct child *c)
{
	if (send_counters(p, c) != 0 ||
	    send_fd(c, IMSG_SNAPSHOT, p->shmem.engines[c->index].snapshot_fd,
		nothing) != 0)
		return -1;
	return provision_conf(p, c);
}

/* Send the rings of all engines, one message per log. */
static int
send_all_rings(const struct parent *p, const struct child *writer,
    uint32_t slot)
{
	const struct imsg_log what = { .slot = slot,
		.serial = p->shmem.serials[slot] };
	struct imsg msg = { .type = IMSG_RINGS,
		.len = sizeof(what) };

	for (unsigned k = 0; k < p->shmem.nengines; k++)
		msg.fds[msg.nfds++] = p->shmem.engines[k].rings[slot];
	memcpy(msg.data, &what, sizeof(what));
	return child_send(writer, &msg);
}

int
provision_rings(struct parent *p, const struct child *writer, bool all)
{
	for (uint32_t i = 0; i < SLOTS; i++) {
		if (!shmem_has_slot(&p->shmem, i) ||
		    (p->shmem.sent[i] && !all))
			continue;
		if (send_all_rings(p, writer, i) != 0)
			return -1;
		p->shmem.sent[i] = true;
	}
	return 0;
}

_Static_assert((int)ENGINES_MAX <= (int)IMSG_FDS,
    "the rings of a log go into one message");

static int
provision_writer(struct parent *p, const struct child *c)
{
	if (send_fd(c, IMSG_WAKE, p->shmem.wake[0], nothing) != 0 ||
	    send_fd(c, IMSG_INTENTS, p->shmem.intents, nothing) != 0 ||
	    provision_rings(p, c, true) != 0 ||
	    send_older_logfiles(p, c) != 0 ||
	    provision_logs(p, c, !p->changing) != 0 ||
	    provision_segments(p, c, true) != 0)
		return -1;
	return p->changing ? 0 : provision_endings(p, c);
}

static int
provision_forwarder(struct parent *p, const struct child *c)
{
	if (send_fd(c, IMSG_FORWARD_QUEUE, p->shmem.forward_queue[1],
		nothing) != 0)
		return -1;
	return provision_collectors(p, c);
}

/*
 * Control gets everything by control_links. Its order numbers start again, so
 * drop pending orders: an old result would match a new order.
 */
static int
provision_control(struct parent *p, const struct child *c)
{
	(void)c;
	reload_queue_forget(&p->reloads);
	rotate_queue_forget(&p->rotations);
	return 0;
}

/* Nothing beyond what every child gets. */
static int
provision_nothing(struct parent *p, const struct child *c)
{
	(void)p;
	(void)c;
	return 0;
}

static struct control_links
links_of(const struct parent *p)
{
	return (struct control_links){ p->children, p->nchildren, &p->admin,
		p->responder };
}

/* Connect a child that was just started with control. */
static int
connect_control(const struct parent *p, const struct child *c)
{
	struct control_links w = links_of(p);

	return control_links_connect(&w, c);
}

void
provision_admin(const struct parent *p)
{
	struct control_links w = links_of(p);

	control_links_update(&w);
}

int
provision_child(struct parent *p, const struct child *c)
{
	static int (*const by_kind[])(
	    struct parent *p, const struct child *c) = {
		[PROC_ENGINE] = provision_engine,
		[PROC_WRITER] = provision_writer,
		[PROC_FORWARDER] = provision_forwarder,
		[PROC_CONTROL] = provision_control,
		[PROC_METRICS] = provision_nothing,
	};

	if (by_kind[c->kind](p, c) != 0 || connect_control(p, c) != 0)
		return -1;
	return child_send_type(c, IMSG_GO);
}
