/*
 * What the decoder knows: totals, exporters, and everything as JSON. decode.h
 * has the contract.
 * Test: test/unit/decode/test_report.c.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "template_store.h"
#include "decoder.h"
#include "element.h"
#include "exporters.h"
#include "peak.h"
#include "report_names.h"
#include "report_rates.h"
#include "session.h"
#include "text.h"

uint64_t
decoder_hits(const struct decoder *dec)
{
	return decoder_exporters(dec)->nhits;
}

void
decoder_limit(const struct decoder *dec, unsigned limit,
    struct decoder_limit_state *state)
{
	const struct exporters *all = decoder_exporters(dec);

	*state = (struct decoder_limit_state) {
		.hits = all->hits[limit].hits,
		.last = all->hits[limit].last,
	};
	memcpy(&state->value, (const char *)&all->limits +
	    decoder_limit_info[limit].offset, sizeof(state->value));
}

void
decoder_totals(const struct decoder *dec, struct decoder_totals *t)
{
	const struct exporters *all = decoder_exporters(dec);
	const struct list *link, *next;

	*t = (struct decoder_totals) {
		.counters = all->gone,
		.unsupported = all->last_unsupported,
		.evicted_exporters = all->evicted,
		.evicted_settled = all->evicted_settled,
		.exporters = (uint32_t)all->by_addr.count,
		.settled = all->nsettled,
		.streams = (uint32_t)all->streams.count,
		.templates = (uint32_t)all->templates.count,
		.names = (uint32_t)all->names.count,
		.template_octets = all->pool[POOL_TEMPLATES].amount,
		.name_octets = all->pool[POOL_NAMES].amount,
		.early = all->nearly,
		.early_octets = all->pool[POOL_EARLY].amount,
	};
	t->most = all->gone;
	peak_put(&all->gone_peak, &t->most);
	for (int i = 0; i < RANKS; i++)
		LIST_FOREACH(link, next, &all->rank[i]) {
			struct exporter *x = LIST_ENTRY(link, struct exporter,
			    use);
			struct decode_counters now = exporter_counters(x);
			struct decode_counters most = exporter_peaks(x);

			counters_add(&t->counters, &now);
			counters_add(&t->most, &most);
		}
}

static int
compare_exporters(const void *a, const void *b)
{
	const struct addr *x = &(*(struct exporter *const *)a)->addr;
	const struct addr *y = &(*(struct exporter *const *)b)->addr;

	if (x->family != y->family)
		return x->family < y->family ? -1 : 1;
	if (x->family == ADDR_V4)
		return (x->v4 > y->v4) - (x->v4 < y->v4);
	if (x->v6.hi != y->v6.hi)
		return x->v6.hi < y->v6.hi ? -1 : 1;
	return (x->v6.lo > y->v6.lo) - (x->v6.lo < y->v6.lo);
}

/* All exporters in order of address; the caller frees the list. */
static struct exporter **
sorted_exporters(const struct exporters *all, size_t *n)
{
	struct exporter **list;
	const struct list *link, *next;

	*n = 0;
	list = calloc(all->by_addr.count + 1, sizeof(*list));
	if (list == NULL)
		return NULL;
	for (int i = 0; i < RANKS; i++)
		LIST_FOREACH(link, next, &all->rank[i])
			list[(*n)++] = LIST_ENTRY(link, struct exporter, use);
	qsort(list, *n, sizeof(*list), compare_exporters);
	return list;
}

/* The exporter with this address, or all if only is NULL. */
static struct exporter **
chosen_exporters(const struct exporters *all, const struct addr *only,
    size_t *n)
{
	struct exporter *x, **list;

	if (only == NULL)
		return sorted_exporters(all, n);
	*n = 0;
	list = calloc(1, sizeof(*list));
	x = exporter_known(all, only);
	if (list != NULL && x != NULL)
		list[(*n)++] = x;
	return list;
}

