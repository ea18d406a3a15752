/* The process of an engine; see worker.h. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "channel.h"
#include "proc.h"
#include "clock.h"
#include "daemonlog.h"
#include "engine.h"
#include "engine_rows.h"
#include "forward_queue.h"
#include "ledger.h"
#include "foreignlog.h"
#include "limitlog.h"
#include "listener.h"
#include "mailbox.h"
#include "package.h"
#include "pause.h"
#include "shmem.h"
#include "seed.h"
#include "statebox.h"
#include "stats.h"
#include "steer.h"
#include "worker.h"

enum {
	DECODE_SOME = 128, /* datagrams between looks at the sockets */
	DRAIN_TURNS = 64, /* at the end: more than a socket's buffer */
	CLOCK_BACK_S = 60, /* sockets are not read in the order of time */
	STATE_MS = 5000, /* between two saves of what is known */

	POLL_CHANNEL = 0, /* places in worker.pfd */
	POLL_ANSWER,
	POLL_LISTENERS
};

struct worker {
	int channel;
	int wake; /* of the keeper */
	bool to_wake; /* it sleeps, and there is something for it */
	int pair; /* to the forwarder, or -1 */
	bool going; /* it was told to begin */
	bool leaving;
	struct conf *conf, *next; /* next: its listeners are on their way */
	uint8_t slots[ENGINE_OUTLETS]; /* mailboxes of the logdirs of conf */
	uint8_t next_slots[ENGINE_OUTLETS];
	struct listeners listeners, coming;
	struct inbox inbox;
	struct pause pause;
	uint64_t received; /* datagrams of all listeners */
	int64_t clock_ns; /* when one was received last */
	struct engine engine;
	struct limitlog limitlog;
	uint64_t seed; /* drawn while there is a file to draw it from */
	struct message_place place; /* which of the engines it is */
	struct ledger ledger;
	struct mailbox mailboxes[SLOTS]; /* shared: NULL for none */
	uint32_t serials[SLOTS]; /* of these */
	struct statebox statebox;
	struct answer answer; /* to control */
	struct engine_view view; /* what it answers of */
	struct stats_log logs[SLOTS]; /* of the view */
	uint64_t saved; /* generation of the state that was saved */
	int64_t save_ms; /* when it is looked at again */
	struct pollfd *pfd; /* room for CONF_LISTEN_MAX listeners */
};

/* Flows of an outlet into the mailboxes of its logs. */
static void
put_units(unsigned outlet, struct bytes units, uint64_t flows,
    uint64_t through, void *arg)
{
	struct worker *w = arg;
	bool records = outlet == ENGINE_RECORDS;

	if (!records)
		w->to_wake |= mailbox_put(
		    &w->mailboxes[w->slots[outlet]], units, flows, through);
	if (records && w->conf->logfile != NULL)
		w->to_wake |= mailbox_put(
		    &w->mailboxes[SLOT_LOGFILE], units, flows, through);
	if (records && w->conf->logsock != NULL)
		w->to_wake |= mailbox_put(
		    &w->mailboxes[SLOT_LOGSOCK], units, flows, through);
}

static void
wake_keeper(struct worker *w)
{
	if (w->to_wake)
		(void)!write(w->wake, "", 1);
	w->to_wake = false;
}

/* Somebody looks at the flows as they come. */
static void
show_flows(const struct batch *batch, void *arg)
{
	struct worker *w = arg;

	answer_flows(&w->answer, batch, w->engine.now_ms);
}

/* Everything that is polled; done anew when the listeners change. */
static void
watch(struct worker *w)
{
	w->pfd[POLL_CHANNEL] = (struct pollfd){ w->channel, POLLIN, 0 };
	for (size_t i = 0; i < w->listeners.n; i++)
		w->pfd[POLL_LISTENERS + i] = (struct pollfd){
			w->listeners.list[i].fd, POLLIN, 0 };
	pause_init(&w->pause, listeners_rcvbuf(&w->listeners));
}

/* Returns true when there may be more. */
static bool
receive(struct worker *w, struct listener *l)
{
	char text[ENDPOINT_TEXT_MAX];
	struct ledger_shared *s = w->ledger.shared;
	uint64_t before = l->counters.datagrams;
	int rc;

	/* Counted where it can be seen if this process dies in between. */
	s->live = l->counters;
	atomic_store(&s->live_from, before);
	rc = recv_drain(l->fd, &w->inbox, &s->live, &s->call);
	l->counters = s->live;

	if (rc < 0)
		log_some(LOG_KIND_LISTENER, "cannot receive on %s: %s",
		    endpoint_format(&l->at, text), strerror(errno));
	w->received += l->counters.datagrams - before;
	atomic_store(&s->received, w->received);
	atomic_store(&s->live_from, s->live.datagrams);
	return rc > 0;
}

