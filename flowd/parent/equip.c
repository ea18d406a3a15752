/* What children get from the parent; see equip.h. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "channel.h"
#include "equip.h"
#include "logsock_connect.h"
#include "wiring.h"

static const struct bytes nothing = { NULL, 0 };

static struct bytes
bytes_of(const void *p, size_t len)
{
	return (struct bytes){ p, len };
}

/* One message with a descriptor, or -1 for none, and data. */
static int
send_fd(const struct child *c, enum message_type type, int fd,
    struct bytes data)
{
	struct message msg;

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

/* In portions; one that is not full is the last. */
static int
send_listeners(const struct parent *p, const struct child *engine)
{
	const struct listeners *ls = &p->listeners;
	struct message msg;
	size_t i = 0;

	do {
		msg.type = MESSAGE_LISTENERS;
		msg.nfds = 0;
		for (; i < ls->n && msg.nfds < CHANNEL_FDS; i++) {
			if (ls->list[i].worker != engine->index)
				continue;
			memcpy(msg.data + msg.nfds * sizeof(struct listener),
			    &ls->list[i], sizeof(struct listener));
			msg.fds[msg.nfds++] = ls->list[i].fd;
		}
		msg.len = msg.nfds * sizeof(struct listener);
		if (child_send(engine, &msg) != 0)
			return -1;
	} while (msg.nfds == CHANNEL_FDS);
	return 0;
}

_Static_assert(CHANNEL_FDS * sizeof(struct listener) <= CHANNEL_DATA,
    "a portion of listeners fits into a message");

/* With their sockets. */
int
equip_collectors(const struct parent *p, const struct child *forwarder)
{
	struct message msg = { .type = MESSAGE_COLLECTORS, .nfds = 0 };

	for (size_t i = 0; i < p->forwards.n; i++) {
		memcpy(msg.data + i * sizeof(struct collector),
		    &p->forwards.list[i].to, sizeof(struct collector));
		msg.fds[msg.nfds++] = p->forwards.list[i].fd;
	}
	msg.len = msg.nfds * sizeof(struct collector);
	return child_send(forwarder, &msg);
}

/* By the configuration: engines put nothing into others. */
static bool
is_used(const struct parent *p, unsigned slot)
{
	for (size_t i = 0; i < p->stores.nslots; i++)
		if (p->stores.slots[i] == slot)
			return true;
	return slot < SLOT_LOGDIRS;
}

/* Its own mailboxes: those of the logs that there are. */
static int
send_mailboxes(const struct parent *p, const struct child *engine)
{
	const struct shmem_engine *w = &p->shmem.engines[engine->index];

	for (uint32_t i = 0; i < SLOTS; i++) {
		const struct message_slot what = { .slot = i,
			.serial = p->shmem.serials[i] };

		if (w->mailboxes[i] != -1 && is_used(p, i) &&
		    send_fd(engine, MESSAGE_MAILBOXES, w->mailboxes[i],
			bytes_of(&what, sizeof(what))) != 0)
			return -1;
	}
	return 0;
}

int
equip_conf(const struct parent *p, const struct child *engine)
{
	const struct stores *s = &p->stores;

	if (send_mailboxes(p, engine) != 0 ||
	    send_fd(engine, MESSAGE_PAIR,
		p->forwards.n > 0 ? p->shmem.pair[0] : -1, nothing) != 0 ||
	    send_fd(engine, MESSAGE_CONF, p->package,
		bytes_of(s->slots, s->nslots)) != 0)
		return -1;
	return send_listeners(p, engine);
}

void
equip_logsock(const struct parent *p, const struct child *keeper)
{
	int fd, error = 0;

	if (p->conf->logsock == NULL)
		return;
	fd = logsock_connect(p->conf->logsock, p->conf->logsock_bufsize);
	if (fd == -1)
		error = errno;
	(void)send_fd(keeper, MESSAGE_LOGSOCK_FD, fd,
	    bytes_of(&error, sizeof(error)));
	if (fd != -1)
		(void)close(fd);
}

/* Of a slot, with a text. */
static int
send_text(const struct child *keeper, enum message_type type,
    const struct message_slot *what, const char *text, int fd)
{
	uint8_t data[CHANNEL_DATA];
	size_t len = text != NULL ? strlen(text) : 0;

	if (len > sizeof(data) - sizeof(*what))
		len = sizeof(data) - sizeof(*what);
	memcpy(data, what, sizeof(*what));
	if (len > 0)
		memcpy(data + sizeof(*what), text, len);
	return send_fd(keeper, type, fd, bytes_of(data, sizeof(*what) + len));
}

/* A segment for a slot. */
static int
send_segment(const struct child *keeper, uint32_t slot, uint32_t serial,
    const char *path, int fd)
{
	const struct message_slot what = { .slot = slot, .serial = serial };

	return send_text(keeper, MESSAGE_LOG, &what, path, fd);
}

/* Of the log file, as its configuration is now. */
static struct message_slot
logfile_slot(const struct parent *p, uint32_t serial)
{
	return (struct message_slot){ .slot = SLOT_LOGFILE, .serial = serial,
		.max_octets = p->conf->logfile_max };
}

/* A log file, or -1: there is none any more. */
static int
send_logfile(const struct parent *p, const struct child *keeper,
    uint32_t serial, const struct lineage_file *file)
{
	const struct message_slot what = logfile_slot(p, serial);

	return send_text(keeper, MESSAGE_LOG, &what, file->path, file->fd);
}

static int
send_logsock(const struct parent *p, const struct child *keeper)
{
	uint8_t data[CHANNEL_DATA];
	const char *path = p->conf->logsock;
	uint32_t bufsize = p->conf->logsock_bufsize;
	size_t len = path != NULL ? strlen(path) : 0;

	if (len > sizeof(data) - sizeof(bufsize))
		len = sizeof(data) - sizeof(bufsize);
	memcpy(data, &bufsize, sizeof(bufsize));
	if (len > 0)
		memcpy(data + sizeof(bufsize), path, len);
	if (send_fd(keeper, MESSAGE_LOGSOCK, -1,
		bytes_of(data, sizeof(bufsize) + len)) != 0)
		return -1;
	equip_logsock(p, keeper);
	return 0;
}

/*
 * The segment in use; and before it the one that a keeper may not be done
 * with, for what the last keeper was about to write to it.
 */
static int
send_segments(const struct child *keeper, uint32_t slot, struct store_dir *d)
{
	if (d->old_fd != -1 &&
	    send_segment(keeper, slot, d->serial - 1, d->dir.path,
		d->old_fd) != 0)
		return -1;
	if (send_segment(keeper, slot, d->serial, d->dir.path, d->fd) != 0)
		return -1;
	d->sent = true;
	return 0;
}

/* Why the one in use is not the one that is due. */
static int
send_failure(const struct child *keeper, uint32_t slot, struct store_dir *d)
{
	const struct message_slot what = { .slot = slot, .serial = d->serial };

	d->untold = false;
	if (d->dir.failed.text[0] == '\0')
		return 0;
	return send_text(
	    keeper, MESSAGE_LOG_FAILED, &what, d->dir.failed.text, -1);
}

int
equip_segments(struct parent *p, const struct child *keeper, bool all)
{
	for (uint32_t i = SLOT_LOGDIRS; i < SLOTS; i++) {
		struct store_dir *d = stores_dir(&p->stores, i);

		if (d == NULL)
			continue;
		if (all ? send_segments(keeper, i, d) != 0
			: !d->sent && send_segment(keeper, i, d->serial,
			    d->dir.path, d->fd) != 0)
			return -1;
		d->sent = true;
		if ((all || d->untold) && send_failure(keeper, i, d) != 0)
			return -1;
	}
	return 0;
}

int
equip_endings(const struct parent *p, const struct child *keeper)
{
	for (uint32_t i = 0; i < STORE_DIRS; i++) {
		const struct message_slot what = { .slot = SLOT_LOGDIRS + i };

		if (p->stores.dirs[i].state == STORE_ENDING &&
		    send_fd(keeper, MESSAGE_CLOSE, -1,
			bytes_of(&what, sizeof(what))) != 0)
			return -1;
	}
	return 0;
}

/*
 * For a keeper that takes the place of one: the log files that it may not have
 * been done with, before the one in use.
 */
static int
send_logs_before(const struct parent *p, const struct child *keeper)
{
	const struct lineage *l = &p->stores.logfile;
	uint32_t serial = l->serial - (uint32_t)l->n + 1;

	for (size_t i = 0; i + 1 < l->n; i++, serial++)
		if (l->files[i].fd != -1 &&
		    send_logfile(p, keeper, serial, &l->files[i]) != 0)
			return -1;
	return 0;
}

int
equip_logs(const struct parent *p, const struct child *keeper, bool dropped)
{
	const struct lineage_file *now = lineage_now(&p->stores.logfile);
	const struct message_slot what =
	    logfile_slot(p, p->stores.logfile.serial);

	if ((now->fd != -1 || dropped) &&
	    send_logfile(p, keeper, what.serial, now) != 0)
		return -1;
	if (now->fd != -1 && !stores_good(&p->stores) &&
	    send_text(keeper, MESSAGE_LOG_FAILED, &what,
		p->stores.unopened.text, -1) != 0)
		return -1;
	if ((p->conf->logsock != NULL || dropped) &&
	    send_logsock(p, keeper) != 0)
		return -1;
	return 0;
}

/*
 * Which of the engines it is. Sockets that are not steered are the first's:
 * then any exporter may be.
 */
static struct message_place
place_of(const struct parent *p, const struct child *engine)
{
	struct message_place place = { engine->index, p->shmem.nengines };

	for (size_t i = 0; i < p->listeners.n && engine->index == 0; i++)
		if (p->listeners.list[i].of != place.of)
			place.of = 1;
	return place;
}

static int
send_ledger(const struct parent *p, const struct child *engine)
{
	const struct message_place place = place_of(p, engine);
	struct message msg = { .type = MESSAGE_LEDGER, .nfds = 2,
		.len = sizeof(place) };

	msg.fds[0] = p->shmem.engines[engine->index].ledger;
	msg.fds[1] = p->shmem.wake[1];
	memcpy(msg.data, &place, sizeof(place));
	return child_send(engine, &msg);
}

static int
equip_engine(struct parent *p, const struct child *c)
{
	if (send_ledger(p, c) != 0 ||
	    send_fd(c, MESSAGE_STATE, p->shmem.engines[c->index].state,
		nothing) != 0)
		return -1;
	return equip_conf(p, c);
}

/* The mailboxes of all engines, a message for each log. */
static int
send_all_mailboxes(const struct parent *p, const struct child *keeper,
    uint32_t slot)
{
	const struct message_slot what = { .slot = slot,
		.serial = p->shmem.serials[slot] };
	struct message msg = { .type = MESSAGE_MAILBOXES,
		.len = sizeof(what) };

	for (unsigned k = 0; k < p->shmem.nengines; k++)
		msg.fds[msg.nfds++] = p->shmem.engines[k].mailboxes[slot];
	memcpy(msg.data, &what, sizeof(what));
	return child_send(keeper, &msg);
}

int
equip_mailboxes(struct parent *p, const struct child *keeper, bool all)
{
	for (uint32_t i = 0; i < SLOTS; i++) {
		if (!shmem_has_slot(&p->shmem, i) ||
		    (p->shmem.sent[i] && !all))
			continue;
		if (send_all_mailboxes(p, keeper, i) != 0)
			return -1;
		p->shmem.sent[i] = true;
	}
	return 0;
}

_Static_assert((int)ENGINES_MAX <= (int)CHANNEL_FDS,
    "the mailboxes of a log go into one message");

static int
equip_keeper(struct parent *p, const struct child *c)
{
	if (send_fd(c, MESSAGE_WAKE, p->shmem.wake[0], nothing) != 0 ||
	    send_fd(c, MESSAGE_NOTES, p->shmem.notes, nothing) != 0 ||
	    equip_mailboxes(p, c, true) != 0 ||
	    send_logs_before(p, c) != 0 ||
	    equip_logs(p, c, !p->changing) != 0 ||
	    equip_segments(p, c, true) != 0)
		return -1;
	return p->changing ? 0 : equip_endings(p, c);
}

static int
equip_forwarder(struct parent *p, const struct child *c)
{
	if (send_fd(c, MESSAGE_PAIR, p->shmem.pair[1], nothing) != 0)
		return -1;
	return equip_collectors(p, c);
}

/*
 * What it needs it gets from its wires. It counts orders from the first on: an
 * answer to one of the process before it would be taken for that of another.
 */
static int
equip_control(struct parent *p, const struct child *c)
{
	(void)c;
	orders_forget(&p->orders);
	handover_forget(&p->handover);
	return 0;
}

/* The same, and nothing else. */
static int
equip_nothing(struct parent *p, const struct child *c)
{
	(void)p;
	(void)c;
	return 0;
}

static struct wiring
wiring_of(const struct parent *p)
{
	return (struct wiring){ p->children, p->nchildren, &p->doors,
		p->answer };
}

/* Connect one that was just started with control. */
static int
equip_wires(const struct parent *p, const struct child *c)
{
	struct wiring w = wiring_of(p);

	return wiring_connect(&w, c);
}

void
equip_doors(const struct parent *p)
{
	struct wiring w = wiring_of(p);

	wiring_doors(&w);
}

int
equip(struct parent *p, const struct child *c)
{
	static int (*const by_kind[])(
	    struct parent *p, const struct child *c) = {
		[PROC_ENGINE] = equip_engine,
		[PROC_KEEPER] = equip_keeper,
		[PROC_FORWARDER] = equip_forwarder,
		[PROC_CONTROL] = equip_control,
		[PROC_METRICS] = equip_nothing,
	};

	if (by_kind[c->kind](p, c) != 0 || equip_wires(p, c) != 0)
		return -1;
	return child_tell(c, MESSAGE_GO);
}