static const char *
stream_unit(const struct stream *s)
{
	static const char *const of_all[] = {
		[SEQUENCE_FLOWS] = "flows, all domains",
		[SEQUENCE_RECORDS] = "records, all domains",
		[SEQUENCE_EVERYTHING] = "records and templates, all domains",
		[SEQUENCE_MESSAGES] = "datagrams, all domains",
		[SEQUENCE_NONE] = "none",
		[SEQUENCE_FLOWS_TOO] = "flows, its own too, all domains",
		[SEQUENCE_RECORDS_TOO] = "records, its own too, all domains",
		[SEQUENCE_UNITS] = "unknown",
	};
	const struct counting *c = session_counting(s);

	return c == &s->counting ? counting_word(c)
				 : of_all[counting_unit(c)];
}

/* The unit of all streams that have sequence numbers. */
static const char *
common_unit(const struct exporter *x)
{
	const struct list *link, *next;
	const char *unit = "";

	LIST_FOREACH(link, next, &x->streams) {
		const struct stream *s = LIST_ENTRY(link, struct stream, use);
		const char *its = stream_unit(s);

		if (!session_counting(s)->best.sequence.known)
			continue;
		if (unit[0] != '\0' && strcmp(unit, its) != 0)
			return "several";
		unit = its;
	}
	return unit;
}

static struct exporter_info
exporter_info(struct exporter *x)
{
	struct decode_counters counters = exporter_counters(x);

	peak_raise(&x->peak, &counters);
	return (struct exporter_info) {
		.addr = x->addr,
		.first_ns = x->first_ns,
		.last_ns = x->last_ns,
		.last_valid_ns = x->last_valid_ns,
		.last_version = x->last_version,
		.valid = x->valid,
		.templates = exporter_templates(x),
		.streams = (uint32_t)x->usage[POOL_STREAMS].amount,
		.sampling_interval = rates_common(x),
		.has_clock = x->clock.known,
		.clock_offset_ns = clock_offset_certain(&x->clock),
		.clock_range_ns = x->clock.most_ns - x->clock.least_ns,
		.sequence_unit = common_unit(x),
		.settled = x->rank == RANK_SETTLED,
		.listed = x->listed,
		.unsupported = x->unsupported,
		.counters = counters,
		.lost_most = x->peak.lost,
		.late_most = x->peak.late,
		.repeated_most = x->peak.repeated,
		.restarts_most = x->peak.restarts,
	};
}

int
decoder_each_exporter(const struct decoder *dec,
    int (*fn)(const struct exporter_info *info, void *arg), void *arg)
{
	struct exporter **list;
	int result = 0;
	size_t n;

	list = sorted_exporters(decoder_exporters(dec), &n);
	for (size_t i = 0; i < n && result == 0; i++) {
		struct exporter_info info = exporter_info(list[i]);

		result = fn(&info, arg);
	}
	free(list);
	return result;
}

/* Non-zero counters, as members of an object. */
static void
dump_counters(const struct decode_counters *c, struct buf *out)
{
	const char *comma = "";

	buf_append_text(out, "\"counters\":{");
	for (size_t i = 0; i < DECODE_COUNTER_COUNT; i++) {
		const struct decode_counter_info *info =
		    &decode_counter_info[i];
		uint64_t v;

		memcpy(&v, (const char *)c + info->offset, sizeof(v));
		if (v == 0)
			continue;
		buf_printf(out, "%s\"%s\":%" PRIu64, comma, info->name, v);
		comma = ",";
	}
	buf_append_text(out, "},\"malformed\":{");
	comma = "";
	for (int i = 1; i < MALFORMED_COUNT; i++) {
		if (c->malformed[i] == 0)
			continue;
		buf_printf(out, "%s\"%s\":%" PRIu64, comma,
		    malformed_info[i].word, c->malformed[i]);
		comma = ",";
	}
	buf_append_text(out, "},\"limited\":{");
	comma = "";
	for (int i = 0; i < DECODER_LIMIT_COUNT; i++) {
		if (c->limited[i] == 0)
			continue;
		buf_printf(out, "%s\"%s\":%" PRIu64, comma,
		    decoder_limit_info[i].name, c->limited[i]);
		comma = ",";
	}
	buf_append_char(out, '}');
}