/* Of what flow sources sent, before anything is made of it. */
static void
forward(struct worker *w, const struct datagram *list, size_t n)
{
	const struct datagram *let_in[DECODE_SOME];
	size_t nlet_in = 0;

	for (size_t i = 0; i < n; i++)
		if (conf_permits(w->conf, &list[i].src))
			let_in[nlet_in++] = &list[i];
	w->engine.counters.unforwarded +=
	    forward_queue_put(w->pair, let_in, nlet_in);
}

static void
finish_flows(struct worker *w)
{
	w->engine.now_ms = clock_monotonic_ms();
	engine_flush(&w->engine);
	ledger_put(&w->ledger, &w->engine.counters);
	wake_keeper(w);
}

/*
 * The clock went back: what came before does not wait for what comes now. The
 * parent looks at the clock, too, and begins other segments.
 */
static void
watch_clock(struct worker *w, int64_t now_ns)
{
	if (now_ns < w->clock_ns - CLOCK_BACK_S * INT64_C(1000000000)) {
		engine_finish(&w->engine);
		finish_flows(w);
		(void)channel_tell(w->channel, MESSAGE_CLOCK);
	}
	w->clock_ns = now_ns;
}

static void
decode_some(struct worker *w)
{
	const struct datagram *list;
	size_t n;

	list = inbox_take(&w->inbox, DECODE_SOME, &n);
	if (n > 0)
		watch_clock(w, list[0].recv_ns);
	if (w->pair != -1)
		forward(w, list, n);
	w->engine.now_ms = clock_monotonic_ms();
	for (size_t i = 0; i < n; i++)
		engine_take(&w->engine, &list[i]);
	engine_expire(&w->engine);
	wake_keeper(w);
}

/* Keep what is known of exporters where the next engine finds it. */
static void
save_state(struct worker *w, bool always)
{
	uint64_t generation = decoder_generation(w->engine.dec);
	struct buf out;

	if (!always && generation == w->saved)
		return;
	buf_init(&out, STATEBOX_OCTETS);
	decoder_save(w->engine.dec, &out);
	if (buf_ok(&out))
		(void)statebox_put(&w->statebox,
		    (struct bytes){ out.ptr, out.len });
	else
		log_debug("what is known of exporters is too much to keep");
	buf_fini(&out);
	w->saved = generation;
}

/* Where several engines share what was known, each takes its own. */
static bool
is_mine(const struct addr *exporter, void *arg)
{
	const struct worker *w = arg;

	return steer_choose(exporter, w->place.of) == w->place.index;
}

/* The states of all engines that there were, one behind the other. */
static void
load_state(struct worker *w)
{
	struct bytes states = statebox_get(&w->statebox), one;
	const struct decoder_load mine = { .accept = is_mine, .arg = w };
	struct decoder_loaded loaded, all = { 0, 0, 0, 0 };
	struct flowd_error err;

	while ((one = decoder_state_next(&states)).len > 0) {
		if (decoder_load(w->engine.dec, one, &mine, &loaded, &err) !=
		    0)
			log_warn("what was known of exporters cannot be "
				 "used: %s",
			    err.text);
		all.exporters += loaded.exporters;
		all.templates += loaded.templates;
	}
	if (all.exporters > 0)
		log_debug("exporters known from before: %u, templates: %u",
		    (unsigned)all.exporters, (unsigned)all.templates);
}

static void
take_what_is_there(struct worker *w)
{
	for (size_t i = 0; i < w->listeners.n; i++)
		(void)receive(w, &w->listeners.list[i]);
	while (!inbox_empty(&w->inbox))
		decode_some(w);
	finish_flows(w);
}

/* What came before the end is stored, also under a flood. */
static void
drain(struct worker *w)
{
	bool more = true;

	for (int turn = 0; turn < DRAIN_TURNS && more; turn++) {
		more = false;
		for (size_t i = 0; i < w->listeners.n; i++)
			more |= receive(w, &w->listeners.list[i]);
		while (!inbox_empty(&w->inbox))
			decode_some(w);
	}
	engine_finish(&w->engine);
	finish_flows(w);
	save_state(w, true);
}

/* Messages of the parent; each returns false when it cannot go on. */

