/* Rows of reports; see report_rows.h. */
#include <stdio.h>
#include <string.h>

#include "report_rows.h"

enum { WHY_OCTETS = 512 };

/* Argument of the callbacks that iterate over exporters. */
struct filler {
	struct report *r;
	const struct addr *only;
	struct buf text;
	const struct decoder *dec;
	int (*put)(struct filler *f, const struct addr *exporter);
	struct decode_counters sum; /* sum over the matching exporters */
	bool found;
};

static const struct addr *
one_or_all(const struct addr *only)
{
	return only->family == ADDR_NONE ? NULL : only;
}

static void
set_addr(struct report *r, enum report_field f, const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	report_set_text(r, f, addr_format_scoped(a, text));
}

/* Set the address of an exporter; ROWS_OTHER for the sum of all others. */
static void
set_name(
    struct report *r, enum report_field f, const struct exporter_info *info)
{
	if (info->addr.family != ADDR_NONE)
		set_addr(r, f, &info->addr);
	else
		report_set_text(r, f, ROWS_OTHER);
}

/* Set a time, unless it is unknown. */
static void
set_time(struct report *r, enum report_field f, int64_t ns)
{
	if (ns > 0)
		report_set_ns(r, f, ns);
}

static uint64_t
early_lost(const struct decode_counters *c)
{
	return c->early_expired + c->early_evicted + c->early_refused;
}

uint64_t
malformed_count(const struct decode_counters *c)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < MALFORMED_COUNT; i++)
		n += c->malformed[i];
	return n;
}

static uint64_t
limited_count(const struct decode_counters *c)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < DECODER_LIMIT_COUNT; i++)
		n += c->limited[i];
	return n;
}

/* Why the exporter yields no flows. */
static void
set_diagnosis(struct report *r, const struct exporter_info *info)
{
	struct buf text;

	buf_init(&text, WHY_OCTETS);
	decoder_put_diagnosis(&info->counters, &info->unsupported, &text);
	report_set_bytes(r, FIELD_EXPORTERS_no_flows,
	    (struct bytes){ (const uint8_t *)text.ptr, text.len });
	buf_fini(&text);
}

static void
set_exporter(struct report *r, const struct exporter_info *info)
{
	const struct decode_counters *c = &info->counters;
	const struct {
		enum report_field field;
		uint64_t value;
	} counts[] = {
		{ FIELD_EXPORTERS_datagrams, c->datagrams },
		{ FIELD_EXPORTERS_octets, c->octets },
		{ FIELD_EXPORTERS_flows, c->flows },
		{ FIELD_EXPORTERS_missing, c->lost },
		{ FIELD_EXPORTERS_late, c->late },
		{ FIELD_EXPORTERS_repeated, c->repeated },
		{ FIELD_EXPORTERS_restarts, c->restarts },
		{ FIELD_EXPORTERS_missing_most, info->lost_most },
		{ FIELD_EXPORTERS_late_most, info->late_most },
		{ FIELD_EXPORTERS_repeated_most, info->repeated_most },
		{ FIELD_EXPORTERS_restarts_most, info->restarts_most },
		{ FIELD_EXPORTERS_malformed, malformed_count(c) },
		{ FIELD_EXPORTERS_no_template, c->no_template },
		{ FIELD_EXPORTERS_early_lost, early_lost(c) },
		{ FIELD_EXPORTERS_templates, info->templates },
		{ FIELD_EXPORTERS_refused, c->refused_datagrams },
		{ FIELD_EXPORTERS_limited, limited_count(c) },
		{ FIELD_EXPORTERS_borrowed, c->borrowed },
		{ FIELD_EXPORTERS_streams, info->streams },
		{ FIELD_EXPORTERS_streams_evicted, c->evicted_streams },
		{ FIELD_EXPORTERS_templates_evicted, c->evicted_templates },
		{ FIELD_EXPORTERS_names_evicted, c->evicted_names },
		{ FIELD_EXPORTERS_samplers_evicted, c->evicted_samplers },
		{ FIELD_EXPORTERS_no_rate, c->flows - c->sampled },
		{ FIELD_EXPORTERS_bad_rates, c->bad_rate },
		{ FIELD_EXPORTERS_unknown_scopes, c->unknown_scopes },
	};

	report_row(r);
	set_name(r, FIELD_EXPORTERS_exporter, info);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		report_set(r, counts[i].field, counts[i].value);
	if (info->last_version != 0)
		report_set(r, FIELD_EXPORTERS_version, info->last_version);
	if (info->sampling_interval != 0)
		report_set(
		    r, FIELD_EXPORTERS_sampling, info->sampling_interval);
	if (info->sequence_unit[0] != '\0')
		report_set_text(r, FIELD_EXPORTERS_sequence_unit,
		    info->sequence_unit);
	if (info->has_clock) {
		report_set_ns(r, FIELD_EXPORTERS_clock_offset,
		    info->clock_offset_ns);
		report_set_ns(r, FIELD_EXPORTERS_clock_range,
		    info->clock_range_ns);
	}
	if (info->addr.family != ADDR_NONE) {
		report_set(r, FIELD_EXPORTERS_settled, info->settled);
		if (c->flows == 0)
			set_diagnosis(r, info);
	}
	set_time(r, FIELD_EXPORTERS_first_seen, info->first_ns);
	set_time(r, FIELD_EXPORTERS_last_seen, info->last_ns);
	set_time(r, FIELD_EXPORTERS_last_flow, info->last_valid_ns);
}

