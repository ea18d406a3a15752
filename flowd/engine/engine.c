/* The process of an engine; see engine.h. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "coalesce.h"
#include "conf_image.h"
#include "engine.h"
#include "engine_reports.h"
#include "forward_queue.h"
#include "imsg.h"
#include "limits_log.h"
#include "listener.h"
#include "log.h"
#include "pipeline.h"
#include "proc.h"
#include "ring.h"
#include "seed.h"
#include "shared_counters.h"
#include "shmem.h"
#include "snapshot.h"
#include "stats.h"
#include "steer.h"
#include "unsupported_log.h"

enum {
	DECODE_SOME = 128, /* datagrams decoded between two receive calls */
	DRAIN_TURNS = 64, /* on exit: enough to empty a socket buffer */
	CLOCK_BACK_S = 60, /* tolerance: sockets are not read in time order */
	SNAPSHOT_MS = 5000, /* between two snapshots */

	POLL_CHANNEL = 0, /* places in worker.pfd */
	POLL_CONTROL,
	POLL_LISTENERS
};

/* A log of the configuration in use. */
struct engine_log {
	struct conf_log conf;
	unsigned encoder; /* of the pipeline */
	unsigned slot; /* of its ring */
};

struct engine {
	int channel;
	int wake; /* of the writer */
	bool wake_pending; /* it sleeps and a ring has new data */
	int forward; /* to the forwarder, or -1 */
	bool going; /* IMSG_GO was received */
	bool leaving;
	struct conf *conf, *next; /* next: waits for its listeners */
	uint8_t slots[PIPELINE_ENCODERS]; /* rings of the logdirs of conf */
	uint8_t next_slots[PIPELINE_ENCODERS];
	struct engine_log logs[CONF_LOGS_MAX]; /* of conf */
	size_t nlogs;
	struct listeners listeners, coming;
	struct recv_queue queue;
	struct coalesce coalesce;
	uint64_t received; /* datagrams of all listeners */
	int64_t clock_ns; /* receive time of the newest datagram */
	struct pipeline pipeline;
	struct limits_log limits_log;
	uint64_t seed; /* drawn before files become inaccessible */
	struct imsg_engine number; /* which of the engines it is */
	struct shared_counters shared;
	struct ring rings[SLOTS]; /* shared: NULL for none */
	uint32_t serials[SLOTS]; /* of these */
	struct snapshot snapshot;
	struct responder responder; /* to control */
	struct engine_view view; /* the data of its reports */
	struct stats_log counted[CONF_LOGS_MAX]; /* of the view */
	uint64_t snapshot_generation; /* generation of the last snapshot */
	int64_t snapshot_ms; /* time of the next check */
	struct pollfd *pfd; /* room for CONF_LISTEN_MAX listeners */
};

/* Append units of an encoder to the rings of its logs. */
static void
engine_put_units(unsigned encoder, struct bytes units, uint64_t flows,
    uint64_t through, void *arg)
{
	struct engine *e = arg;

	for (size_t i = 0; i < e->nlogs; i++)
		if (e->logs[i].encoder == encoder)
			e->wake_pending |= ring_put(&e->rings[e->logs[i].slot],
			    units, flows, through);
}

static void
engine_wake_writer(struct engine *e)
{
	if (e->wake_pending)
		(void)!write(e->wake, "", 1);
	e->wake_pending = false;
}

/* Send flows to the live tail, while it is on. */
static void
tail_flows(const struct batch *batch, void *arg)
{
	struct engine *e = arg;

	responder_flows(&e->responder, batch, e->pipeline.now_ms);
}

/* Fill the poll set; called again when the listeners change. */
static void
engine_watch_listeners(struct engine *e)
{
	e->pfd[POLL_CHANNEL] = (struct pollfd){ e->channel, POLLIN, 0 };
	for (size_t i = 0; i < e->listeners.n; i++)
		e->pfd[POLL_LISTENERS + i] = (struct pollfd){
			e->listeners.list[i].fd, POLLIN, 0 };
	coalesce_init(&e->coalesce, listeners_rcvbuf(&e->listeners));
}

