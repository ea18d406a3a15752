/*
 * The groups that -g and -b ask for, and what -a says of each: the plan of the
 * command line is the one output. For people a line behind the table says of
 * how many flows and of which time it is: that is an output of its own.
 */
#include <inttypes.h>

#include "groups.h"
#include "human.h"
#include "report.h"

enum {
	OUTPUT_GROUPS,
	OUTPUT_SPAN,
	OUTPUTS
};

/* Measures of OUTPUT_SPAN. */
enum {
	SPAN_FLOWS,
	SPAN_FIRST,
	SPAN_LAST
};

static void
put_time(struct stats *s, int64_t ns, struct buf *out)
{
	const struct cell cell = { .v = { .kind = VALUE_TIME, .ns = ns } };

	cell_show(&cell, FORM_TIME, &s->style, out);
}

/* "10 of 34 groups, 1234 flows from 2026-11-23T10:00:00 to ... (1 h 0 min)" */
static void
put_closing(struct stats *s, const struct dataset *d,
    const struct aggregate_result *span)
{
	struct buf *out = &s->output.buf;
	struct aggregate_value flows, first, last;
	char text[HUMAN_MAX];

	aggregate_measure(span, AGGREGATE_TOTAL, SPAN_FLOWS, &flows);
	aggregate_measure(span, AGGREGATE_TOTAL, SPAN_FIRST, &first);
	aggregate_measure(span, AGGREGATE_TOTAL, SPAN_LAST, &last);
	buf_append_char(out, '\n');
	if (reading_is_interrupted())
		buf_append_text(out, "partial: ");
	if (d->has_rest && d->ngroups > d->nrows)
		buf_printf(
		    out, "%zu of %" PRIu64 " groups, ", d->nrows, d->ngroups);
	else if (d->has_rest)
		buf_printf(
		    out, "%zu group%s, ", d->nrows, d->nrows == 1 ? "" : "s");
	buf_printf(
	    out, "%" PRIu64 " flow%s", flows.uint, flows.uint == 1 ? "" : "s");
	if (first.kind == VALUE_TIME && last.kind == VALUE_TIME) {
		buf_append_text(out, " from ");
		put_time(s, first.ns, out);
		buf_append_text(out, " to ");
		put_time(s, last.ns, out);
		buf_printf(
		    out, " (%s)", human_duration(text, last.ns - first.ns));
	}
	buf_append_char(out, '\n');
}

static int
print_groups(struct stats *s, struct aggregate *a, struct flowd_error *err)
{
	struct aggregate_result *r = aggregate_result(a, OUTPUT_GROUPS, err);
	struct aggregate_result *span;
	struct dataset d;
	int bad;

	if (r == NULL)
		return FLOWD_ENOMEM;
	groups_dataset(&d, r, s->opts.nshown);
	bad = report_print(s, &d, err);
	if (bad == 0 && s->opts.writer->people) {
		span = aggregate_result(a, OUTPUT_SPAN, err);
		if (span != NULL)
			put_closing(s, &d, span);
		else
			bad = FLOWD_ENOMEM;
		aggregate_result_free(span);
	}
	report_notes(s, &r->notes);
	aggregate_result_free(r);
	return bad;
}

int
report_groups(struct stats *s, struct flowd_error *err)
{
	struct aggregate_output outputs[OUTPUTS] = {
		[OUTPUT_GROUPS] = s->opts.output,
		[OUTPUT_SPAN] = { .key = { .unordered = -1 },
		    .order = ORDER_BY_KEY },
	};
	struct aggregate *a;
	int bad = measures_parse(
	    &outputs[OUTPUT_SPAN].measures, "flows,first,last", err);

	if (bad != 0)
		return bad;
	a = report_aggregate(
	    s, outputs, s->opts.writer->people ? OUTPUTS : 1, err);
	if (a == NULL)
		return FLOWD_EINVAL;
	bad = report_read(s, a, err);
	if (bad == 0 || reading_is_interrupted())
		bad = print_groups(s, a, err);
	aggregate_free(a);
	return bad;
}
