/* The log socket as an output of the writer; see writer_logsock.h. */
#include "clock.h"
#include "writer_logsock.h"

/* Publish the counters of the log socket, for the engines. */
static void
logsock_publish_counters(const struct writer *w, const struct sink *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct ring_shared *shared = s->rings[i].shared;

		atomic_store(&shared->sock_sent, w->logsock.sent);
		atomic_store(&shared->sock_queued, w->logsock.queued);
		atomic_store(&shared->sock_lost, w->logsock.lost);
	}
}

void
writer_logsock_write(struct writer *w, struct sink *s)
{
	size_t most = sink_turns_max(s);

	for (size_t i = 0; i < s->n; i++) {
		struct ring *m = &s->rings[i];
		struct bytes piece;
		uint64_t flows;

		for (size_t turn = 0; turn < most &&
		     (piece = sink_next_piece(m, &flows)).len > 0; turn++) {
			logsock_put(&w->logsock, piece);
			ring_take(m, piece.len, flows);
		}
	}
	logsock_publish_counters(w, s);
}

void
writer_logsock_finish(struct writer *w, struct sink *s)
{
	writer_logsock_write(w, s);
	logsock_flush(&w->logsock);
	logsock_publish_counters(w, s);
}

void
writer_logsock_recover(struct writer *w)
{
	const struct sink *s = &w->sinks[SLOT_LOGSOCK];
	uint64_t taken = 0, sent = 0;

	for (size_t i = 0; i < s->n; i++) {
		struct ring_shared *shared = s->rings[i].shared;
		uint64_t its = atomic_load(&shared->sock_sent);

		taken += atomic_load(&shared->written);
		sent = its > sent ? its : sent;
	}
	w->logsock.sent = sent;
	w->logsock.lost = taken > sent ? taken - sent : 0;
	logsock_publish_counters(w, s);
}

void
writer_logsock_request(struct writer *w)
{
	int64_t now_ms = clock_monotonic_ms();

	logsock_flush(&w->logsock);
	if (w->logsock_requested || !logsock_due(&w->logsock, now_ms))
		return;
	w->logsock_requested =
	    imsg_send_type(w->channel, IMSG_LOGSOCK_REQUEST) == 0;
}