/* Returns true when there may be more. */
static bool
engine_receive(struct engine *e, struct listener *l)
{
	char text[ENDPOINT_TEXT_MAX];
	struct shared_counters_memory *s = e->shared.shared;
	uint64_t before = l->counters.datagrams;
	int rc;

	/* Counters are in shared memory, so they survive a crash here. */
	s->live = l->counters;
	atomic_store(&s->live_from, before);
	rc = recv_drain(l->fd, &e->queue, &s->live, &s->call);
	l->counters = s->live;

	if (rc < 0)
		log_limited(LOG_KIND_LISTENER, "cannot receive on %s: %s",
		    endpoint_format(&l->at, text), strerror(errno));
	e->received += l->counters.datagrams - before;
	atomic_store(&s->received, e->received);
	atomic_store(&s->live_from, s->live.datagrams);
	return rc > 0;
}

/* Forward datagrams of permitted sources, before decoding. */
static void
forward_datagrams(struct engine *e, const struct datagram *list, size_t n)
{
	const struct datagram *permitted[DECODE_SOME];
	size_t npermitted = 0;

	for (size_t i = 0; i < n; i++)
		if (conf_permits(e->conf, &list[i].src))
			permitted[npermitted++] = &list[i];
	e->pipeline.counters.unforwarded +=
	    forward_queue_put(e->forward, permitted, npermitted);
}

static void
engine_finish_flows(struct engine *e)
{
	e->pipeline.now_ms = clock_monotonic_ms();
	pipeline_flush(&e->pipeline);
	shared_counters_store(&e->shared, &e->pipeline.counters);
	engine_wake_writer(e);
}

/*
 * Detect a clock that was set back: deliver waiting flows first, so that they
 * are not mixed with new ones, and tell the parent, which starts new segments.
 */
static void
check_clock(struct engine *e, int64_t now_ns)
{
	if (now_ns < e->clock_ns - CLOCK_BACK_S * INT64_C(1000000000)) {
		pipeline_finish(&e->pipeline);
		engine_finish_flows(e);
		(void)imsg_send_type(e->channel, IMSG_CLOCK_BACK);
	}
	e->clock_ns = now_ns;
}

static void
engine_decode_some(struct engine *e)
{
	const struct datagram *list;
	size_t n;

	list = recv_queue_take(&e->queue, DECODE_SOME, &n);
	if (n > 0)
		check_clock(e, list[0].recv_ns);
	if (e->forward != -1)
		forward_datagrams(e, list, n);
	e->pipeline.now_ms = clock_monotonic_ms();
	for (size_t i = 0; i < n; i++)
		pipeline_take(&e->pipeline, &list[i]);
	pipeline_expire(&e->pipeline);
	engine_wake_writer(e);
}

/* Store a snapshot for the next engine. */
static void
engine_save_snapshot(struct engine *e, bool always)
{
	uint64_t generation = decoder_generation(e->pipeline.dec);
	struct buf out;

	if (!always && generation == e->snapshot_generation)
		return;
	buf_init(&out, SNAPSHOT_OCTETS);
	decoder_save(e->pipeline.dec, &out);
	if (buf_ok(&out))
		(void)snapshot_put(&e->snapshot,
		    (struct bytes){ out.ptr, out.len });
	else
		log_debug("the state of exporters is too large for a snapshot");
	buf_fini(&out);
	e->snapshot_generation = generation;
}

/* Does this engine handle the exporter? */
static bool
is_own_exporter(const struct addr *exporter, void *arg)
{
	const struct engine *e = arg;

	return steer_choose(exporter, e->number.of) == e->number.index;
}

/* Load the snapshots of all earlier engines. */
static void
engine_load_snapshots(struct engine *e)
{
	struct bytes states = snapshot_get(&e->snapshot), one;
	const struct decoder_load mine = { .accept = is_own_exporter, .arg = e };
	struct decoder_loaded loaded, all = { 0, 0, 0, 0 };
	struct flowd_error err;

	while ((one = decoder_state_next(&states)).len > 0) {
		if (decoder_load(e->pipeline.dec, one, &mine, &loaded, &err) !=
		    0)
			log_warn("cannot load the state of exporters: %s",
			    err.text);
		all.exporters += loaded.exporters;
		all.templates += loaded.templates;
	}
	if (all.exporters > 0)
		log_debug("loaded exporters: %u, templates: %u",
		    (unsigned)all.exporters, (unsigned)all.templates);
}

