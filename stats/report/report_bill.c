/*
 * What is billed for a link: a percentile of its rates in time bins, in and
 * out. The rates of the interfaces of a group are first added bin by bin. Bins
 * without flows count as 0; a note says how many there are.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bin_range.h"
#include "grid.h"
#include "interface_group.h"
#include "report_print.h"
#include "report_run.h"
#include "report_span.h"

/* Outputs: what came in through each interface, and what went out. */
enum {
	IN,
	OUT,
	OUTPUTS
};

static const char *const output_keys[OUTPUTS] = { "agent_addr,if_in",
	"agent_addr,if_out" };

/* Of a group of interfaces; rates are in bits a second. */
struct bill {
	double *rate[OUTPUTS]; /* of each bin */
	double percentile[OUTPUTS];
	double sum; /* percentile of both directions together */
	double billed;
};

struct billing {
	struct stats *stats;
	struct bin_range range;
	struct aggregate_result *result[OUTPUTS];
	struct interface_groups groups;
	struct bill *bills; /* of each group */
	bool *seen; /* bins that have a flow */
};

static int
billing_rates(struct billing *b, struct flowd_error *err)
{
	size_t ngroups = b->groups.n, memory = b->stats->opts.memory / 2;

	if (memory != 0 && ngroups > 0 &&
	    (b->range.n + 1) * sizeof(double) * OUTPUTS > memory / ngroups)
		return flowd_fail(err, FLOWD_ENOMEM,
		    "rates of %zu groups in %zu bins take more than the %zu kB "
		    "of memory that they may have",
		    ngroups, b->range.n, memory / 1000);
	b->bills = calloc(ngroups + 1, sizeof(*b->bills));
	b->seen = calloc(b->range.n + 1, sizeof(*b->seen));
	if (b->bills == NULL || b->seen == NULL)
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	for (size_t i = 0; i < ngroups; i++)
		for (unsigned k = 0; k < OUTPUTS; k++) {
			b->bills[i].rate[k] =
			    calloc(b->range.n + 1, sizeof(double));
			if (b->bills[i].rate[k] == NULL)
				return flowd_fail(
				    err, FLOWD_ENOMEM, "out of memory");
		}
	return 0;
}

/* Add a row of a result to all groups that have its interface. */
static void
billing_take(struct billing *b, unsigned output, size_t row)
{
	struct aggregate_result *r = b->result[output];
	size_t place = bin_range_place(&b->range, r, row);
	struct aggregate_value agent, number, octets;
	size_t at = 0, group;

	if (place == SIZE_MAX)
		return;
	b->seen[place] = true;
	aggregate_key(r, row, 1, &agent);
	aggregate_key(r, row, 2, &number);
	aggregate_measure(r, row, 0, &octets);
	if (number.kind != VALUE_UINT)
		return;
	while (interface_groups_next(
	    &b->groups, &agent.addr, number.uint, &at, &group)) {
		b->groups.group[group].seen = true;
		b->bills[group].rate[output][place] += (double)octets.uint * 8 /
		    bin_range_seconds(&b->range, place);
	}
}

/* A percentile sorts its values, so the sums of bins come first. */
static void
bill_settle(struct bill *bill, const struct billing *b, double *sums)
{
	const struct options *o = &b->stats->opts;
	size_t n = b->range.n;

	for (size_t i = 0; i < n; i++)
		sums[i] = bill->rate[IN][i] + bill->rate[OUT][i];
	bill->sum = bin_range_percentile(sums, n, o->bill);
	for (unsigned k = 0; k < OUTPUTS; k++)
		bill->percentile[k] =
		    bin_range_percentile(bill->rate[k], n, o->bill);
	switch (o->direction) {
	case DIRECTION_IN:
		bill->billed = bill->percentile[IN];
		break;
	case DIRECTION_OUT:
		bill->billed = bill->percentile[OUT];
		break;
	case DIRECTION_MAX:
		bill->billed =
		    fmax(bill->percentile[IN], bill->percentile[OUT]);
		break;
	case DIRECTION_SUM:
		bill->billed = bill->sum;
		break;
	}
}

static int
billing_settle(struct billing *b, struct flowd_error *err)
{
	double *sums = calloc(b->range.n + 1, sizeof(*sums));

	if (sums == NULL)
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	for (size_t i = 0; i < b->groups.n; i++)
		bill_settle(&b->bills[i], b, sums);
	free(sums);
	return 0;
}

static void
bill_put(struct grid *g, const struct billing *b, size_t i)
{
	const struct options *o = &b->stats->opts;
	const struct bill *bill = &b->bills[i];

	grid_text(g, b->groups.group[i].name);
	grid_real(g, bill->percentile[IN]);
	grid_real(g, bill->percentile[OUT]);
	grid_real(g, bill->billed);
	if (o->commit <= 0)
		return;
	grid_real(g, o->commit);
	grid_change(g,
	    &(struct aggregate_value) {
		.kind = VALUE_REAL, .real = bill->billed },
	    &(struct aggregate_value) {
		.kind = VALUE_REAL, .real = o->commit });
}

