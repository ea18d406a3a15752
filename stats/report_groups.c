/*
 * The groups that -g and -b ask for, and what -a says of each: the plan of the
 * command line is the one output. For people a line behind the table says of
 * which flows it is: that is an output of its own.
 */
#include "groups.h"
#include "report.h"
#include "sparkline.h"
#include "svg.h"

enum {
	OUTPUT_GROUPS,
	OUTPUT_SPAN,
	OUTPUTS
};

static int
print_closing(struct stats *s, const struct dataset *d, struct aggregate *a,
    struct flowd_error *err)
{
	struct report_span span;
	int bad = report_span_get(&span, a, OUTPUT_SPAN, err);

	if (bad == 0)
		report_closing(s, d, &span);
	return bad;
}

static int
print_groups(struct stats *s, struct aggregate *a, struct flowd_error *err)
{
	struct aggregate_result *r = aggregate_result(a, OUTPUT_GROUPS, err);
	struct dataset d;
	struct groups g;
	int bad = 0;

	if (r == NULL)
		return FLOWD_ENOMEM;
	groups_dataset(&g, &d, r, s->opts.nshown);
	if (r->output->bin_ns != 0 && r->output->key.nparts == 0 &&
	    !groups_order_bins(&g, &d, r->output->order, r->output->ascending,
		r->output->limit))
		bad = flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	if (bad == 0 && s->opts.svg != NULL)
		bad = svg_draw(s, r, s->opts.svg, err);
	if (bad == 0 && s->style.chart && r->output->bin_ns != 0 &&
	    r->output->key.nparts > 0)
		bad = sparkline_print(s, r, err), d.is_other = NULL,
		d.has_rest = false;
	else if (bad == 0)
		bad = report_print(s, &d, NULL, err);
	if (bad == 0 && s->opts.writer->people)
		bad = print_closing(s, &d, a, err);
	report_notes(s, &r->notes);
	groups_fini(&g);
	aggregate_result_free(r);
	return bad;
}

int
report_groups(struct stats *s, struct flowd_error *err)
{
	struct aggregate_output outputs[OUTPUTS] = {
		[OUTPUT_GROUPS] = s->opts.output,
	};
	struct aggregate *a;
	int bad = report_span_output(&outputs[OUTPUT_SPAN], err);

	if (bad != 0)
		return bad;
	a = report_aggregate(
	    s, outputs, s->opts.writer->people ? OUTPUTS : 1, err);
	if (a == NULL)
		return FLOWD_EINVAL;
	bad = report_run(s, a, print_groups, err);
	aggregate_free(a);
	return bad;
}