static void
engine_receive_all(struct engine *e)
{
	for (size_t i = 0; i < e->listeners.n; i++)
		(void)engine_receive(e, &e->listeners.list[i]);
	while (!recv_queue_empty(&e->queue))
		engine_decode_some(e);
	engine_finish_flows(e);
}

/* Before exiting: store everything that has arrived, also during a flood. */
static void
engine_drain(struct engine *e)
{
	bool more = true;

	for (int turn = 0; turn < DRAIN_TURNS && more; turn++) {
		more = false;
		for (size_t i = 0; i < e->listeners.n; i++)
			more |= engine_receive(e, &e->listeners.list[i]);
		while (!recv_queue_empty(&e->queue))
			engine_decode_some(e);
	}
	pipeline_finish(&e->pipeline);
	engine_finish_flows(e);
	engine_save_snapshot(e, true);
}

/* Messages of the parent. Each function returns false on a fatal error. */

static bool
handle_counters(struct engine *e, const struct imsg *msg)
{
	bool mapped;

	if (msg->nfds != 2 || msg->len != sizeof(e->number))
		return false;
	memcpy(&e->number, msg->data, sizeof(e->number));
	mapped = shared_counters_map(&e->shared, msg->fds[0]);
	(void)close(msg->fds[0]);
	e->wake = msg->fds[1];
	return mapped;
}

/*
 * Map a ring. Every configuration sends all rings again; those that are mapped
 * already are kept.
 */
static bool
handle_ring(struct engine *e, const struct imsg *msg)
{
	struct imsg_log what;
	struct ring *m;
	bool good = true;

	if (msg->nfds != 1 || msg->len != sizeof(what))
		return false;
	memcpy(&what, msg->data, sizeof(what));
	if (what.slot >= SLOTS)
		return false;
	m = &e->rings[what.slot];
	if (m->shared == NULL || e->serials[what.slot] != what.serial) {
		ring_unmap(m);
		good = ring_map(
		    m, slot_unit(what.slot), msg->fds[0]);
		if (!good)
			log_error("cannot map a ring: %s", strerror(errno));
		e->serials[what.slot] = what.serial;
		if (good && e->conf != NULL)
			e->wake_pending |= ring_begin_engine(
			    m, e->pipeline.taken);
		engine_wake_writer(e);
	}
	(void)close(msg->fds[0]);
	return good;
}

/* Unmap the rings of logs that are not in the configuration. */
static void
engine_drop_rings(struct engine *e)
{
	for (unsigned i = SLOT_LOGDIR; i < SLOTS; i++)
		if (memchr(e->slots + PIPELINE_LOGDIRS, (int)i,
			e->conf->nlogdirs) == NULL)
			ring_unmap(&e->rings[i]);
}

static bool
handle_forward_queue(struct engine *e, const struct imsg *msg)
{
	if (e->forward != -1)
		(void)close(e->forward);
	e->forward = msg->nfds == 1 ? msg->fds[0] : -1;
	return true;
}

static bool
handle_snapshot(struct engine *e, const struct imsg *msg)
{
	bool mapped = msg->nfds == 1 && snapshot_map(&e->snapshot, msg->fds[0]);

	if (msg->nfds == 1)
		(void)close(msg->fds[0]);
	return mapped;
}

static bool
handle_control_link(struct engine *e, const struct imsg *msg)
{
	if (msg->nfds != 1)
		return false;
	responder_adopt(&e->responder, msg->fds[0]);
	e->pipeline.watch = NULL;
	return true;
}

/* Has every log of the next configuration its ring? */
static bool
next_logs_have_rings(const struct engine *e)
{
	const struct conf *conf = e->next;

	for (size_t i = 0; i < conf->nlogdirs; i++) {
		uint8_t slot = e->next_slots[PIPELINE_LOGDIRS + i];

		if (slot < SLOT_LOGDIR || slot >= SLOTS ||
		    e->rings[slot].shared == NULL)
			return false;
	}
	return e->rings[SLOT_LOGFILE].shared != NULL &&
	    e->rings[SLOT_LOGSOCK].shared != NULL;
}

