/* Sampling rates of exporters; see report_rates.h. */
#include <inttypes.h>
#include <stdio.h>

#include "rate.h"
#include "report_rates.h"
#include "scoped_store.h"
#include "text.h"

enum {
	SCOPE_TEXT_MAX = 512
};

typedef int rate_fn(const struct rate_info *info, void *arg);

/* The callback, and the exporter whose rates it gets. */
struct rate_reporter {
	const struct exporter *x;
	rate_fn *fn;
	void *arg;
};

/* Whether the rate is used, and if not, why. */
static void
rate_state(const struct rate_reporter *t, const struct rate_info *info,
    char text[RATE_STATE_MAX])
{
	uint32_t meant = rate_reversed(info->interval);

	if (info->origin != RATE_CONFIGURED && t->x->configured != 0)
		(void)snprintf(text, RATE_STATE_MAX,
		    "not used: the configuration has one");
	else if (info->interval == 0)
		(void)snprintf(text, RATE_STATE_MAX, "off");
	else if (meant != 0 && info->origin != RATE_CONFIGURED)
		(void)snprintf(text, RATE_STATE_MAX,
		    "not used: its octets are reversed, %" PRIu32
		    " is meant", meant);
	else
		(void)snprintf(text, RATE_STATE_MAX, "%s",
		    info->flows == 0 && info->origin == RATE_IN_OPTIONS
			? "no flow so far"
			: "good");
}

static int
rate_report(const struct rate_reporter *t, struct rate_info *info)
{
	char state[RATE_STATE_MAX];

	rate_state(t, info, state);
	info->addr = t->x->addr;
	info->state = state;
	return t->fn(info, t->arg);
}

static void
rate_of_stream(struct rate_info *info, const struct stream *s)
{
	info->version = s->version;
	info->port = s->port;
	info->domain = s->domain;
}

/* Rates of headers and records. */
static int
report_seen_rates(const struct rate_reporter *t, const struct stream *s)
{
	int result = 0;

	for (int i = 0; i < RATES_SEEN && result == 0; i++) {
		const struct rate_seen *seen = &s->seen[i];
		struct rate_info info = {
			.origin = seen->header ? RATE_IN_HEADER
					       : RATE_IN_RECORDS,
			.interval = seen->interval,
			.algorithm = seen->algorithm,
			.flows = seen->flows,
		};

		if (seen->interval == 0)
			break;
		rate_of_stream(&info, s);
		result = rate_report(t, &info);
	}
	return result;
}

static int
report_scoped_rate(const struct rate_reporter *t, const struct scoped_value *st)
{
	struct rate rate = scoped_rate(st->value);
	struct rate_info info = {
		.origin = RATE_IN_OPTIONS,
		.interval = rate.interval,
		.algorithm = rate.algorithm,
		.flows = st->flows,
		.seen_ns = st->seen_ns,
	};
	struct scope scope;
	struct buf text;
	int result;

	scoped_scope(st, &scope);
	buf_init(&text, SCOPE_TEXT_MAX);
	scope_put(&scope, &text);
	buf_append_char(&text, '\0');
	info.scope = buf_ok(&text) ? (const char *)text.ptr : "...";
	rate_of_stream(&info, st->stream);
	result = rate_report(t, &info);
	buf_fini(&text);
	return result;
}

static int
report_stream_rates(const struct rate_reporter *t, const struct stream *s)
{
	const struct list *link, *next;
	int result = report_seen_rates(t, s);

	LIST_FOREACH(link, next, &s->scoped) {
		const struct scoped_value *st =
		    LIST_ENTRY(link, struct scoped_value, sibling);

		if (result == 0 && st->type->kind == SCOPED_RATE)
			result = report_scoped_rate(t, st);
	}
	return result;
}

int
rates_each(const struct exporter *x, rate_fn *fn, void *arg)
{
	const struct rate_reporter t = { x, fn, arg };
	const struct list *link, *next;
	struct rate_info info = {
		.origin = RATE_CONFIGURED,
		.interval = x->configured,
		.flows = x->configured_flows,
	};
	int result = 0;

	if (x->configured != 0)
		result = rate_report(&t, &info);
	LIST_FOREACH(link, next, &x->streams)
		if (result == 0)
			result = report_stream_rates(&t,
			    LIST_ENTRY(link, struct stream, use));
	return result;
}

/* Merges in one valid interval. Returns false if it differs from the others. */
static bool
interval_merge(uint32_t *interval, uint32_t its)
{
	if (its == 0 || rate_reversed(its) != 0)
		return true;
	if (*interval == 0)
		*interval = its;
	return its == *interval;
}

static bool
stream_merge_interval(const struct stream *s, uint32_t *interval)
{
	const struct list *link, *next;

	for (int i = 0; i < RATES_SEEN; i++)
		if (!interval_merge(interval, s->seen[i].interval))
			return false;
	LIST_FOREACH(link, next, &s->scoped) {
		const struct scoped_value *st =
		    LIST_ENTRY(link, struct scoped_value, sibling);

		if (st->type->kind == SCOPED_RATE &&
		    !interval_merge(interval, scoped_rate(st->value).interval))
			return false;
	}
	return true;
}

/* Skips the text of scopes: every list of exporters needs this. */
uint32_t
rates_common(const struct exporter *x)
{
	const struct list *link, *next;
	uint32_t interval = 0;

	if (x->configured != 0)
		return x->configured;
	LIST_FOREACH(link, next, &x->streams)
		if (!stream_merge_interval(
			LIST_ENTRY(link, struct stream, use), &interval))
			return 0;
	return interval;
}

const char *const rate_origin_word[RATE_ORIGINS] = {
	[RATE_CONFIGURED] = "configuration",
	[RATE_IN_HEADER] = "header",
	[RATE_IN_RECORDS] = "record",
	[RATE_IN_OPTIONS] = "options data",
};

/* {"origin":"options data","version":9,...} */
static int
dump_rate(const struct rate_info *info, void *arg)
{
	struct buf *out = arg;
	struct clock clock;
	char text[TEXT_MAX];
	char *end;

	buf_printf(out, "{\"origin\":\"%s\"", rate_origin_word[info->origin]);
	if (info->version != 0)
		buf_printf(out, ",\"version\":%u,\"port\":%u,\"domain\":%"
		    PRIu32, info->version, info->port, info->domain);
	if (info->scope != NULL)
		buf_printf(out, ",\"scope\":\"%s\"", info->scope);
	buf_printf(out, ",\"interval\":%" PRIu32, info->interval);
	if (info->algorithm != 0)
		buf_printf(out, ",\"algorithm\":%u", info->algorithm);
	buf_printf(out, ",\"flows\":%" PRIu64, info->flows);
	if (info->seen_ns > 0) {
		clock_init(&clock, true);
		end = text_rfc3339(text, &clock, info->seen_ns);
		buf_printf(out, ",\"last_seen\":\"%.*s\"", (int)(end - text),
		    text);
	}
	buf_printf(out, ",\"state\":\"%s\"},", info->state);
	return 0;
}

void
rates_dump(const struct exporter *x, struct buf *out)
{
	buf_append_text(out, ",\"rates\":[");
	(void)rates_each(x, dump_rate, out);
	if (buf_ok(out) && out->ptr[out->len - 1] == ',')
		out->len--;
	buf_append_char(out, ']');
}
