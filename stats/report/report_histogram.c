/*
 * How large flows are: their number, packets and octets in classes of octets,
 * packets or duration. Classes of octets and packets are powers of two, those
 * of durations are round times.
 */
#include <stdlib.h>

#include "grid.h"
#include "report_print.h"
#include "report_run.h"

enum {
	COLUMN_FLOWS = 2,
	CLASSES = 65
};

struct histogram_class {
	uint64_t flows, packets, octets;
};

/* What a thread has counted, and what all have. */
struct histogram_sums {
	enum histogram_kind kind;
	struct histogram_class class[CLASSES];
	uint64_t unknown; /* flows without a value */
};

/* From when on a duration is in the next class, in ms. */
static const uint64_t durations_ms[] = { 1, 10, 100, 1000, 2000, 5000, 10000,
	30000, 60000, 120000, 300000, 600000, 1800000, 3600000 };

enum {
	DURATIONS = sizeof(durations_ms) / sizeof(durations_ms[0])
};

/* A flow that ends before it begins has no duration. */
static unsigned
duration_class(int64_t begin_ns, int64_t end_ns)
{
	uint64_t ms = end_ns > begin_ns
	    ? ((uint64_t)end_ns - (uint64_t)begin_ns) / 1000000
	    : 0;
	unsigned i = 0;

	while (i < DURATIONS && ms >= durations_ms[i])
		i++;
	return i;
}

/* 0 is in 0, 1 in 1, 2 and 3 in 2, 4 to 7 in 3. */
static unsigned
power_class(uint64_t n)
{
	unsigned i = 0;

	for (; n > 0; n >>= 1)
		i++;
	return i;
}