/* The rules are compiled here; the listeners come next. */
static bool
handle_conf(struct engine *e, const struct imsg *msg)
{
	struct flowd_error err;

	if (msg->nfds != 1 || msg->len > sizeof(e->next_slots))
		return false;
	memcpy(e->next_slots + PIPELINE_LOGDIRS, msg->data,
	    msg->len < CONF_LOGDIR_MAX ? msg->len : CONF_LOGDIR_MAX);
	conf_free(e->next);
	e->next = conf_image_read_fd(msg->fds[0], true, &err);
	(void)close(msg->fds[0]);
	if (e->next == NULL)
		log_error("%s", err.text);
	return e->next != NULL && next_logs_have_rings(e);
}

static bool
pipeline_start(struct engine *e)
{
	const struct encoder_sink sink = { engine_put_units, e };

	if (!recv_queue_init(&e->queue, conf_backlog(e->next)) ||
	    !pipeline_init(&e->pipeline, e->next, e->seed, &sink))
		return false;
	e->pipeline.watch_arg = e;
	shared_counters_load(&e->shared, &e->pipeline.counters);
	e->received = shared_counters_recover(&e->shared);
	e->pipeline.taken = e->received;
	for (unsigned i = 0; i < SLOTS; i++)
		if (e->rings[i].shared != NULL)
			e->wake_pending |= ring_begin_engine(
			    &e->rings[i], e->received);
	engine_wake_writer(e);
	engine_load_snapshots(e);
	return true;
}

/* Apply the old configuration to everything received so far. */
static bool
pipeline_change(struct engine *e)
{
	while (!recv_queue_empty(&e->queue))
		engine_decode_some(e);
	engine_finish_flows(e);
	return pipeline_use(&e->pipeline, e->next);
}

/* List the logs of the configuration with their slots and encoders. */
static void
engine_list_logs(struct engine *e)
{
	struct conf_log logs[CONF_LOGS_MAX];

	e->nlogs = conf_logs(e->conf, logs);
	for (size_t i = 0; i < e->nlogs; i++) {
		unsigned encoder = pipeline_encoder(&logs[i]);

		e->logs[i] = (struct engine_log){ .conf = logs[i],
			.encoder = encoder,
			.slot = logs[i].kind == DESTINATION_LOGDIR
			    ? e->slots[encoder]
			    : destination_info[logs[i].kind].first };
	}
}

/* Use the next configuration and its sockets. */
static bool
conf_adopt(struct engine *e)
{
	if (e->conf == NULL ? !pipeline_start(e) : !pipeline_change(e))
		return false;
	for (size_t i = 0; i < e->coming.n; i++) {
		const struct listener *there = listeners_find(&e->listeners,
		    &e->coming.list[i].at);

		if (there != NULL)
			e->coming.list[i].counters = there->counters;
	}
	listeners_close(&e->listeners);
	e->listeners = e->coming;
	e->coming = (struct listeners){ .list = NULL };
	recv_queue_limit(&e->queue, conf_backlog(e->next));
	memcpy(e->slots, e->next_slots, sizeof(e->slots));
	conf_free(e->conf);
	e->conf = e->next;
	e->next = NULL;
	engine_list_logs(e);
	engine_drop_rings(e);
	engine_watch_listeners(e);
	return true;
}

/* Take a part of the sockets; the last message may be empty. */
static bool
handle_listeners(struct engine *e, const struct imsg *msg)
{
	struct listener *list;
	bool last = msg->nfds < IMSG_FDS;

	if (e->next == NULL || msg->len != msg->nfds * sizeof(*list) ||
	    e->coming.n + msg->nfds > CONF_LISTEN_MAX)
		return false;
	list = realloc(e->coming.list,
	    (e->coming.n + msg->nfds + 1) * sizeof(*list));
	if (list == NULL)
		return false;
	e->coming.list = list;
	for (uint32_t i = 0; i < msg->nfds; i++) {
		struct listener *l = &list[e->coming.n++];

		memcpy(l, msg->data + i * sizeof(*l), sizeof(*l));
		l->fd = msg->fds[i];
	}
	if (!last)
		return true;
	return conf_adopt(e) && imsg_send_type(e->channel, IMSG_READY) == 0;
}

