/* Messages of the parent; see engine_imsg.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf_image.h"
#include "engine_imsg.h"
#include "engine_logs.h"
#include "engine_receive.h"
#include "engine_snapshot.h"
#include "log.h"

/* Each handler returns false on a fatal error. */

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
		good = ring_map(m, slot_unit(what.slot), msg->fds[0]);
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
	for (unsigned i = 0; i < SLOTS; i++)
		if (slot_is_fixed(i) && e->rings[i].shared == NULL)
			return false;
	for (size_t i = 0; i < e->next->nlogdirs; i++) {
		uint8_t slot = e->next_slots[PIPELINE_LOGDIRS + i];

		if (slot < SLOT_LOGDIR || slot >= SLOTS ||
		    e->rings[slot].shared == NULL)
			return false;
	}
	return true;
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
engine_start_pipeline(struct engine *e)
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
engine_change_conf(struct engine *e)
{
	while (!recv_queue_empty(&e->queue))
		engine_decode_some(e);
	engine_finish_flows(e);
	return pipeline_use(&e->pipeline, e->next);
}

/* Listeners of the old configuration keep their counters. */
static void
continue_counters(struct listeners *next, const struct listeners *old)
{
	for (size_t i = 0; i < next->n; i++) {
		const struct listener *l =
		    listeners_find(old, &next->list[i].at);

		if (l != NULL)
			next->list[i].counters = l->counters;
	}
}

/* Use the next configuration and its sockets. */
static bool
engine_adopt_conf(struct engine *e)
{
	if (e->conf == NULL ? !engine_start_pipeline(e)
			    : !engine_change_conf(e))
		return false;
	continue_counters(&e->next_listeners, &e->listeners);
	listeners_close(&e->listeners);
	e->listeners = e->next_listeners;
	e->next_listeners = (struct listeners){ .list = NULL };
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
	    e->next_listeners.n + msg->nfds > CONF_LISTEN_MAX)
		return false;
	list = realloc(e->next_listeners.list,
	    (e->next_listeners.n + msg->nfds + 1) * sizeof(*list));
	if (list == NULL)
		return false;
	e->next_listeners.list = list;
	for (uint32_t i = 0; i < msg->nfds; i++) {
		struct listener *l = &list[e->next_listeners.n++];

		memcpy(l, msg->data + i * sizeof(*l), sizeof(*l));
		l->fd = msg->fds[i];
	}
	if (!last)
		return true;
	return engine_adopt_conf(e) &&
	    imsg_send_type(e->channel, IMSG_READY) == 0;
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

bool
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
		e->started = true;
		return true;
	case IMSG_STATISTICS:
		engine_receive_all(e);
		log_statistics(e);
		return imsg_send_type(e->channel, IMSG_STATISTICS) == 0;
	case IMSG_QUIT:
		e->exiting = true;
		return true;
	default:
		log_error("unknown message type %u", (unsigned)msg->type);
		return false;
	}
}