static void
bill_add_columns(struct dataset *d, const struct options *o)
{
	(void)dataset_add(d, "group", FORM_TEXT, true);
	(void)dataset_add(d, "in", FORM_BITS_RATE, false);
	(void)dataset_add(d, "out", FORM_BITS_RATE, false);
	(void)dataset_add(d, "billed", FORM_BITS_RATE, false);
	if (o->commit <= 0)
		return;
	(void)dataset_add(d, "commit", FORM_BITS_RATE, false);
	(void)dataset_add(d, "above_commit", FORM_BITS_RATE, false);
}

/* Bins without any flow: the collector may have been down. */
static void
billing_note_missing(const struct billing *b)
{
	size_t missing = 0;

	for (size_t i = 0; i < b->range.n; i++)
		missing += !b->seen[i];
	if (missing > 0)
		fprintf(stderr,
		    "flowd-stats: %zu of %zu bins have no flow at all: they "
		    "count as 0\n",
		    missing, b->range.n);
}

static void
billing_note_idle(const struct billing *b)
{
	for (size_t i = 0; i < b->groups.n; i++)
		if (!b->groups.group[i].seen)
			fprintf(stderr,
			    "flowd-stats: --group %s: no flow has one of its "
			    "interfaces\n",
			    b->groups.group[i].name);
}

static void
billing_put_foot(const struct billing *b, const struct dataset *d)
{
	struct stats *s = b->stats;

	report_foot(s, d);
	buf_printf(&s->output.buf, ", percentile %g of ", s->opts.bill);
	report_foot_bins(s, &b->range);
	buf_printf(&s->output.buf, "; billed: %s\n",
	    direction_text(s->opts.direction));
}

static int
billing_print(struct billing *b, struct flowd_error *err)
{
	struct stats *s = b->stats;
	struct grid g;
	int bad = 0;

	grid_init(&g);
	bill_add_columns(&g.dataset, &s->opts);
	for (size_t i = 0; i < b->groups.n; i++)
		bill_put(&g, b, i);
	grid_end(&g, false);
	g.dataset.noun = s->opts.ngroups == 0 ? "interface" : "group";
	/* --group: in the order of the command line. */
	if (s->opts.ngroups == 0 && !grid_sort(&g, 3, s->opts.output.limit))
		bad = FLOWD_ENOMEM;
	if (bad == 0 && grid_ok(&g))
		bad = report_print(s, &g.dataset, NULL, err);
	else
		bad = flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	if (bad == 0 && s->opts.writer->people)
		billing_put_foot(b, &g.dataset);
	grid_fini(&g);
	billing_note_missing(b);
	billing_note_idle(b);
	return bad;
}

static int
billing_run(struct billing *b, struct flowd_error *err)
{
	const struct options *o = &b->stats->opts;
	int bad = bin_range_init(
	    &b->range, &o->scan, b->result, OUTPUTS, err);

	if (bad == 0)
		bad = interface_groups_init(
		    &b->groups, o->group, o->ngroups, b->result, OUTPUTS, err);
	if (bad == 0)
		bad = billing_rates(b, err);
	for (unsigned k = 0; k < OUTPUTS && bad == 0; k++)
		for (size_t row = 0; row < b->result[k]->nrows; row++)
			billing_take(b, k, row);
	if (bad == 0)
		bad = billing_settle(b, err);
	return bad == 0 ? billing_print(b, err) : bad;
}

static void
billing_fini(struct billing *b)
{
	for (size_t i = 0; b->bills != NULL && i < b->groups.n; i++)
		for (unsigned k = 0; k < OUTPUTS; k++)
			free(b->bills[i].rate[k]);
	for (unsigned k = 0; k < OUTPUTS; k++)
		aggregate_result_free(b->result[k]);
	free(b->bills);
	free(b->seen);
	interface_groups_fini(&b->groups);
}

static int
bill_print(struct stats *s, struct aggregate *a, struct flowd_error *err)
{
	struct billing b = { .stats = s };
	int bad = 0;

	for (unsigned k = 0; k < OUTPUTS && bad == 0; k++)
		if ((b.result[k] = aggregate_result(a, k, err)) == NULL)
			bad = FLOWD_ENOMEM;
	if (bad == 0) {
		report_notes(&b.result[IN]->notes);
		bad = billing_run(&b, err);
	}
	billing_fini(&b);
	return bad;
}

int
report_bill(struct stats *s, struct flowd_error *err)
{
	struct aggregate_output outputs[OUTPUTS];
	struct aggregate *a;
	int bad = 0;

	for (unsigned k = 0; k < OUTPUTS && bad == 0; k++) {
		outputs[k] =
		    (struct aggregate_output) { .bin_ns = s->opts.output.bin_ns,
			    .bin_by_end = s->opts.output.bin_by_end,
			    .order = ORDER_BY_KEY };
		bad = key_parse(&outputs[k].key, output_keys[k], err);
		if (bad == 0)
			bad =
			    measures_parse(&outputs[k].measures, "octets", err);
	}
	if (bad != 0)
		return bad;
	/* The other half is for the rates of groups. */
	a = report_aggregate_all(s, outputs, OUTPUTS, 2, err);
	if (a == NULL)
		return FLOWD_EINVAL;
	bad = report_read(s, a, err);
	if (bad == 0)
		bad = bill_print(s, a, err);
	aggregate_free(a);
	return bad;
}
