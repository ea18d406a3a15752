/* Receiving and decoding; see engine_receive.h. */
#include <errno.h>
#include <string.h>

#include "clock.h"
#include "engine_logs.h"
#include "engine_receive.h"
#include "forward_queue.h"
#include "log.h"

enum {
	DECODE_SOME = 128, /* datagrams decoded between two receive calls */
	DRAIN_TURNS = 64, /* on exit: enough to empty a socket buffer */
	CLOCK_BACK_S = 60 /* tolerance: sockets are not read in time order */
};

void
engine_watch_listeners(struct engine *e)
{
	e->pfd[POLL_CHANNEL] = (struct pollfd){ e->channel, POLLIN, 0 };
	for (size_t i = 0; i < e->listeners.n; i++)
		e->pfd[POLL_LISTENERS + i] = (struct pollfd){
			e->listeners.list[i].fd, POLLIN, 0 };
	coalesce_init(&e->coalesce, listeners_rcvbuf(&e->listeners));
}

bool
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

void
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

void
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

void
engine_receive_all(struct engine *e)
{
	for (size_t i = 0; i < e->listeners.n; i++)
		(void)engine_receive(e, &e->listeners.list[i]);
	while (!recv_queue_empty(&e->queue))
		engine_decode_some(e);
	engine_finish_flows(e);
}

void
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
}
