/* The reports of an engine; see engine_reports.h. */
#include "engine_reports.h"
#include "exporter_rows.h"
#include "report_rows.h"

static void
put_totals(struct report *r, const struct engine_view *v)
{
	struct decoder_totals t;

	decoder_totals(v->pipeline->dec, &t);
	cells_of_totals(r, &t);
}

static void
fill_status(struct report *r, const struct addr *only, void *arg)
{
	(void)only;
	report_row(r);
	put_totals(r, arg);
}

/* Datagrams lost in engine crashes: the maximum over all logs. */
static uint64_t
datagrams_buried(const struct engine_view *v)
{
	uint64_t most = 0;

	for (size_t i = 0; i < v->nlogs; i++)
		if (v->logs[i].counts.buried > most)
			most = v->logs[i].counts.buried;
	return most;
}

static void
fill_datagrams(struct report *r, const struct addr *only, void *arg)
{
	const struct engine_view *v = arg;
	const struct engine_counters *c = &v->pipeline->counters;
	uint64_t octets = 0, dropped = 0;

	(void)only;
	for (size_t i = 0; i < v->listeners->n; i++) {
		octets += v->listeners->list[i].counters.octets;
		dropped += v->listeners->list[i].counters.dropped;
	}
	report_row(r);
	report_set(r, FIELD_DATAGRAMS_received, v->received);
	report_set(r, FIELD_DATAGRAMS_octets, octets);
	report_set(r, FIELD_DATAGRAMS_dropped, dropped);
	report_set(r, FIELD_DATAGRAMS_waiting,
	    v->received - v->pipeline->taken);
	report_set(r, FIELD_DATAGRAMS_not_permitted, c->refused);
	report_set(r, FIELD_DATAGRAMS_buried, datagrams_buried(v));
	report_set(r, FIELD_DATAGRAMS_not_forwarded, c->unforwarded);
	put_totals(r, v);
}

/* The first log represents all of them. */
static void
fill_flows(struct report *r, const struct addr *only, void *arg)
{
	const struct engine_view *v = arg;
	const struct engine_counters *c = &v->pipeline->counters;

	(void)only;
	report_row(r);
	put_totals(r, v);
	report_set(r, FIELD_FLOWS_decoded, c->flows);
	report_set(r, FIELD_FLOWS_discarded, c->discarded);
	report_set(r, FIELD_FLOWS_unstorable, c->unstorable);
	report_set(r, FIELD_FLOWS_lost, c->lost);
	if (v->nlogs == 0)
		return;
	report_set(r, FIELD_FLOWS_stored, v->logs[0].counts.written);
	report_set(r, FIELD_FLOWS_waiting, v->logs[0].counts.waiting);
	report_set(r, FIELD_FLOWS_lost, c->lost + v->logs[0].counts.lost);
}

/* The parent reports paths, the writer whether logs are writable. */
static void
fill_logs(struct report *r, const struct addr *only, void *arg)
{
	const struct engine_view *v = arg;

	(void)only;
	for (size_t i = 0; i < v->nlogs; i++) {
		const struct stats_log *log = &v->logs[i];

		report_row(r);
		report_set_text(r, FIELD_LOGS_log, log->word);
		report_set(r, FIELD_LOGS_slot, log->slot);
		report_set(r, FIELD_LOGS_written, log->counts.written);
		report_set(r, FIELD_LOGS_waiting, log->counts.waiting);
		report_set(r, FIELD_LOGS_lost, log->counts.lost);
		report_set(r, FIELD_LOGS_buried, log->counts.buried);
	}
}

static void
fill_exporters(struct report *r, const struct addr *only, void *arg)
{
	const struct engine_view *v = arg;

	rows_of_exporters(r, v->pipeline->dec, only);
}

static void
fill_malformed(struct report *r, const struct addr *only, void *arg)
{
	const struct engine_view *v = arg;

	rows_of_malformed(r, v->pipeline->dec, only);
}

static void
fill_templates(struct report *r, const struct addr *only, void *arg)
{
	const struct engine_view *v = arg;

	rows_of_templates(r, v->pipeline->dec, only);
}

static void
fill_limits(struct report *r, const struct addr *only, void *arg)
{
	const struct engine_view *v = arg;

	(void)only;
	rows_of_limits(r, v->pipeline->dec);
}

static void
fill_limited(struct report *r, const struct addr *only, void *arg)
{
	const struct engine_view *v = arg;

	rows_of_limited(r, v->pipeline->dec, only);
}

static void
fill_streams(struct report *r, const struct addr *only, void *arg)
{
	const struct engine_view *v = arg;

	rows_of_streams(r, v->pipeline->dec, only);
}

static void
fill_counters(struct report *r, const struct addr *only, void *arg)
{
	const struct engine_view *v = arg;

	rows_of_counters(r, v->pipeline->dec, only);
}

static void
fill_rates(struct report *r, const struct addr *only, void *arg)
{
	const struct engine_view *v = arg;

	rows_of_rates(r, v->pipeline->dec, only);
}

static void
fill_rules(struct report *r, const struct addr *only, void *arg)
{
	const struct engine_view *v = arg;

	(void)only;
	rows_of_rules(r, v->pipeline->conf->rules);
}

static void
fill_listeners(struct report *r, const struct addr *only, void *arg)
{
	const struct engine_view *v = arg;

	(void)only;
	rows_of_listeners(r, v->listeners);
}

const struct responder_row engine_reports[ENGINE_REPORTS] = {
#define ENGINE_REPORT(report, fill) { REPORT_OF_##report, fill },
#include "process_reports.def"
};

/* Exporters by name, up to this engine's share of the limit. */
static void
fill_listed(struct report *r, const struct addr *only, void *arg)
{
	const struct engine_view *v = arg;
	const struct conf *conf = v->pipeline->conf;
	size_t most = conf_metrics_exporters(conf), n = conf->workers;

	(void)only;
	(void)decoder_list(v->pipeline->dec, n > 1 ? (most + n - 1) / n : most);
	rows_of_listed(r, v->pipeline->dec);
}

const struct responder_row engine_metrics[ENGINE_METRICS] = {
	{ REPORT_OF_EXPORTERS, fill_listed },
	{ REPORT_OF_MALFORMED, fill_listed },
	{ REPORT_OF_LIMITED, fill_listed },
};
