/* Rows about exporters; see exporter_rows.h. */
#include <string.h>

#include "exporter_rows.h"
#include "report_cells.h"

enum { DIAGNOSIS_OCTETS = 512 };

static const struct addr all = { .family = ADDR_NONE };

/* Argument of the callbacks. */
struct exporter_filler {
	struct report *r;
	const struct addr *only; /* ADDR_NONE: all exporters */
	struct decode_counters sum; /* sum over the matching exporters */
	bool found;
};

/* Set the address of an exporter; ROWS_OTHER for the sum of all others. */
static void
set_name(
    struct report *r, enum report_field f, const struct exporter_info *info)
{
	if (info->addr.family != ADDR_NONE)
		report_set_addr(r, f, &info->addr);
	else
		report_set_text(r, f, ROWS_OTHER);
}

/* Why the exporter yields no flows. */
static void
set_diagnosis(struct report *r, const struct exporter_info *info)
{
	struct buf text;

	buf_init(&text, DIAGNOSIS_OCTETS);
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
	report_set_time(r, FIELD_EXPORTERS_first_seen, info->first_ns);
	report_set_time(r, FIELD_EXPORTERS_last_seen, info->last_ns);
	report_set_time(r, FIELD_EXPORTERS_last_flow, info->last_valid_ns);
}

static bool
is_wanted(const struct exporter_filler *f, const struct addr *a)
{
	return f->only->family == ADDR_NONE || addr_answers(f->only, a);
}

static int
put_exporter(const struct exporter_info *info, void *arg)
{
	struct exporter_filler *f = arg;

	if (is_wanted(f, &info->addr))
		set_exporter(f->r, info);
	return !report_ok(f->r);
}

void
rows_of_exporters(
    struct report *r, const struct decoder *dec, const struct addr *only)
{
	struct exporter_filler f = { .r = r, .only = only };

	(void)decoder_each_exporter(dec, put_exporter, &f);
}

static int
put_malformed(const struct exporter_info *info, void *arg)
{
	struct exporter_filler *f = arg;

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
	struct exporter_filler f = { .r = r, .only = only };

	(void)decoder_each_exporter(dec, put_malformed, &f);
}

static int
put_limited(const struct exporter_info *info, void *arg)
{
	struct exporter_filler *f = arg;

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
	struct exporter_filler f = { .r = r, .only = only };

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
	const struct exporter_filler *f = arg;

	return info->listed ? put_of[f->r->kind](info, arg) : 0;
}

void
rows_of_listed(struct report *r, const struct decoder *dec)
{
	struct exporter_filler f = { .r = r, .only = &all };
	struct exporter_info others;

	(void)decoder_each_exporter(dec, put_listed, &f);
	decoder_others(dec, &others);
	(void)put_of[r->kind](&others, &f);
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
sum_counters(const struct exporter_info *info, void *arg)
{
	struct exporter_filler *f = arg;

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
	struct exporter_filler f = { .r = r, .only = only };
	struct decoder_totals t;

	if (only->family != ADDR_NONE) {
		(void)decoder_each_exporter(dec, sum_counters, &f);
		if (f.found)
			put_counters(r, &f.sum, NULL);
		return;
	}
	decoder_totals(dec, &t);
	put_counters(r, &t.counters, &t.most);
}