static bool
take_ledger(struct worker *w, const struct message *msg)
{
	bool mapped;

	if (msg->nfds != 2 || msg->len != sizeof(w->place))
		return false;
	memcpy(&w->place, msg->data, sizeof(w->place));
	mapped = ledger_map(&w->ledger, msg->fds[0]);
	(void)close(msg->fds[0]);
	w->wake = msg->fds[1];
	return mapped;
}

/* One that is known already comes again with every configuration. */
static bool
take_mailbox(struct worker *w, const struct message *msg)
{
	struct message_slot what;
	struct mailbox *m;
	bool good = true;

	if (msg->nfds != 1 || msg->len != sizeof(what))
		return false;
	memcpy(&what, msg->data, sizeof(what));
	if (what.slot >= SLOTS)
		return false;
	m = &w->mailboxes[what.slot];
	if (m->shared == NULL || w->serials[what.slot] != what.serial) {
		mailbox_unmap(m);
		good = mailbox_map(
		    m, slot_kind(what.slot), msg->fds[0]);
		if (!good)
			log_error("cannot map a mailbox: %s", strerror(errno));
		w->serials[what.slot] = what.serial;
		if (good && w->conf != NULL)
			mailbox_bury(m, w->engine.taken);
	}
	(void)close(msg->fds[0]);
	return good;
}

/* Those of logs that the configuration does not have. */
static void
drop_mailboxes(struct worker *w)
{
	for (unsigned i = SLOT_LOGDIRS; i < SLOTS; i++)
		if (memchr(w->slots + ENGINE_LOGDIRS, (int)i,
			w->conf->nlogdirs) == NULL)
			mailbox_unmap(&w->mailboxes[i]);
}

static bool
take_pair(struct worker *w, const struct message *msg)
{
	if (w->pair != -1)
		(void)close(w->pair);
	w->pair = msg->nfds == 1 ? msg->fds[0] : -1;
	return true;
}

static bool
take_state(struct worker *w, const struct message *msg)
{
	bool mapped = msg->nfds == 1 && statebox_map(&w->statebox, msg->fds[0]);

	if (msg->nfds == 1)
		(void)close(msg->fds[0]);
	return mapped;
}

static bool
take_answer(struct worker *w, const struct message *msg)
{
	if (msg->nfds != 1)
		return false;
	answer_adopt(&w->answer, msg->fds[0]);
	w->engine.watch = NULL;
	return true;
}

/* Every log that the next configuration has needs its mailbox. */
static bool
slots_are_there(const struct worker *w)
{
	const struct conf *conf = w->next;

	for (size_t i = 0; i < conf->nlogdirs; i++) {
		uint8_t slot = w->next_slots[ENGINE_LOGDIRS + i];

		if (slot < SLOT_LOGDIRS || slot >= SLOTS ||
		    w->mailboxes[slot].shared == NULL)
			return false;
	}
	return w->mailboxes[SLOT_LOGFILE].shared != NULL &&
	    w->mailboxes[SLOT_LOGSOCK].shared != NULL;
}

/* The rules are compiled here; the listeners come next. */
static bool
take_conf(struct worker *w, const struct message *msg)
{
	struct flowd_error err;

	if (msg->nfds != 1 || msg->len > sizeof(w->next_slots))
		return false;
	memcpy(w->next_slots + ENGINE_LOGDIRS, msg->data,
	    msg->len < CONF_LOGDIR_MAX ? msg->len : CONF_LOGDIR_MAX);
	conf_free(w->next);
	w->next = package_read_fd(msg->fds[0], true, &err);
	(void)close(msg->fds[0]);
	if (w->next == NULL)
		log_error("%s", err.text);
	return w->next != NULL && slots_are_there(w);
}

static bool
begin_engine(struct worker *w)
{
	const struct outlet_sink sink = { put_units, w };

	if (!inbox_init(&w->inbox, conf_backlog(w->next)) ||
	    !engine_init(&w->engine, w->next, w->seed, &sink))
		return false;
	w->engine.watch_arg = w;
	ledger_get(&w->ledger, &w->engine.counters);
	w->received = ledger_settle(&w->ledger);
	w->engine.taken = w->received;
	for (unsigned i = 0; i < SLOTS; i++)
		if (w->mailboxes[i].shared != NULL)
			mailbox_bury(&w->mailboxes[i], w->received);
	load_state(w);
	return true;
}

/* What was received so far is the old configuration's. */
static bool
change_engine(struct worker *w)
{
	while (!inbox_empty(&w->inbox))
		decode_some(w);
	finish_flows(w);
	return engine_use(&w->engine, w->next);
}