/* The writer counts for the log socket, over the rings of all engines. */
static void
count_logsock(const struct engine *e, struct stats_log *log)
{
	const struct ring_shared *s = e->rings[log->slot].shared;

	log->counts.written = atomic_load(&s->sock_sent);
	log->counts.waiting += atomic_load(&s->sock_queued);
	log->counts.lost += atomic_load(&s->sock_lost);
}

/* How statistics handle each kind of log. */
static const struct {
	bool by_path; /* named by its path, otherwise by its word */
	bool in_totals; /* no name: the totals cover it */
	bool first_engine; /* reported by the first engine only */
	/* Adjust the counts of the ring; may be NULL. */
	void (*count)(const struct engine *e, struct stats_log *log);
} counting[DESTINATIONS] = {
	[DESTINATION_LOGFILE] = { .in_totals = true },
	[DESTINATION_LOGDIR] = { .by_path = true },
	[DESTINATION_LOGSOCK] = { .first_engine = true,
	    .count = count_logsock },
};

/* Count the flows of one log. */
static struct stats_log
count_log(const struct engine *e, const struct engine_log *log)
{
	const struct destination_info *d = &destination_info[log->conf.kind];
	struct stats_log counted = { .word = d->word, .verb = d->verb,
		.slot = log->slot };

	if (counting[log->conf.kind].by_path)
		counted.name = log->conf.path;
	else if (!counting[log->conf.kind].in_totals)
		counted.name = d->word;
	ring_count(&e->rings[log->slot], &counted.counts);
	if (counting[log->conf.kind].count != NULL)
		counting[log->conf.kind].count(e, &counted);
	return counted;
}

/* Count all logs that this engine reports. Returns how many. */
static size_t
engine_count_logs(const struct engine *e, struct stats_log counted[CONF_LOGS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < e->nlogs; i++)
		if (!counting[e->logs[i].conf.kind].first_engine ||
		    e->number.index == 0)
			counted[n++] = count_log(e, &e->logs[i]);
	return n;
}

/* Log statistics; everything received before is included. */
static void
log_statistics(struct engine *e)
{
	struct stats_log logs[CONF_LOGS_MAX];
	size_t n = engine_count_logs(e, logs);

	listeners_log_counters(&e->listeners);
	log_info("backlog: peak:%llu", (unsigned long long)e->queue.peak);
	stats_log(&e->pipeline, logs, n);
}

/* Update the data of the reports. */
static void
view_update(void *arg)
{
	struct engine *e = arg;

	e->view = (struct engine_view){ &e->pipeline, &e->listeners,
		e->received, e->counted, engine_count_logs(e, e->counted) };
}

/* Queries of control, and the tail. */
static void
answer_control(struct engine *e)
{
	if (e->pfd[POLL_CONTROL].revents != 0)
		responder_handle(&e->responder);
	responder_tick(&e->responder, clock_monotonic_ms());
	e->pipeline.watch = tail_on(&e->responder.tail) ? tail_flows : NULL;
}

static bool
engine_handle_imsg(void *arg, const struct imsg *msg)
{
	struct engine *e = arg;

	switch (msg->type) {
	case IMSG_COUNTERS:
		return handle_counters(e, msg);
	case IMSG_RINGS:
		return handle_ring(e, msg);
	case IMSG_SNAPSHOT:
		return handle_snapshot(e, msg);
	case IMSG_FORWARD_QUEUE:
		return handle_forward_queue(e, msg);
	case IMSG_CONF:
		return handle_conf(e, msg);
	case IMSG_LISTENERS:
		return handle_listeners(e, msg);
	case IMSG_CONTROL_LINK:
		return handle_control_link(e, msg);
	case IMSG_GO:
		e->going = true;
		return true;
	case IMSG_STATISTICS:
		engine_receive_all(e);
		log_statistics(e);
		return imsg_send_type(e->channel, IMSG_STATISTICS) == 0;
	case IMSG_QUIT:
		e->leaving = true;
		return true;
	default:
		log_error("unknown message type %u", (unsigned)msg->type);
		return false;
	}
}

