/* The process that writes logs; see writer.h. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "log.h"
#include "proc.h"
#include "writer.h"
#include "writer_imsg.h"
#include "writer_logsock.h"
#include "writer_outputs.h"

enum { RETRY_MS = 200 /* interval of retries after a write error */ };

/* Can the writer sleep until an engine appends to this slot? */
static bool
sink_sleeps(struct writer *w, unsigned slot)
{
	struct sink *s = &w->sinks[slot];
	bool sleeps = true;

	if (writer_output_is_stopped(w, slot))
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
writer_timeout(struct writer *w)
{
	int timeout = log_timeout();

	if (!w->logsock_requested)
		timeout = timeout_min(timeout,
		    logsock_timeout(&w->logsock, clock_monotonic_ms()));
	for (unsigned i = 0; i < SLOTS; i++) {
		if (w->sinks[i].log.error != 0)
			timeout = timeout_min(timeout, RETRY_MS);
		if (!sink_sleeps(w, i))
			timeout = 0;
	}
	return timeout;
}

/* Wait until an engine appends, or a timeout or message is due. */
static void
wait_for_work(struct writer *w)
{
	int timeout = writer_timeout(w);
	char drain[64];

	w->pfd[POLL_CHANNEL] = (struct pollfd){ w->channel, POLLIN, 0 };
	w->pfd[POLL_WAKE] = (struct pollfd){ w->wake, POLLIN, 0 };
	w->pfd[POLL_LOGSOCK] = (struct pollfd){
		logsock_blocked(&w->logsock) ? w->logsock.fd : -1, POLLOUT, 0 };
	w->pfd[POLL_CONTROL] = (struct pollfd){ w->responder.conn.fd,
		responder_events(&w->responder), 0 };
	for (unsigned i = 0; i < SLOTS; i++) {
		const struct logfile *log = &w->sinks[i].log;

		w->pfd[POLL_SINKS + i] = (struct pollfd){
			logfile_blocked(log) ? log->fd : -1, POLLOUT, 0 };
	}
	if (poll(w->pfd, POLL_COUNT, timeout) < 0 && errno != EINTR)
		log_limited(LOG_KIND_POLL, "poll: %s", strerror(errno));
	for (unsigned i = 0; i < SLOTS; i++)
		sink_awake(&w->sinks[i]);
	if (w->pfd[POLL_WAKE].revents != 0)
		(void)!read(w->wake, drain, sizeof(drain));
}

/* Handle the parent's messages first: a closed log must not be written to. */
static bool
writer_loop(struct writer *w)
{
	while (!w->exiting) {
		wait_for_work(w);
		log_tick();
		if (w->pfd[POLL_CHANNEL].revents != 0 &&
		    !proc_dispatch(w->channel, writer_handle_imsg, w))
			return false;
		writer_outputs_write(w);
		writer_logsock_request(w);
		if (w->pfd[POLL_CONTROL].revents != 0)
			responder_handle(&w->responder);
	}
	return true;
}

static bool
writer_start(struct writer *w)
{
	struct pollfd pfd = { w->channel, POLLIN, 0 };
	struct proc_start how;

	if (proc_receive_start(w->channel, &how) != 0)
		return false;
	if (proc_drop_privileges(&how, SANDBOX_WRITER) != 0)
		return false;
	while (!w->started && !w->exiting)
		if (poll(&pfd, 1, -1) > 0 &&
		    !proc_dispatch(w->channel, writer_handle_imsg, w))
			return false;
	return true;
}

int
writer_main(int channel)
{
	static struct writer w;
	bool good;

	w.channel = channel;
	w.wake = -1;
	for (unsigned i = 0; i < SLOTS; i++)
		logfile_init(&w.sinks[i].log);
	logsock_init(&w.logsock);
	responder_init(&w.responder, writer_reports, WRITER_REPORTS, &w);
	good = writer_start(&w) && writer_loop(&w);
	if (w.started)
		writer_outputs_finish(&w);
	logsock_fini(&w.logsock);
	responder_fini(&w.responder);
	write_intent_unmap(w.intents, SLOT_INTENTS);
	return !good;
}
