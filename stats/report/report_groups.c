/*
 * The groups of -g and -b with the measures of -a: the output that the command
 * line describes. In text a line below the table has the number of flows and
 * their times; that is an output of its own.
 */
#include "groups.h"
#include "report_print.h"
#include "report_run.h"
#include "report_span.h"
#include "sparkline.h"
#include "svg.h"

enum {
	OUTPUT_GROUPS,
	OUTPUT_SPAN,
	OUTPUTS
};

enum {
	CHART_MAX = 64 * 1024 * 1024 /* octets of an SVG file */
};

static int
groups_print_span(struct stats *s, const struct dataset *d, struct aggregate *a,
    struct flowd_error *err)
{
	struct report_span span;
	int bad = report_span_get(&span, a, OUTPUT_SPAN, err);

	if (bad == 0)
		report_span_print(s, d, &span);
	return bad;
}

/* The file is none of those that are read, and whole or not touched. */
static int
groups_write_chart(
    struct stats *s, const struct buf *chart, struct flowd_error *err)
{
	struct output to;
	int bad = output_open(&to, s->opts.svg, 0666, s->opts.paths, err), also;

	if (bad != 0)
		return bad;
	bad = output_write(&to, (struct bytes) { chart->ptr, chart->len }, err);
	also = output_close(&to, bad == 0 ? err : NULL);
	return bad != 0 ? bad : also;
}

/* A series of bins alone is drawn with all of them, in the order of time. */
static int
groups_draw_result(struct stats *s, struct aggregate *a,
    struct aggregate_result *r, struct buf *chart, struct flowd_error *err)
{
	struct aggregate_result *all;
	int bad;

	if (r->output->bin_ns == 0 || r->output->key.nparts > 0)
		return svg_draw(chart, r, &s->opts.scan, &s->style, err);
	all = aggregate_result_by(a, OUTPUT_GROUPS, ORDER_BY_KEY, 0, err);
	if (all == NULL)
		return FLOWD_ENOMEM;
	bad = svg_draw(chart, all, &s->opts.scan, &s->style, err);
	aggregate_result_free(all);
	return bad;
}

/* --svg */
static int
groups_draw(struct stats *s, struct aggregate *a, struct aggregate_result *r,
    struct flowd_error *err)
{
	struct buf chart;
	int bad;

	buf_init(&chart, CHART_MAX);
	bad = groups_draw_result(s, a, r, &chart, err);
	if (bad == 0 && !buf_ok(&chart))
		bad = flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	if (bad == 0)
		bad = groups_write_chart(s, &chart, err);
	buf_fini(&chart);
	return bad;
}

/* --chart of a series: a row for each group. */
static int
groups_print_sparklines(
    struct stats *s, struct aggregate_result *r, struct flowd_error *err)
{
	struct grid g;
	int bad;

	grid_init(&g);
	bad = sparkline_fill(
	    &g, r, &s->opts.scan, &s->style.terminal, err);
	if (bad == 0)
		bad = report_print(s, &g.dataset, NULL, err);
	grid_fini(&g);
	return bad;
}

static int
groups_print_result(
    struct stats *s, struct aggregate_result *r, struct dataset *d,
    struct flowd_error *err)
{
	bool series = r->output->bin_ns != 0 && r->output->key.nparts > 0;
	int bad;

	if (!s->style.chart || !series)
		return report_print(s, d, NULL, err);
	bad = groups_print_sparklines(s, r, err);
	/* The line below says nothing of rows: these are others. */
	d->noun = NULL;
	return bad;
}

static int
groups_print(struct stats *s, struct aggregate *a, struct flowd_error *err)
{
	struct aggregate_result *r = aggregate_result(a, OUTPUT_GROUPS, err);
	struct dataset d;
	int bad = 0;

	if (r == NULL)
		return FLOWD_ENOMEM;
	groups_dataset(&d, r, s->opts.nshown);
	bad = groups_print_result(s, r, &d, err);
	if (bad == 0 && s->opts.writer->people)
		bad = groups_print_span(s, &d, a, err);
	/* By now names are known; and neither output needs the other. */
	if (s->opts.svg != NULL && (bad == 0 || s->output.failed)) {
		int drawn = groups_draw(s, a, r, bad == 0 ? err : NULL);

		bad = bad != 0 ? bad : drawn;
	}
	report_notes(&r->notes);
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
	bad = report_run(s, a, groups_print, err);
	aggregate_free(a);
	return bad;
}
