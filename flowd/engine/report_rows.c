/* Rows of reports; see report_rows.h. */
#include "report_cells.h"
#include "report_rows.h"

/* Argument of the callbacks that iterate over the state of exporters. */
struct filler {
	struct report *r;
	const struct addr *only; /* not ADDR_NONE */
	struct buf text;
	const struct decoder *dec;
	int (*put)(struct filler *f, const struct addr *exporter);
};

void
rows_of_limits(struct report *r, const struct decoder *dec)
{
	for (unsigned i = 0; i < DECODER_LIMIT_COUNT; i++) {
		struct decoder_limit_state state;

		decoder_limit(dec, i, &state);
		report_row(r);
		report_set_text(
		    r, FIELD_LIMITS_limit, decoder_limit_info[i].name);
		report_set(r, FIELD_LIMITS_value, state.value);
		report_set(r, FIELD_LIMITS_hits, state.hits);
		if (state.hits > 0)
			report_set_addr(r, FIELD_LIMITS_last, &state.last);
		report_set_text(
		    r, FIELD_LIMITS_meaning, decoder_limit_info[i].text);
	}
}

static int
put_if_wanted(const struct exporter_info *info, void *arg)
{
	struct filler *f = arg;

	return addr_answers(f->only, &info->addr) ? f->put(f, &info->addr) : 0;
}

/*
 * Append rows for all exporters, or for those that match an address: a
 * link-local address may match several.
 */
static void
put_wanted(struct filler *f, const struct addr *only)
{
	f->only = only;
	if (only->family == ADDR_NONE)
		(void)f->put(f, NULL);
	else
		(void)decoder_each_exporter(f->dec, put_if_wanted, f);
}

static int
put_stream(const struct stream_info *info, void *arg)
{
	struct report *r = arg;
	const struct decode_counters *c = &info->counters;
	const struct {
		enum report_field field;
		uint64_t value;
	} counts[] = {
		{ FIELD_STREAMS_port, info->port },
		{ FIELD_STREAMS_version, info->version },
		{ FIELD_STREAMS_domain, info->domain },
		{ FIELD_STREAMS_datagrams, c->datagrams },
		{ FIELD_STREAMS_flows, c->flows },
		{ FIELD_STREAMS_missing, c->lost },
		{ FIELD_STREAMS_no_template, c->no_template },
		{ FIELD_STREAMS_early_lost, early_lost(c) },
		{ FIELD_STREAMS_borrowed, c->borrowed },
		{ FIELD_STREAMS_limited, limited_count(c) },
		{ FIELD_STREAMS_templates, info->templates },
	};

	report_row(r);
	report_set_addr(r, FIELD_STREAMS_exporter, &info->addr);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		report_set(r, counts[i].field, counts[i].value);
	report_set_text(r, FIELD_STREAMS_state, info->state);
	report_set_text(r, FIELD_STREAMS_sequence_unit, info->sequence_unit);
	report_set_time(r, FIELD_STREAMS_last_seen, info->last_ns);
	return !report_ok(r);
}

static int
put_streams(struct filler *f, const struct addr *exporter)
{
	return decoder_each_stream(f->dec, exporter, put_stream, f->r);
}

void
rows_of_streams(
    struct report *r, const struct decoder *dec, const struct addr *only)
{
	struct filler f = { .r = r, .dec = dec, .put = put_streams };

	if (only->family != ADDR_NONE)
		put_wanted(&f, only);
}

static int
put_template(const struct template_info *info, void *arg)
{
	struct filler *f = arg;
	struct report *r = f->r;

	report_row(r);
	report_set_addr(r, FIELD_TEMPLATES_exporter, &info->addr);
	report_set(r, FIELD_TEMPLATES_port, info->port);
	report_set(r, FIELD_TEMPLATES_version, info->version);
	report_set(r, FIELD_TEMPLATES_domain, info->domain);
	report_set(r, FIELD_TEMPLATES_template, info->id);
	report_set(r, FIELD_TEMPLATES_options, info->options);
	report_set(r, FIELD_TEMPLATES_records, info->records);
	report_set(r, FIELD_TEMPLATES_length, info->record_octets);
	report_set(r, FIELD_TEMPLATES_nfields, info->nfields);
	report_set_time(r, FIELD_TEMPLATES_last_seen, info->seen_ns);
	buf_reset(&f->text);
	decoder_put_fields(info, &f->text);
	if (buf_ok(&f->text))
		report_set_bytes(r, FIELD_TEMPLATES_fields,
		    (struct bytes){ f->text.ptr, f->text.len });
	return !report_ok(r);
}

static int
put_templates(struct filler *f, const struct addr *exporter)
{
	return decoder_each_template(f->dec, exporter, put_template, f);
}

void
rows_of_templates(
    struct report *r, const struct decoder *dec, const struct addr *only)
{
	struct filler f = { .r = r, .dec = dec, .put = put_templates };

	buf_init(&f.text, REPORT_TEXT_MAX);
	put_wanted(&f, only);
	buf_fini(&f.text);
}

