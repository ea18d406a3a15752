/* How many flows a report is of; see report_span.h. */
#include <inttypes.h>

#include "human.h"
#include "report_span.h"

/* Measures of the output. */
enum {
	SPAN_FLOWS,
	SPAN_FIRST,
	SPAN_LAST
};

int
report_span_output(struct aggregate_output *o, struct flowd_error *err)
{
	*o = (struct aggregate_output) { .key = { .unordered = -1 },
		.order = ORDER_BY_KEY };
	return measures_parse(&o->measures, "flows,first,last", err);
}

int
report_span_get(struct report_span *span, struct aggregate *a, unsigned output,
    struct flowd_error *err)
{
	struct aggregate_result *r = aggregate_result(a, output, err);
	struct aggregate_value flows;

	if (r == NULL)
		return FLOWD_ENOMEM;
	aggregate_measure(r, AGGREGATE_TOTAL, SPAN_FLOWS, &flows);
	aggregate_measure(r, AGGREGATE_TOTAL, SPAN_FIRST, &span->first);
	aggregate_measure(r, AGGREGATE_TOTAL, SPAN_LAST, &span->last);
	span->flows = flows.uint;
	aggregate_result_free(r);
	return 0;
}

void
report_foot(struct stats *s, const struct dataset *d)
{
	struct buf *out = &s->output.buf;

	buf_append_char(out, '\n');
	if (reading_is_interrupted())
		buf_append_text(out, "partial: ");
	if (d->noun == NULL)
		return;
	buf_printf(out, "%zu ", d->nrows);
	if (d->ngroups > d->nrows)
		buf_printf(out, "of %" PRIu64 " ", d->ngroups);
	buf_printf(out, "%s%s", d->noun, d->ngroups == 1 ? "" : "s");
}

void
report_foot_range(struct stats *s, int64_t from_ns, int64_t to_ns)
{
	const struct cell from = { .v = { .kind = VALUE_TIME, .ns = from_ns } };
	const struct cell to = { .v = { .kind = VALUE_TIME, .ns = to_ns } };

	cell_show(&from, FORM_TIME, &s->style, &s->output.buf);
	buf_append_text(&s->output.buf, " to ");
	cell_show(&to, FORM_TIME, &s->style, &s->output.buf);
}

void
report_foot_bins(struct stats *s, const struct bin_range *range)
{
	char width[HUMAN_MAX];

	buf_printf(&s->output.buf, "%zu bin%s of %s", range->n,
	    range->n == 1 ? "" : "s",
	    human_duration(width, (int64_t)s->opts.output.bin_ns));
	if (range->n == 0)
		return;
	buf_append_text(&s->output.buf, " from ");
	report_foot_range(s, time_bin_begin(&range->bins, range->first),
	    time_bin_begin(
		&range->bins, range->first + (uint32_t)range->n));
}

static void
span_put_times(struct stats *s, const struct report_span *span)
{
	struct buf *out = &s->output.buf;
	char text[HUMAN_MAX];
	int64_t ns;

	if (span->first.kind != VALUE_TIME || span->last.kind != VALUE_TIME)
		return;
	buf_append_text(out, " from ");
	report_foot_range(s, span->first.ns, span->last.ns);
	/* Flows may all end before they begin. */
	if (span->last.ns >= span->first.ns &&
	    !__builtin_sub_overflow(span->last.ns, span->first.ns, &ns))
		buf_printf(out, " (%s)", human_duration(text, ns));
}

void
report_span_print(
    struct stats *s, const struct dataset *d, const struct report_span *span)
{
	struct buf *out = &s->output.buf;

	report_foot(s, d);
	buf_printf(out, "%s%" PRIu64 " flow%s", d->noun != NULL ? ", " : "",
	    span->flows, span->flows == 1 ? "" : "s");
	span_put_times(s, span);
	buf_append_char(out, '\n');
}