static bool
is_wanted(const struct filler *f, const struct addr *a)
{
	return f->only == NULL || addr_answers(f->only, a);
}

static int
put_if_wanted(const struct exporter_info *info, void *arg)
{
	struct filler *f = arg;

	return is_wanted(f, &info->addr) ? f->put(f, &info->addr) : 0;
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
put_exporter(const struct exporter_info *info, void *arg)
{
	struct filler *f = arg;

	if (is_wanted(f, &info->addr))
		set_exporter(f->r, info);
	return !report_ok(f->r);
}

void
rows_of_exporters(
    struct report *r, const struct decoder *dec, const struct addr *only)
{
	struct filler f = { .r = r, .only = one_or_all(only) };

	(void)decoder_each_exporter(dec, put_exporter, &f);
}

static int
put_malformed(const struct exporter_info *info, void *arg)
{
	struct filler *f = arg;

	for (unsigned i = 0;
	     i < MALFORMED_COUNT && is_wanted(f, &info->addr); i++) {
		if (info->counters.malformed[i] == 0)
			continue;
		report_row(f->r);
		set_name(f->r, FIELD_MALFORMED_exporter, info);
		report_set_text(
		    f->r, FIELD_MALFORMED_reason, malformed_info[i].word);
		report_set(f->r, FIELD_MALFORMED_count,
		    info->counters.malformed[i]);
		report_set_text(
		    f->r, FIELD_MALFORMED_meaning, malformed_info[i].text);
	}
	return !report_ok(f->r);
}

void
rows_of_malformed(
    struct report *r, const struct decoder *dec, const struct addr *only)
{
	struct filler f = { .r = r, .only = one_or_all(only) };

	(void)decoder_each_exporter(dec, put_malformed, &f);
}

static int
put_limited(const struct exporter_info *info, void *arg)
{
	struct filler *f = arg;

	for (unsigned i = 0;
	     i < DECODER_LIMIT_COUNT && is_wanted(f, &info->addr); i++) {
		if (info->counters.limited[i] == 0)
			continue;
		report_row(f->r);
		set_name(f->r, FIELD_LIMITED_exporter, info);
		report_set_text(
		    f->r, FIELD_LIMITED_limit, decoder_limit_info[i].name);
		report_set(
		    f->r, FIELD_LIMITED_hits, info->counters.limited[i]);
		report_set_text(
		    f->r, FIELD_LIMITED_meaning, decoder_limit_info[i].text);
	}
	return !report_ok(f->r);
}

void
rows_of_limited(
    struct report *r, const struct decoder *dec, const struct addr *only)
{
	struct filler f = { .r = r, .only = one_or_all(only) };

	(void)decoder_each_exporter(dec, put_limited, &f);
}

/* The row functions of the exporter reports for metrics. */
static int (*const put_of[REPORT_KINDS])(
    const struct exporter_info *info, void *arg) = {
	[REPORT_OF_EXPORTERS] = put_exporter,
	[REPORT_OF_MALFORMED] = put_malformed,
	[REPORT_OF_LIMITED] = put_limited,
};

static int
put_listed(const struct exporter_info *info, void *arg)
{
	const struct filler *f = arg;

	return info->listed ? put_of[f->r->kind](info, arg) : 0;
}

void
rows_of_listed(struct report *r, const struct decoder *dec)
{
	struct filler f = { .r = r };
	struct exporter_info others;

	(void)decoder_each_exporter(dec, put_listed, &f);
	decoder_others(dec, &others);
	(void)put_of[r->kind](&others, &f);
}

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
			set_addr(r, FIELD_LIMITS_last, &state.last);
		report_set_text(
		    r, FIELD_LIMITS_meaning, decoder_limit_info[i].text);
	}
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
	set_addr(r, FIELD_STREAMS_exporter, &info->addr);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		report_set(r, counts[i].field, counts[i].value);
	report_set_text(r, FIELD_STREAMS_state, info->state);
	report_set_text(r, FIELD_STREAMS_sequence_unit, info->sequence_unit);
	set_time(r, FIELD_STREAMS_last_seen, info->last_ns);
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