/* Sums stop at UINT64_MAX; the notes say so. */
static uint64_t
sum_add(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static void
histogram_class_add(
    struct histogram_class *to, const struct histogram_class *from)
{
	to->flows += from->flows;
	to->packets = sum_add(to->packets, from->packets);
	to->octets = sum_add(to->octets, from->octets);
}

static uint64_t
column_value(const struct batch *batch, unsigned col, size_t row)
{
	const struct column *c = &batch->col[col];

	return bitmap_test(c->valid, row) ? c->u64[row] : 0;
}

/* The class of a flow, or -1. */
static int
histogram_class_of(
    const struct histogram_sums *s, const struct batch *batch, size_t row)
{
	const struct column *from = &batch->col[COL_flow_start];
	const struct column *to = &batch->col[COL_flow_end];
	unsigned col = s->kind == HISTOGRAM_PACKETS ? COL_packets : COL_octets;

	if (s->kind == HISTOGRAM_DURATION)
		return bitmap_test(from->valid, row) &&
			bitmap_test(to->valid, row)
		    ? (int)duration_class(from->ns[row], to->ns[row])
		    : -1;
	return bitmap_test(batch->col[col].valid, row)
	    ? (int)power_class(batch->col[col].u64[row])
	    : -1;
}

static int
histogram_batch(void *state, void *partial, const struct batch *batch,
    struct flowd_error *err)
{
	struct histogram_sums *s = partial;

	(void)state;
	(void)err;
	for (size_t row = bitmap_next(batch->selected, 0, batch->nrows);
	    row < batch->nrows;
	    row = bitmap_next(batch->selected, row + 1, batch->nrows)) {
		int class = histogram_class_of(s, batch, row);

		if (class < 0) {
			s->unknown++;
			continue;
		}
		histogram_class_add(&s->class[class],
		    &(struct histogram_class) { 1,
			column_value(batch, COL_packets, row),
			column_value(batch, COL_octets, row) });
	}
	return 0;
}

static void *
histogram_partial(void *arg, struct flowd_error *err)
{
	const struct histogram_sums *all = arg;
	struct histogram_sums *s = calloc(1, sizeof(*s));

	if (s == NULL)
		(void)flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	else
		s->kind = all->kind;
	return s;
}

static int
histogram_emit(void *arg, void *partial, struct flowd_error *err)
{
	struct histogram_sums *all = arg, *s = partial;

	(void)err;
	for (unsigned i = 0; i < CLASSES; i++)
		histogram_class_add(&all->class[i], &s->class[i]);
	all->unknown += s->unknown;
	*s = (struct histogram_sums) { .kind = all->kind };
	return 0;
}

static const struct scan_consumer histogram_consumer = {
	.batch = histogram_batch,
	.partial = histogram_partial,
	.emit = histogram_emit,
	.drop = free,
};

/* From where to where a class goes; the last has no end. */
static void
histogram_put_class(struct grid *g, enum histogram_kind kind, unsigned class)
{
	const int64_t ms = 1000000;

	if (kind != HISTOGRAM_DURATION) {
		grid_uint(g, class == 0 ? 0 : UINT64_C(1) << (class - 1));
		grid_uint(g,
		    class == 0       ? 0
			: class < 64 ? (UINT64_C(1) << class) - 1
				     : UINT64_MAX);
		return;
	}
	grid_span(g, class == 0 ? 0 : (int64_t)durations_ms[class - 1] * ms);
	if (class < DURATIONS)
		grid_span(g, (int64_t)durations_ms[class] * ms);
	else
		grid_none(g);
}

static void
histogram_put_sums(struct grid *g, const struct histogram_class *c)
{
	grid_uint(g, c->flows);
	grid_uint(g, c->packets);
	grid_uint(g, c->octets);
}

static void
histogram_put_percent(struct grid *g, uint64_t part, uint64_t all)
{
	if (all > 0)
		grid_real(g, (double)part * 100 / (double)all);
	else
		grid_none(g);
}

/* The classes from the first to the last that has a flow. */
static void
histogram_put_classes(struct grid *g, const struct histogram_sums *s,
    struct histogram_class *total)
{
	unsigned first = CLASSES, last = 0;
	uint64_t below = 0;

	for (unsigned i = 0; i < CLASSES; i++) {
		histogram_class_add(total, &s->class[i]);
		if (s->class[i].flows == 0)
			continue;
		first = first == CLASSES ? i : first;
		last = i;
	}
	for (unsigned i = first; i <= last && i < CLASSES; i++) {
		histogram_put_class(g, s->kind, i);
		histogram_put_sums(g, &s->class[i]);
		below += s->class[i].flows;
		histogram_put_percent(g, below, total->flows);
	}
	for (unsigned i = 0; i < 2; i++) {
		grid_none(g);
		grid_none(g);
		histogram_put_sums(g,
		    i == 0 ? &(struct histogram_class) { 0 } : total);
		grid_none(g);
	}
	grid_end(g, true);
}

static int
histogram_print(
    struct stats *s, const struct histogram_sums *sums, struct flowd_error *err)
{
	enum form form =
	    sums->kind == HISTOGRAM_DURATION ? FORM_SPAN : FORM_NUMBER;
	struct histogram_class total = { 0, 0, 0 };
	struct grid g;
	int bad;

	grid_init(&g);
	(void)dataset_add(&g.dataset, "from", form, true);
	(void)dataset_add(&g.dataset, "to", form, true);
	dataset_add(&g.dataset, "flows", FORM_COUNT, false)->sum = true;
	dataset_add(&g.dataset, "packets", FORM_COUNT, false)->sum = true;
	dataset_add(&g.dataset, "octets", FORM_OCTETS, false)->sum = true;
	(void)dataset_add(&g.dataset, "cumulative", FORM_PERCENT, false);
	g.dataset.chart = COLUMN_FLOWS;
	histogram_put_classes(&g, sums, &total);
	bad = grid_ok(&g) ? report_print(s, &g.dataset, NULL, err)
			  : flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	grid_fini(&g);
	report_note(sums->unknown, "without such a value: in no class");
	report_notes(&(struct aggregate_notes) {
	    .saturated = total.packets == UINT64_MAX ||
		total.octets == UINT64_MAX });
	return bad;
}

int
report_histogram(struct stats *s, struct flowd_error *err)
{
	struct scan_plan plan = reading_plan(&s->reading, s->opts.scan.range);
	struct histogram_sums *sums = calloc(1, sizeof(*sums));
	int bad;

	if (sums == NULL)
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	sums->kind = s->opts.histogram;
	colset_add(&plan.columns, COL_packets);
	colset_add(&plan.columns, COL_octets);
	if (sums->kind == HISTOGRAM_DURATION) {
		colset_add(&plan.columns, COL_flow_start);
		colset_add(&plan.columns, COL_flow_end);
	}
	bad = reading_run(&s->reading, &plan, &histogram_consumer, sums, err);
	if (bad == 0)
		bad = histogram_print(s, sums, err);
	free(sums);
	return bad;
}
