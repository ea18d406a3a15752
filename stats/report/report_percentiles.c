/*
 * Percentiles of rates: of the rates that each group of -g has in the bins of
 * -b. Bins in which a group has no flow count as 0.
 */
#include <stdlib.h>

#include "bin_range.h"
#include "grid.h"
#include "groups.h"
#include "report_print.h"
#include "report_run.h"
#include "report_span.h"
#include "value_order.h"

/* A row of the result, for a sort by its key behind the bin. */
struct ordered_row {
	const struct aggregate_result *result;
	size_t row;
};

static int
ordered_row_compare(const void *a, const void *b)
{
	const struct ordered_row *x = a, *y = b;

	return value_order_rows(x->result, x->row, y->result, y->row, 1);
}

/* The rates of the group at hand. */
struct group_rates {
	struct bin_range range;
	double factor; /* 8 for bits */
	double *rate; /* of each bin */
	double sum; /* of them */
};

static void
rates_take(struct group_rates *g, const struct ordered_row *row)
{
	size_t place = bin_range_place(&g->range, row->result, row->row);
	struct aggregate_value v;

	if (place == SIZE_MAX)
		return;
	aggregate_measure(row->result, row->row, 0, &v);
	g->rate[place] =
	    (double)v.uint * g->factor / bin_range_seconds(&g->range, place);
	g->sum += g->rate[place];
}

/* Put the group that sorted rows begin with; returns how many are of it. */
static size_t
percentiles_put_group(struct grid *out, struct group_rates *g,
    const struct options *o, const struct ordered_row *rows, size_t n)
{
	const struct aggregate_result *r = rows->result;
	size_t used = 0;

	for (size_t i = 0; i < g->range.n; i++)
		g->rate[i] = 0;
	g->sum = 0;
	while (used < n && ordered_row_compare(rows, &rows[used]) == 0)
		rates_take(g, &rows[used++]);
	for (unsigned i = 1; i < r->key.nparts; i++) {
		struct aggregate_value v;

		aggregate_key(r, rows->row, i, &v);
		grid_cell(out, &v);
	}
	grid_real(out, g->range.n > 0 ? g->sum / (double)g->range.n : 0);
	for (unsigned i = 0; i < o->npercentiles; i++)
		grid_real(out,
		    bin_range_percentile(
			g->rate, g->range.n, o->percentile[i]));
	grid_real(out, bin_range_percentile(g->rate, g->range.n, 100));
	return used;
}

static void
percentiles_add_columns(struct dataset *d, const struct options *o,
    const struct aggregate_result *r)
{
	const struct measure *m = &r->output->measures.measure[0];
	enum form form = m->unit == UNIT_OCTETS ? FORM_BITS_RATE : FORM_RATE;
	char name[DATASET_NAME_MAX];

	for (unsigned i = 1; i < r->key.nparts; i++)
		(void)dataset_add(
		    d, r->key.part[i].name, key_form(&r->key.part[i]), true);
	(void)dataset_add(d, "avg", form, false);
	for (unsigned i = 0; i < o->npercentiles; i++) {
		(void)snprintf(name, sizeof(name), "p%g", o->percentile[i]);
		(void)dataset_add(d, name, form, false);
	}
	(void)dataset_add(d, "max", form, false);
}

static int
percentiles_put(struct grid *out, const struct stats *s,
    struct aggregate_result *r, struct bin_range *range,
    struct flowd_error *err)
{
	const struct measure *m = &r->output->measures.measure[0];
	struct group_rates g = { .factor = m->unit == UNIT_OCTETS ? 8 : 1 };
	struct ordered_row *rows = calloc(r->nrows + 1, sizeof(*rows));
	int bad = bin_range_init(range, &s->opts.scan, &r, 1, err);

	g.range = *range;
	if (bad == 0)
		g.rate = calloc(g.range.n + 1, sizeof(*g.rate));
	if (bad == 0 && (rows == NULL || g.rate == NULL))
		bad = flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	for (size_t i = 0; i < r->nrows && bad == 0; i++)
		rows[i] = (struct ordered_row) { r, i };
	if (bad == 0)
		qsort(rows, r->nrows, sizeof(*rows), ordered_row_compare);
	for (size_t i = 0; i < r->nrows && bad == 0;)
		i += percentiles_put_group(
		    out, &g, &s->opts, &rows[i], r->nrows - i);
	free(rows);
	free(g.rate);
	return bad;
}

static int
percentiles_print(struct stats *s, struct aggregate *a, struct flowd_error *err)
{
	struct aggregate_result *r = aggregate_result(a, 0, err);
	struct bin_range range;
	struct grid g;
	int bad;

	if (r == NULL)
		return FLOWD_ENOMEM;
	grid_init(&g);
	percentiles_add_columns(&g.dataset, &s->opts, r);
	bad = percentiles_put(&g, s, r, &range, err);
	grid_end(&g, false);
	g.dataset.noun = r->key.nparts > 1 ? "group" : NULL;
	if (bad == 0 && !grid_sort(&g, r->key.nparts, s->opts.output.limit))
		bad = flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	if (bad == 0)
		bad = report_print(s, &g.dataset, NULL, err);
	if (bad == 0 && s->opts.writer->people) {
		report_foot(s, &g.dataset);
		buf_append_text(
		    &s->output.buf, g.dataset.noun != NULL ? ", " : "");
		report_foot_bins(s, &range);
		buf_append_char(&s->output.buf, '\n');
	}
	report_notes(&r->notes);
	grid_fini(&g);
	aggregate_result_free(r);
	return bad;
}

int
report_percentiles(struct stats *s, struct flowd_error *err)
{
	struct aggregate_output output = s->opts.output;
	const struct measure *m = &output.measures.measure[0];
	struct aggregate *a;
	int bad;

	if (m->type != MEASURE_UINT ||
	    (m->function != MEASURE_SUM && m->function != MEASURE_FLOWS))
		return flowd_fail(err, FLOWD_EINVAL,
		    "--percentiles wants a measure that adds up, as octets, "
		    "not %s",
		    m->name);
	output.order = ORDER_BY_KEY;
	output.limit = 0;
	/* The other half is for the order of the rows. */
	a = report_aggregate_all(s, &output, 1, 2, err);
	if (a == NULL)
		return FLOWD_EINVAL;
	bad = report_read(s, a, err);
	if (bad == 0)
		bad = percentiles_print(s, a, err);
	aggregate_free(a);
	return bad;
}