static int
put_rate(const struct rate_info *info, void *arg)
{
	struct filler *f = arg;
	struct report *r = f->r;

	report_row(r);
	report_set_addr(r, FIELD_RATES_exporter, &info->addr);
	report_set_text(r, FIELD_RATES_origin, rate_origin_word[info->origin]);
	if (info->version != 0) {
		report_set(r, FIELD_RATES_version, info->version);
		report_set(r, FIELD_RATES_port, info->port);
		report_set(r, FIELD_RATES_domain, info->domain);
	}
	if (info->scope != NULL)
		report_set_text(r, FIELD_RATES_scope, info->scope);
	report_set(r, FIELD_RATES_interval, info->interval);
	if (info->algorithm != 0)
		report_set(r, FIELD_RATES_algorithm, info->algorithm);
	report_set(r, FIELD_RATES_flows, info->flows);
	report_set_time(r, FIELD_RATES_last_seen, info->seen_ns);
	report_set_text(r, FIELD_RATES_state, info->state);
	return !report_ok(r);
}

static int
put_rates(struct filler *f, const struct addr *exporter)
{
	return decoder_each_rate(f->dec, exporter, put_rate, f);
}

void
rows_of_rates(
    struct report *r, const struct decoder *dec, const struct addr *only)
{
	struct filler f = { .r = r, .dec = dec, .put = put_rates };

	put_wanted(&f, only);
}

static void
put_rule(const struct rule *rule, const struct rule_counters *counters,
    void *arg)
{
	struct filler *f = arg;
	struct report *r = f->r;

	report_row(r);
	report_set(r, FIELD_RULES_rule, r->nrows);
	report_set(r, FIELD_RULES_evaluations, counters->evaluations);
	report_set(r, FIELD_RULES_matches, counters->matches);
	report_set(r, FIELD_RULES_wins, counters->wins);
	buf_reset(&f->text);
	rule_print(rule, &f->text);
	report_set_bytes(r, FIELD_RULES_text,
	    buf_ok(&f->text) ? (struct bytes){ f->text.ptr, f->text.len }
			     : (struct bytes){ (const uint8_t *)"...", 3 });
}

void
rows_of_rules(struct report *r, struct ruleset *rules)
{
	struct filler f = { .r = r };

	buf_init(&f.text, REPORT_TEXT_MAX);
	ruleset_each(rules, put_rule, &f);
	buf_fini(&f.text);
}

void
rows_of_listeners(struct report *r, const struct listeners *ls)
{
	char text[ENDPOINT_TEXT_MAX];

	for (size_t i = 0; i < ls->n; i++) {
		const struct listener *l = &ls->list[i];

		report_row(r);
		report_set_text(r, FIELD_LISTENERS_listener,
		    endpoint_format(&l->at, text));
		report_set(r, FIELD_LISTENERS_sockets, 1);
		report_set(r, FIELD_LISTENERS_datagrams,
		    l->counters.datagrams);
		report_set(r, FIELD_LISTENERS_octets, l->counters.octets);
		report_set(r, FIELD_LISTENERS_dropped, l->counters.dropped);
		if (l->rcvbuf != 0)
			report_set(r, FIELD_LISTENERS_buffer, l->rcvbuf);
	}
}

static void
status_of_totals(struct report *r, const struct decoder_totals *t)
{
	report_set(r, FIELD_STATUS_exporters, t->exporters);
	report_set(r, FIELD_STATUS_exporters_evicted, t->evicted_exporters);
	report_set(r, FIELD_STATUS_templates, t->templates);
	report_set(r, FIELD_STATUS_memory,
	    t->template_octets + t->name_octets + t->early_octets);
	report_set(r, FIELD_STATUS_streams, t->streams);
	report_set(
	    r, FIELD_STATUS_streams_evicted, t->counters.evicted_streams);
	report_set(
	    r, FIELD_STATUS_templates_evicted, t->counters.evicted_templates);
	report_set(r, FIELD_STATUS_names_evicted, t->counters.evicted_names);
	report_set(
	    r, FIELD_STATUS_samplers_evicted, t->counters.evicted_samplers);
}

static void
flows_of_totals(struct report *r, const struct decoder_totals *t)
{
	const struct decode_counters *c = &t->counters;

	report_set(r, FIELD_FLOWS_decoded, c->flows);
	report_set(r, FIELD_FLOWS_excess, c->excess_flows);
	report_set(r, FIELD_FLOWS_missing, c->lost);
	report_set(r, FIELD_FLOWS_missing_most, t->most.lost);
	report_set(r, FIELD_FLOWS_no_template, c->no_template);
	report_set(r, FIELD_FLOWS_early_waiting, t->early);
	report_set(r, FIELD_FLOWS_early_lost, early_lost(c));
}

void
cells_of_totals(struct report *r, const struct decoder_totals *t)
{
	if (r->kind == REPORT_OF_STATUS) {
		status_of_totals(r, t);
	} else if (r->kind == REPORT_OF_DATAGRAMS) {
		report_set(r, FIELD_DATAGRAMS_malformed,
		    malformed_count(&t->counters));
		report_set(r, FIELD_DATAGRAMS_refused,
		    t->counters.refused_datagrams);
	} else {
		flows_of_totals(r, t);
	}
}
