/* Sampling rates of exporters; see report_rates.h. */
#include <inttypes.h>
#include <stdio.h>

#include "rate.h"
#include "report_rates.h"
#include "stated.h"
#include "text.h"

enum {
	SCOPE_TEXT_MAX = 512
};

typedef int rate_fn(const struct rate_info *info, void *arg);

/* Who is told, and what all rates of an exporter have alike. */
struct rate_teller {
	const struct exporter *x;
	rate_fn *fn;
	void *arg;
};

/* What became of it, for people. */
static void
rate_state(const struct rate_teller *t, const struct rate_info *info,
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
rate_tell(const struct rate_teller *t, struct rate_info *info)
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

/* What headers and records have. */
static int
rates_seen(const struct rate_teller *t, const struct stream *s)
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
		result = rate_tell(t, &info);
	}
	return result;
}

static int
rate_stated(const struct rate_teller *t, const struct stated *st)
{
	struct rate rate = stated_rate(st->value);
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

	stated_scope(st, &scope);
	buf_init(&text, SCOPE_TEXT_MAX);
	scope_put(&scope, &text);
	buf_append_char(&text, '\0');
	info.scope = buf_ok(&text) ? (const char *)text.ptr : "...";
	rate_of_stream(&info, st->stream);
	result = rate_tell(t, &info);
	buf_fini(&text);
	return result;
}

static int
rates_of_stream(const struct rate_teller *t, const struct stream *s)
{
	const struct list *link, *next;
	int result = rates_seen(t, s);

	LIST_FOREACH(link, next, &s->stated) {
		const struct stated *st =
		    LIST_ENTRY(link, struct stated, sibling);

		if (result == 0 && st->form->kind == STATED_RATE)
			result = rate_stated(t, st);
	}
	return result;
}

int
rates_each(const struct exporter *x, rate_fn *fn, void *arg)
{
	const struct rate_teller t = { x, fn, arg };
	const struct list *link, *next;
	struct rate_info info = {
		.origin = RATE_CONFIGURED,
		.interval = x->configured,
		.flows = x->configured_flows,
	};
	int result = 0;

	if (x->configured != 0)
		result = rate_tell(&t, &info);
	LIST_FOREACH(link, next, &x->streams)
		if (result == 0)
			result = rates_of_stream(&t,
			    LIST_ENTRY(link, struct stream, use));
	return result;
}

/* Take over the first interval that can be used; false at another one. */
static bool
interval_take(uint32_t *interval, uint32_t its)
{
	if (its == 0 || rate_reversed(its) != 0)
		return true;
	if (*interval == 0)
		*interval = its;
	return its == *interval;
}

static bool
stream_take_interval(const struct stream *s, uint32_t *interval)
{
	const struct list *link, *next;

	for (int i = 0; i < RATES_SEEN; i++)
		if (!interval_take(interval, s->seen[i].interval))
			return false;
	LIST_FOREACH(link, next, &s->stated) {
		const struct stated *st =
		    LIST_ENTRY(link, struct stated, sibling);

		if (st->form->kind == STATED_RATE &&
		    !interval_take(interval, stated_rate(st->value).interval))
			return false;
	}
	return true;
}

/* Without texts of scopes: each look at all exporters asks for it. */
uint32_t
rates_common(const struct exporter *x)
{
	const struct list *link, *next;
	uint32_t interval = 0;

	if (x->configured != 0)
		return x->configured;
	LIST_FOREACH(link, next, &x->streams)
		if (!stream_take_interval(
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