/* ,"name":"time"; nothing if the time is unknown. */
static void
dump_time(const char *name, int64_t ns, struct buf *out)
{
	struct clock clock;
	char text[TEXT_MAX];
	char *end;

	if (ns <= 0)
		return;
	clock_init(&clock, true);
	end = text_rfc3339(text, &clock, ns);
	buf_printf(out, ",\"%s\":\"%.*s\"", name, (int)(end - text), text);
}

/* An element by name or number: octetDeltaCount, 6871.40. */
static void
dump_element(const struct field *f, struct buf *out)
{
	struct element_text text;

	if (f->pen == PEN_V9_SCOPE) {
		buf_printf(out, "scope.%u", f->id);
		return;
	}
	element_text(f->pen, f->id, &text);
	if (text.name == NULL && f->pen == PEN_IANA)
		buf_printf(out, "%u", f->id);
	else if (text.name == NULL)
		buf_printf(out, "%" PRIu32 ".%u", f->pen, f->id);
	else if (text.reverse)
		buf_printf(out, "reverse%c%s", text.name[0] - 'a' + 'A',
		    text.name + 1);
	else
		buf_append_text(out, text.name);
}

/* {"id":256,"fields":["octetDeltaCount:4",...]} */
static void
dump_template(const struct template *t, struct buf *out)
{
	buf_printf(out, "{\"id\":%u,\"records\":%" PRIu64
	    ",\"record_octets\":%" PRIu32, t->id, t->records,
	    t->plan.record_len);
	dump_time("last_seen", t->seen_ns, out);
	if (t->plan.nsegments > 1)
		buf_append_text(out, ",\"variable\":true");
	if (t->options)
		buf_printf(out, ",\"options\":true,\"scope_fields\":%u",
		    t->nscope);
	buf_append_text(out, ",\"fields\":[");
	for (size_t i = 0; i < t->nfields; i++) {
		buf_append_text(out, i > 0 ? ",\"" : "\"");
		dump_element(&t->fields[i], out);
		if (t->fields[i].len == FIELD_VARIABLE)
			buf_append_text(out, ":variable\"");
		else
			buf_printf(out, ":%u\"", t->fields[i].len);
	}
	buf_append_text(out, "]}");
}

/* When the exporter started, if options data say so for all flows. */
static void
dump_start(const struct stream *s, struct buf *out)
{
	const struct list *link, *next;

	LIST_FOREACH(link, next, &s->scoped) {
		const struct scoped_value *st =
		    LIST_ENTRY(link, struct scoped_value, sibling);

		if (st->type->kind == SCOPED_START && st->type->scope.n == 0)
			buf_printf(out, ",\"system_init_time_ms\":%" PRIu64,
			    st->value / 1000000);
	}
}

static void
dump_templates(const struct stream *s, struct buf *out)
{
	const struct list *link, *next;
	const char *comma = "";

	buf_append_text(out, ",\"templates\":[");
	LIST_FOREACH(link, next, &s->templates) {
		buf_append_text(out, comma);
		dump_template(LIST_ENTRY(link, struct template, sibling), out);
		comma = ",";
	}
	buf_append_char(out, ']');
}

/* The unit of its sequence numbers, and whether all domains share them. */
static void
dump_counting(const struct stream *s, struct buf *out)
{
	const struct counting *c = session_counting(s);

	buf_printf(out, ",\"sequence_unit\":\"%s\"", counting_word(c));
	if (c != &s->counting)
		buf_append_text(out, ",\"sequence_of_all_domains\":true");
}

static void
dump_stream(const struct stream *s, unsigned parts, struct buf *out)
{
	struct decode_counters counters = stream_counters(s);

	buf_printf(out, "{\"port\":%u,\"version\":%u,\"domain\":%" PRIu32,
	    s->port, s->version, s->domain);
	dump_counting(s, out);
	dump_time("last_seen", s->last_ns, out);
	dump_start(s, out);
	buf_append_char(out, ',');
	dump_counters(&counters, out);
	if (parts & REPORT_TEMPLATES)
		dump_templates(s, out);
	buf_append_char(out, '}');
}