/* Milliseconds until the next timer is due. */
static int
engine_timeout(const struct engine *e, int64_t now_ms)
{
	int64_t due_ms = pipeline_due_ms(&e->pipeline);
	int timeout = log_timeout();
	int tail = tail_timeout(&e->responder.tail, now_ms);

	if (timeout < 0 || timeout > SNAPSHOT_MS)
		timeout = SNAPSHOT_MS;
	if (tail >= 0 && tail < timeout)
		timeout = tail;
	if (due_ms != 0 && due_ms - now_ms < timeout)
		timeout = due_ms > now_ms ? (int)(due_ms - now_ms) : 0;
	return timeout;
}

/* Wait for input; sleep first at high rates (coalesce.h). */
static int
wait_for_input(struct engine *e)
{
	int64_t now_ms = clock_monotonic_ms();
	int timeout = engine_timeout(e, now_ms), rest;

	e->pfd[POLL_CONTROL] = (struct pollfd){ e->responder.conn.fd,
		responder_events(&e->responder), 0 };
	if (!recv_queue_empty(&e->queue))
		return poll(e->pfd,
		    (nfds_t)(POLL_LISTENERS + e->listeners.n), 0);
	rest = coalesce_after(&e->coalesce, e->received, clock_monotonic_ns());
	if (rest > 0 && poll(e->pfd, POLL_LISTENERS, rest) < 0)
		return -1;
	if (now_ms >= e->snapshot_ms) {
		engine_save_snapshot(e, false);
		e->snapshot_ms = now_ms + SNAPSHOT_MS;
	}
	return poll(
	    e->pfd, (nfds_t)(POLL_LISTENERS + e->listeners.n), timeout);
}

static bool
engine_loop(struct engine *e)
{
	while (!e->leaving) {
		log_tick();
		if (wait_for_input(e) < 0) {
			if (errno != EINTR)
				log_limited(LOG_KIND_POLL, "poll: %s",
				    strerror(errno));
			continue;
		}
		if (e->pfd[POLL_CHANNEL].revents != 0 &&
		    !proc_dispatch(e->channel, engine_handle_imsg, e))
			return false;
		answer_control(e);
		for (size_t i = 0; i < e->listeners.n; i++)
			if (e->pfd[POLL_LISTENERS + i].revents != 0)
				(void)engine_receive(e,
				    &e->listeners.list[i]);
		engine_decode_some(e);
		limits_log_update(&e->limits_log, e->pipeline.dec);
		unsupported_log_update(e->pipeline.dec);
		if (recv_queue_empty(&e->queue))
			engine_finish_flows(e);
	}
	return true;
}

/* Handle messages up to IMSG_GO. */
static bool
engine_begin(struct engine *e)
{
	struct pollfd pfd = { e->channel, POLLIN, 0 };
	struct proc_start how;

	if (proc_receive_start(e->channel, &how) != 0)
		return false;
	if (proc_drop_privileges(&how, SANDBOX_ENGINE) != 0)
		return false;
	while (!e->going && !e->leaving) {
		if (poll(&pfd, 1, -1) > 0 &&
		    !proc_dispatch(e->channel, engine_handle_imsg, e))
			return false;
	}
	return e->conf != NULL;
}

int
engine_main(int channel)
{
	struct engine e = { .channel = channel, .wake = -1, .forward = -1,
		.seed = seed_draw() };
	bool good;

	responder_init(&e.responder, engine_reports, ENGINE_REPORTS, &e.view);
	e.responder.metrics = engine_metrics;
	e.responder.nmetrics = ENGINE_METRICS;
	e.responder.update = view_update;
	e.responder.update_arg = &e;
	e.responder.tails = true;
	e.responder.seed = e.seed;
	e.pfd = calloc(POLL_LISTENERS + CONF_LISTEN_MAX, sizeof(*e.pfd));
	good = e.pfd != NULL && engine_begin(&e) && engine_loop(&e);
	if (e.conf != NULL)
		engine_drain(&e);
	return !good;
}
