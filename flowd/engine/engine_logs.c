/* The logs of an engine; see engine_logs.h. */
#include <string.h>
#include <unistd.h>

#include "engine_logs.h"

void
engine_put_units(unsigned encoder, struct bytes units, uint64_t flows,
    uint64_t through, void *arg)
{
	struct engine *e = arg;

	for (size_t i = 0; i < e->nlogs; i++)
		if (e->logs[i].encoder == encoder)
			e->wake_pending |= ring_put(&e->rings[e->logs[i].slot],
			    units, flows, through);
}

void
engine_wake_writer(struct engine *e)
{
	if (e->wake_pending)
		(void)!write(e->wake, "", 1);
	e->wake_pending = false;
}

void
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

void
engine_drop_rings(struct engine *e)
{
	for (unsigned i = 0; i < SLOTS; i++)
		if (!slot_is_fixed(i) &&
		    memchr(e->slots + PIPELINE_LOGDIRS, (int)i,
			e->conf->nlogdirs) == NULL)
			ring_unmap(&e->rings[i]);
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

size_t
engine_count_logs(
    const struct engine *e, struct stats_log counted[CONF_LOGS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < e->nlogs; i++)
		if (!counting[e->logs[i].conf.kind].first_engine ||
		    e->number.index == 0)
			counted[n++] = count_log(e, &e->logs[i]);
	return n;
}