static const char *const rank_word[RANKS] = {
	[RANK_STRANGER] = "stranger",
	[RANK_NEWCOMER] = "newcomer",
	[RANK_SETTLED] = "settled",
};

static void
dump_exporter_head(const struct exporter *x, struct buf *out)
{
	const int64_t ms_ns = 1000000;
	uint32_t interval = rates_common(x);

	buf_printf(out, ",\"rank\":\"%s\"", rank_word[x->rank]);
	dump_time("first_seen", x->first_ns, out);
	dump_time("last_seen", x->last_ns, out);
	dump_time("last_flow", x->last_valid_ns, out);
	if (x->last_version != 0)
		buf_printf(out, ",\"version\":%u", x->last_version);
	if (x->clock.known)
		buf_printf(out, ",\"clock_offset_ms\":%" PRId64
		    ",\"clock_range_ms\":%" PRId64,
		    clock_offset_certain(&x->clock) / ms_ns,
		    (x->clock.most_ns - x->clock.least_ns) / ms_ns);
	if (interval != 0)
		buf_printf(out, ",\"sampling_interval\":%" PRIu32, interval);
	buf_printf(out, ",\"streams_known\":%zu,\"template_octets\":%zu"
	    ",\"names_known\":%" PRIu32 ",\"early_octets\":%zu",
	    x->usage[POOL_STREAMS].amount, x->usage[POOL_TEMPLATES].amount,
	    x->nnames, x->usage[POOL_EARLY].amount);
}

static void
dump_streams(const struct exporter *x, unsigned parts, struct buf *out)
{
	const struct list *link, *next;
	const char *comma = "";

	buf_append_text(out, ",\"streams\":[");
	LIST_FOREACH(link, next, &x->streams) {
		buf_append_text(out, comma);
		dump_stream(LIST_ENTRY(link, struct stream, use), parts, out);
		comma = ",";
	}
	buf_append_char(out, ']');
}

static void
dump_exporter(const struct exporter *x, unsigned parts, struct buf *out)
{
	struct decode_counters sum = exporter_counters(x);
	char text[ADDR_TEXT_MAX];
	size_t len = addr_format(&x->addr, text);

	buf_printf(out, "{\"exporter\":\"%.*s\"", (int)len, text);
	dump_exporter_head(x, out);
	buf_append_char(out, ',');
	dump_counters(&sum, out);
	if (parts & (REPORT_STREAMS | REPORT_TEMPLATES))
		dump_streams(x, parts, out);
	if (parts & REPORT_STREAMS)
		rates_dump(x, out);
	if (parts & REPORT_NAMES)
		names_dump(x, out);
	buf_append_text(out, "}\n");
}

/* The state that matters most to an operator. */
static const char *
stream_state(const struct stream *s)
{
	if (!list_empty(&s->queues))
		return "waits for template";
	if (stream_changes_ports(s))
		return "changes ports";
	return s->rank >= STREAM_NO_TEMPLATES ? "works" : "new";
}

int
decoder_each_stream(const struct decoder *dec, const struct addr *of,
    int (*fn)(const struct stream_info *info, void *arg), void *arg)
{
	const struct exporter *x = exporter_known(decoder_exporters(dec), of);
	const struct list *link, *next;
	int result = 0;

	if (x == NULL)
		return 0;
	LIST_FOREACH(link, next, &x->streams) {
		const struct stream *s = LIST_ENTRY(link, struct stream, use);
		struct stream_info info = {
			.addr = x->addr,
			.port = s->port,
			.version = s->version,
			.domain = s->domain,
			.state = stream_state(s),
			.last_ns = s->last_ns,
			.templates = s->ntemplates,
			.sequence_unit = stream_unit(s),
			.counters = stream_counters(s),
		};

		result = fn(&info, arg);
		if (result != 0)
			break;
	}
	return result;
}

