/* The process of an engine; see engine.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "engine.h"
#include "engine_imsg.h"
#include "engine_logs.h"
#include "engine_receive.h"
#include "engine_snapshot.h"
#include "log.h"
#include "proc.h"
#include "seed.h"
#include "unsupported_log.h"

enum { SNAPSHOT_MS = 5000 /* between two snapshots */ };

/* Send flows to the live tail, while it is on. */
static void
tail_flows(const struct batch *batch, void *arg)
{
	struct engine *e = arg;

	responder_flows(&e->responder, batch, e->pipeline.now_ms);
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
	while (!e->exiting) {
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
engine_start(struct engine *e)
{
	struct pollfd pfd = { e->channel, POLLIN, 0 };
	struct proc_start how;

	if (proc_receive_start(e->channel, &how) != 0)
		return false;
	if (proc_drop_privileges(&how, SANDBOX_ENGINE) != 0)
		return false;
	while (!e->started && !e->exiting) {
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
	good = e.pfd != NULL && engine_start(&e) && engine_loop(&e);
	if (e.conf != NULL) {
		engine_drain(&e);
		engine_save_snapshot(&e, true);
	}
	return !good;
}
