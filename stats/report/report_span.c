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

static void
span_put_time(struct stats *s, const struct aggregate_value *time)
{
	const struct cell cell = { .v = *time };

	cell_show(&cell, FORM_TIME, &s->style, &s->output.buf);
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
	span_put_time(s, &span->first);
	buf_append_text(out, " to ");
	span_put_time(s, &span->last);
	/* Flows may all end before they begin. */
	if (span->last.ns >= span->first.ns &&
	    !__builtin_sub_overflow(span->last.ns, span->first.ns, &ns))
		buf_printf(out, " (%s)", human_duration(text, ns));
}

static void
span_put_groups(struct buf *out, const struct dataset *d)
{
	const char *plural = d->nrows == 1 ? "" : "s";

	if (d->is_other != NULL)
		buf_printf(out, "%zu row%s, ", d->nrows, plural);
	else if (d->has_rest && d->ngroups > d->nrows)
		buf_printf(
		    out, "%zu of %" PRIu64 " groups, ", d->nrows, d->ngroups);
	else if (d->has_rest)
		buf_printf(out, "%zu group%s, ", d->nrows, plural);
}

void
report_span_print(
    struct stats *s, const struct dataset *d, const struct report_span *span)
{
	struct buf *out = &s->output.buf;

	buf_append_char(out, '\n');
	if (reading_is_interrupted())
		buf_append_text(out, "partial: ");
	span_put_groups(out, d);
	buf_printf(out, "%" PRIu64 " flow%s", span->flows,
	    span->flows == 1 ? "" : "s");
	span_put_times(s, span);
	buf_append_char(out, '\n');
}