static int
each_template(const struct exporter *x,
    int (*fn)(const struct template_info *info, void *arg), void *arg)
{
	const struct list *link, *next;
	int result = 0;

	LIST_FOREACH(link, next, &x->templates) {
		const struct template *t =
		    LIST_ENTRY(link, struct template, use);
		struct template_info info = {
			.addr = x->addr,
			.port = t->stream->port,
			.version = t->stream->version,
			.domain = t->stream->domain,
			.id = t->id,
			.options = t->options,
			.nfields = t->nfields,
			.record_octets = t->plan.record_len,
			.records = t->records,
			.seen_ns = t->seen_ns,
			.fields = t->fields,
		};

		result = fn(&info, arg);
		if (result != 0)
			break;
	}
	return result;
}

int
decoder_each_template(const struct decoder *dec, const struct addr *only,
    int (*fn)(const struct template_info *info, void *arg), void *arg)
{
	struct exporter **list;
	int result = 0;
	size_t n;

	list = chosen_exporters(decoder_exporters(dec), only, &n);
	for (size_t i = 0; i < n && result == 0; i++)
		result = each_template(list[i], fn, arg);
	free(list);
	return result;
}

int
decoder_each_rate(const struct decoder *dec, const struct addr *only,
    int (*fn)(const struct rate_info *info, void *arg), void *arg)
{
	struct exporter **list;
	int result = 0;
	size_t n;

	list = chosen_exporters(decoder_exporters(dec), only, &n);
	for (size_t i = 0; i < n && result == 0; i++)
		result = rates_each(list[i], fn, arg);
	free(list);
	return result;
}

int
decoder_each_name(const struct decoder *dec, const struct addr *only,
    int (*fn)(const struct name_info *info, void *arg), void *arg)
{
	struct exporter **list;
	int result = 0;
	size_t n;

	list = chosen_exporters(decoder_exporters(dec), only, &n);
	for (size_t i = 0; i < n && result == 0; i++)
		result = names_each(list[i], fn, arg);
	free(list);
	return result;
}

void
decoder_put_fields(const struct template_info *info, struct buf *out)
{
	const struct field *fields = info->fields;

	for (size_t i = 0; i < info->nfields; i++) {
		if (i > 0)
			buf_append_char(out, ' ');
		dump_element(&fields[i], out);
		if (fields[i].len == FIELD_VARIABLE)
			buf_append_text(out, ":v");
		else
			buf_printf(out, ":%u", fields[i].len);
	}
}

void
decoder_report(const struct decoder *dec, unsigned parts,
    const struct addr *only, struct buf *out)
{
	struct exporter **list;
	size_t n;

	list = chosen_exporters(decoder_exporters(dec), only, &n);
	for (size_t i = 0; i < n; i++)
		dump_exporter(list[i], parts, out);
	free(list);
}

void
decoder_dump(const struct decoder *dec, struct buf *out)
{
	decoder_report(dec, REPORT_ALL, NULL, out);
}

void
decoder_report_totals(const struct decoder *dec, struct buf *out)
{
	struct decoder_totals t;

	decoder_totals(dec, &t);
	buf_printf(out, "{\"exporters\":%" PRIu32 ",\"settled\":%" PRIu32
	    ",\"streams\":%" PRIu32 ",\"templates\":%" PRIu32
	    ",\"names\":%" PRIu32 ",\"early\":%" PRIu32, t.exporters,
	    t.settled, t.streams, t.templates, t.names, t.early);
	buf_printf(out, ",\"template_octets\":%zu,\"name_octets\":%zu"
	    ",\"early_octets\":%zu,\"evicted_exporters\":%" PRIu64
	    ",\"evicted_settled\":%" PRIu64 ",", t.template_octets,
	    t.name_octets, t.early_octets, t.evicted_exporters,
	    t.evicted_settled);
	dump_counters(&t.counters, out);
	buf_append_text(out, "}\n");
}