static uint64_t
counter_at(const struct decode_counters *c,
    const struct decode_counter_info *info)
{
	uint64_t n;

	memcpy(&n, (const char *)c + info->offset, sizeof(n));
	return n;
}

/* most: the maximum over all exporters, for metrics; or NULL. */
static void
put_counters(struct report *r, const struct decode_counters *c,
    const struct decode_counters *most)
{
	for (unsigned i = 0; i < DECODE_COUNTER_COUNT; i++) {
		const struct decode_counter_info *info =
		    &decode_counter_info[i];

		report_row(r);
		report_set_text(r, FIELD_COUNTERS_counter, info->name);
		report_set(r, FIELD_COUNTERS_count, counter_at(c, info));
		if (most != NULL)
			report_set(r, FIELD_COUNTERS_count_most,
			    counter_at(most, info));
		report_set_text(r, FIELD_COUNTERS_meaning, info->text);
	}
}

static void
add_counters(struct decode_counters *sum, const struct decode_counters *c)
{
	for (unsigned i = 0; i < DECODE_COUNTER_COUNT; i++) {
		size_t at = decode_counter_info[i].offset;
		uint64_t n = counter_at(sum, &decode_counter_info[i]) +
		    counter_at(c, &decode_counter_info[i]);

		memcpy((char *)sum + at, &n, sizeof(n));
	}
}

static int
find_counters(const struct exporter_info *info, void *arg)
{
	struct filler *f = arg;

	if (!is_wanted(f, &info->addr))
		return 0;
	add_counters(&f->sum, &info->counters);
	f->found = true;
	return 0;
}

void
rows_of_counters(
    struct report *r, const struct decoder *dec, const struct addr *only)
{
	struct filler f = { .r = r, .only = only };
	struct decoder_totals t;

	if (only->family != ADDR_NONE) {
		(void)decoder_each_exporter(dec, find_counters, &f);
		if (f.found)
			put_counters(r, &f.sum, NULL);
		return;
	}
	decoder_totals(dec, &t);
	put_counters(r, &t.counters, &t.most);
}

static int
put_template(const struct template_info *info, void *arg)
{
	struct filler *f = arg;
	struct report *r = f->r;

	report_row(r);
	set_addr(r, FIELD_TEMPLATES_exporter, &info->addr);
	report_set(r, FIELD_TEMPLATES_port, info->port);
	report_set(r, FIELD_TEMPLATES_version, info->version);
	report_set(r, FIELD_TEMPLATES_domain, info->domain);
	report_set(r, FIELD_TEMPLATES_template, info->id);
	report_set(r, FIELD_TEMPLATES_options, info->options);
	report_set(r, FIELD_TEMPLATES_records, info->records);
	report_set(r, FIELD_TEMPLATES_length, info->record_octets);
	report_set(r, FIELD_TEMPLATES_nfields, info->nfields);
	set_time(r, FIELD_TEMPLATES_last_seen, info->seen_ns);
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
	set_addr(r, FIELD_RATES_exporter, &info->addr);
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
	set_time(r, FIELD_RATES_last_seen, info->seen_ns);
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
