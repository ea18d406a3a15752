/* What children get from the parent; see equip.h. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "channel.h"
#include "equip.h"
#include "logsock.h"

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
	return channel_send(c->channel, &msg);
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
		if (channel_send(engine->channel, &msg) != 0)
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
	return channel_send(forwarder->channel, &msg);
}

/* Its own mailboxes: those of the logs that there are. */
static int
send_mailboxes(const struct parent *p, const struct child *engine)
{
	const struct pipework *w = &p->plumbing.engines[engine->index];

	for (uint32_t i = 0; i < PLUMBING_SLOTS; i++) {
		const struct message_slot what = { .slot = i };

		if (w->mailboxes[i] != -1 &&
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
		p->forwards.n > 0 ? p->plumbing.pair[0] : -1, nothing) != 0 ||
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

/* A file for a slot, or -1: there is none any more. */
static int
send_log(const struct child *keeper, uint32_t slot, uint32_t serial,
    const char *path, int fd)
{
	const struct message_slot what = { .slot = slot, .serial = serial };
	uint8_t data[CHANNEL_DATA];
	size_t len = path != NULL ? strlen(path) : 0;

	if (len > sizeof(data) - sizeof(what))
		len = sizeof(data) - sizeof(what);
	memcpy(data, &what, sizeof(what));
	if (len > 0)
		memcpy(data + sizeof(what), path, len);
	return send_fd(keeper, MESSAGE_LOG, fd,
	    bytes_of(data, sizeof(what) + len));
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

int
equip_logs(const struct parent *p, const struct child *keeper, bool dropped)
{
	const struct conf *conf = p->conf;

	if ((conf->logfile != NULL || dropped) &&
	    send_log(keeper, SLOT_LOGFILE, 0, conf->logfile,
		p->stores.logfile) != 0)
		return -1;
	if ((conf->logsock != NULL || dropped) &&
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
	struct message_place place = { engine->index, p->plumbing.nengines };

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

	msg.fds[0] = p->plumbing.engines[engine->index].ledger;
	msg.fds[1] = p->plumbing.wake[1];
	memcpy(msg.data, &place, sizeof(place));
	return channel_send(engine->channel, &msg);
}

static int
equip_engine(const struct parent *p, const struct child *c)
{
	if (send_ledger(p, c) != 0 ||
	    send_fd(c, MESSAGE_STATE, p->plumbing.engines[c->index].state,
		nothing) != 0)
		return -1;
	return equip_conf(p, c);
}

/* The mailboxes of all engines, a message for each log. */
static int
send_all_mailboxes(const struct parent *p, const struct child *keeper)
{
	for (uint32_t i = 0; i < PLUMBING_SLOTS; i++) {
		const struct message_slot what = { .slot = i };
		struct message msg = { .type = MESSAGE_MAILBOXES,
			.len = sizeof(what) };

		if (!plumbing_has_slot(&p->plumbing, i))
			continue;
		for (unsigned k = 0; k < p->plumbing.nengines; k++)
			msg.fds[msg.nfds++] =
			    p->plumbing.engines[k].mailboxes[i];
		memcpy(msg.data, &what, sizeof(what));
		if (channel_send(keeper->channel, &msg) != 0)
			return -1;
	}
	return 0;
}

_Static_assert((int)PLUMBING_ENGINES <= (int)CHANNEL_FDS,
    "the mailboxes of a log go into one message");

static int
equip_keeper(const struct parent *p, const struct child *c)
{
	if (send_fd(c, MESSAGE_WAKE, p->plumbing.wake[0], nothing) != 0 ||
	    send_all_mailboxes(p, c) != 0)
		return -1;
	return equip_logs(p, c, false);
}

static int
equip_forwarder(const struct parent *p, const struct child *c)
{
	if (send_fd(c, MESSAGE_PAIR, p->plumbing.pair[1], nothing) != 0)
		return -1;
	return equip_collectors(p, c);
}

int
equip(const struct parent *p, const struct child *c)
{
	static int (*const by_kind[])(
	    const struct parent *p, const struct child *c) = {
		[CHILD_ENGINE] = equip_engine,
		[CHILD_KEEPER] = equip_keeper,
		[CHILD_FORWARDER] = equip_forwarder,
	};

	if (by_kind[c->kind](p, c) != 0)
		return -1;
	return channel_tell(c->channel, MESSAGE_GO);
}