/* Go over to the next configuration and its sockets. */
static bool
adopt(struct worker *w)
{
	if (w->conf == NULL ? !begin_engine(w) : !change_engine(w))
		return false;
	for (size_t i = 0; i < w->coming.n; i++) {
		const struct listener *there = listeners_find(&w->listeners,
		    &w->coming.list[i].at);

		if (there != NULL)
			w->coming.list[i].counters = there->counters;
	}
	listeners_close(&w->listeners);
	w->listeners = w->coming;
	w->coming = (struct listeners){ .list = NULL };
	inbox_limit(&w->inbox, conf_backlog(w->next));
	memcpy(w->slots, w->next_slots, sizeof(w->slots));
	conf_free(w->conf);
	w->conf = w->next;
	w->next = NULL;
	drop_mailboxes(w);
	watch(w);
	return true;
}

/* Some of the sockets; the last message may have none. */
static bool
take_listeners(struct worker *w, const struct message *msg)
{
	struct listener *list;
	bool last = msg->nfds < CHANNEL_FDS;

	if (w->next == NULL || msg->len != msg->nfds * sizeof(*list) ||
	    w->coming.n + msg->nfds > CONF_LISTEN_MAX)
		return false;
	list = realloc(w->coming.list,
	    (w->coming.n + msg->nfds + 1) * sizeof(*list));
	if (list == NULL)
		return false;
	w->coming.list = list;
	for (uint32_t i = 0; i < msg->nfds; i++) {
		struct listener *l = &list[w->coming.n++];

		memcpy(l, msg->data + i * sizeof(*l), sizeof(*l));
		l->fd = msg->fds[i];
	}
	if (!last)
		return true;
	return adopt(w) && channel_tell(w->channel, MESSAGE_READY) == 0;
}

/* What became of the flows in one log, whose mailbox is in this slot. */
static struct stats_log
count_log(const struct worker *w, unsigned slot, const char *name,
    const char *word)
{
	struct stats_log log = { .name = name, .word = word, .slot = slot,
		.verb = "stored" };

	mailbox_count(&w->mailboxes[slot], &log.counts);
	return log;
}

/* Its own numbers are the keeper's, of all engines: the first tells them. */
static struct stats_log
count_logsock(const struct worker *w)
{
	const struct mailbox_shared *s = w->mailboxes[SLOT_LOGSOCK].shared;
	struct stats_log log =
	    count_log(w, SLOT_LOGSOCK, "logsock", "logsock");

	log.verb = "sent";
	log.counts.written = atomic_load(&s->sock_sent);
	log.counts.waiting += atomic_load(&s->sock_queued);
	log.counts.lost += atomic_load(&s->sock_lost);
	return log;
}

/* All logs that there are; returns how many. */
static size_t
count_logs(const struct worker *w, struct stats_log logs[SLOTS])
{
	const struct conf *conf = w->conf;
	size_t n = 0;

	if (conf->logfile != NULL)
		logs[n++] = count_log(w, SLOT_LOGFILE, NULL, "logfile");
	for (unsigned i = 0; i < conf->nlogdirs; i++)
		logs[n++] = count_log(w, w->slots[ENGINE_LOGDIRS + i],
		    conf->logdirs[i].path, "logdir");
	if (conf->logsock != NULL && w->place.index == 0)
		logs[n++] = count_logsock(w);
	return n;
}

/* With all that came before they were asked for. */
static void
log_statistics(struct worker *w)
{
	struct stats_log logs[SLOTS];
	size_t n = count_logs(w, logs);

	listeners_log_counters(&w->listeners);
	log_info("backlog: peak:%llu", (unsigned long long)w->inbox.peak);
	stats_log(&w->engine, logs, n);
}

/* What is told of, as it is now. */
static void
look(void *arg)
{
	struct worker *w = arg;

	w->view = (struct engine_view){ &w->engine, &w->listeners,
		w->received, w->logs, count_logs(w, w->logs) };
}

/* Questions of control, and the flows that it is shown. */
static void
talk(struct worker *w)
{
	if (w->pfd[POLL_ANSWER].revents != 0)
		answer_turn(&w->answer);
	answer_tick(&w->answer, clock_monotonic_ms());
	w->engine.watch = tail_on(&w->answer.tail) ? show_flows : NULL;
}

static bool
obey(void *arg, const struct message *msg)
{
	struct worker *w = arg;

	switch (msg->type) {
	case MESSAGE_LEDGER:
		return take_ledger(w, msg);
	case MESSAGE_MAILBOXES:
		return take_mailbox(w, msg);
	case MESSAGE_STATE:
		return take_state(w, msg);
	case MESSAGE_PAIR:
		return take_pair(w, msg);
	case MESSAGE_CONF:
		return take_conf(w, msg);
	case MESSAGE_LISTENERS:
		return take_listeners(w, msg);
	case MESSAGE_ANSWER:
		return take_answer(w, msg);
	case MESSAGE_GO:
		w->going = true;
		return true;
	case MESSAGE_STATISTICS:
		take_what_is_there(w);
		log_statistics(w);
		return channel_tell(w->channel, MESSAGE_STATISTICS) == 0;
	case MESSAGE_QUIT:
		w->leaving = true;
		return true;
	default:
		log_error("a message of unknown type %u", (unsigned)msg->type);
		return false;
	}
}

/* Until the next thing that is due without any input. */
static int
timeout_of(const struct worker *w, int64_t now_ms)
{
	int64_t due_ms = engine_due_ms(&w->engine);
	int timeout = log_timeout();
	int tail = tail_timeout(&w->answer.tail, now_ms);

	if (timeout < 0 || timeout > STATE_MS)
		timeout = STATE_MS;
	if (tail >= 0 && tail < timeout)
		timeout = tail;
	if (due_ms != 0 && due_ms - now_ms < timeout)
		timeout = due_ms > now_ms ? (int)(due_ms - now_ms) : 0;
	return timeout;
}

/* Until there is something, but not before a rest when much comes in. */
static int
wait_for_input(struct worker *w)
{
	int64_t now_ms = clock_monotonic_ms();
	int timeout = timeout_of(w, now_ms), rest;

	w->pfd[POLL_ANSWER] = (struct pollfd){ w->answer.conn.fd,
		answer_events(&w->answer), 0 };
	if (!inbox_empty(&w->inbox))
		return poll(w->pfd,
		    (nfds_t)(POLL_LISTENERS + w->listeners.n), 0);
	rest = pause_after(&w->pause, w->received, clock_monotonic_ns());
	if (rest > 0 && poll(w->pfd, POLL_LISTENERS, rest) < 0)
		return -1;
	if (now_ms >= w->save_ms) {
		save_state(w, false);
		w->save_ms = now_ms + STATE_MS;
	}
	return poll(
	    w->pfd, (nfds_t)(POLL_LISTENERS + w->listeners.n), timeout);
}

static bool
worker_loop(struct worker *w)
{
	while (!w->leaving) {
		log_tick();
		if (wait_for_input(w) < 0) {
			if (errno != EINTR)
				log_some(LOG_KIND_POLL, "poll: %s",
				    strerror(errno));
			continue;
		}
		if (w->pfd[POLL_CHANNEL].revents != 0 &&
		    !proc_dispatch(w->channel, obey, w))
			return false;
		talk(w);
		for (size_t i = 0; i < w->listeners.n; i++)
			if (w->pfd[POLL_LISTENERS + i].revents != 0)
				(void)receive(w, &w->listeners.list[i]);
		decode_some(w);
		limitlog_look(&w->limitlog, w->engine.dec);
		foreignlog_look(w->engine.dec);
		if (inbox_empty(&w->inbox))
			finish_flows(w);
	}
	return true;
}

/* The first message, and then those up to "go". */
static bool
begin(struct worker *w)
{
	struct pollfd pfd = { w->channel, POLLIN, 0 };
	struct proc_start how;

	if (proc_receive_start(w->channel, &how) != 0)
		return false;
	if (proc_drop_rights(&how, SANDBOX_ENGINE) != 0)
		return false;
	while (!w->going && !w->leaving) {
		if (poll(&pfd, 1, -1) > 0 &&
		    !proc_dispatch(w->channel, obey, w))
			return false;
	}
	return w->conf != NULL;
}

int
worker_main(int channel)
{
	struct worker w = { .channel = channel, .wake = -1, .pair = -1,
		.seed = seed_draw() };
	bool good;

	answer_init(&w.answer, engine_rows, ENGINE_ROWS, &w.view);
	w.answer.metrics = engine_metrics;
	w.answer.nmetrics = ENGINE_METRICS;
	w.answer.look = look;
	w.answer.look_arg = &w;
	w.answer.tails = true;
	w.answer.seed = w.seed;
	w.pfd = calloc(POLL_LISTENERS + CONF_LISTEN_MAX, sizeof(*w.pfd));
	good = w.pfd != NULL && begin(&w) && worker_loop(&w);
	if (w.conf != NULL)
		drain(&w);
	return !good;
}
