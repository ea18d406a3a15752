/*
 * A range against the one before: which groups grew and fell, are new or gone,
 * ranked by the change of a measure. Two passes, one a range; the groups of
 * both are joined in the order of their keys.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "grid.h"
#include "groups.h"
#include "key_order.h"
#include "report_print.h"
#include "report_run.h"

/* A group in one of the ranges, or in both. */
struct change {
	size_t row[2]; /* of the result now, and of that before; or ABSENT */
	double rank;
};

#define ABSENT SIZE_MAX

enum {
	NOW,
	BEFORE
};

struct comparison {
	struct aggregate_result *result[2];
	struct change *change;
	size_t n;
};

/* The value of a group, or 0 in its kind where it has no flows. */
static struct aggregate_value
change_value(
    const struct comparison *c, const struct change *change, unsigned when)
{
	struct aggregate_value v;
	const struct measure *m = &c->result[when]->output->measures.measure[0];

	if (change->row[when] != ABSENT)
		aggregate_measure(c->result[when], change->row[when], 0, &v);
	if (change->row[when] == ABSENT || v.kind == VALUE_NONE)
		v = (struct aggregate_value) { .kind = m->type == MEASURE_REAL
			    ? VALUE_REAL
			    : m->type == MEASURE_NS ? VALUE_NS
						    : VALUE_UINT };
	return v;
}

static double
value_number(const struct aggregate_value *v)
{
	return v->kind == VALUE_REAL ? v->real : (double)v->uint;
}

static void
comparison_add(struct comparison *c, size_t now, size_t before)
{
	struct change *change = &c->change[c->n++];
	struct aggregate_value v[2];

	*change = (struct change) { .row = { now, before } };
	v[NOW] = change_value(c, change, NOW);
	v[BEFORE] = change_value(c, change, BEFORE);
	change->rank = fabs(value_number(&v[NOW]) - value_number(&v[BEFORE]));
}

/* Both results are in the order of their keys. */
static void
comparison_join(struct comparison *c)
{
	const struct aggregate_result *now = c->result[NOW];
	const struct aggregate_result *before = c->result[BEFORE];
	size_t i = 0, k = 0;

	while (i < now->nrows || k < before->nrows) {
		int order = i == now->nrows ? 1
		    : k == before->nrows    ? -1
					 : key_order_rows(now, i, before, k, 0);

		comparison_add(
		    c, order <= 0 ? i : ABSENT, order >= 0 ? k : ABSENT);
		i += order <= 0;
		k += order >= 0;
	}
}

static int
compare_changes(const void *a, const void *b)
{
	const struct change *x = a, *y = b;

	return x->rank < y->rank ? 1 : -(x->rank > y->rank);
}

static const char *
change_word(const struct comparison *c, const struct change *change)
{
	struct aggregate_value now = change_value(c, change, NOW);
	struct aggregate_value before = change_value(c, change, BEFORE);
	double by = value_number(&now) - value_number(&before);

	if (change->row[BEFORE] == ABSENT)
		return "new";
	if (change->row[NOW] == ABSENT)
		return "gone";
	return by > 0 ? "grew" : by < 0 ? "fell" : "same";
}

static void
put_change(
    struct grid *g, const struct comparison *c, const struct change *change)
{
	unsigned when = change->row[NOW] != ABSENT ? NOW : BEFORE;
	struct aggregate_value v[2];
	double before;

	for (unsigned i = 0; i < c->result[when]->key.nparts; i++) {
		aggregate_key(c->result[when], change->row[when], i, &v[0]);
		grid_cell(g, &v[0]);
	}
	v[NOW] = change_value(c, change, NOW);
	v[BEFORE] = change_value(c, change, BEFORE);
	grid_text(g, change_word(c, change));
	grid_cell(g, &v[NOW]);
	grid_cell(g, &v[BEFORE]);
	grid_change(g, &v[NOW], &v[BEFORE]);
	before = value_number(&v[BEFORE]);
	if (before > 0)
		grid_change(g,
		    &(struct aggregate_value) { .kind = VALUE_REAL,
			.real = value_number(&v[NOW]) * 100 / before },
		    &(struct aggregate_value) {
			.kind = VALUE_REAL, .real = 100 });
	else
		grid_none(g);
}

static void
add_columns(struct dataset *d, const struct aggregate_result *r)
{
	const struct measure *m = &r->output->measures.measure[0];
	bool estimated = m->function == MEASURE_DISTINCT ||
	    m->function == MEASURE_PERCENTILE;
	static const char *const behind[] = { "", "_before", "_change" };
	char name[DATASET_NAME_MAX];

	for (unsigned i = 0; i < r->key.nparts; i++)
		(void)dataset_add(
		    d, r->key.part[i].name, key_form(&r->key.part[i]), true);
	(void)dataset_add(d, "change", FORM_TEXT, false);
	for (unsigned i = 0; i < 3; i++) {
		(void)snprintf(name, sizeof(name), "%s%s", m->name, behind[i]);
		dataset_add(d, name, measure_form(m), false)->estimated =
		    estimated;
	}
	(void)dataset_add(d, "percent", FORM_PERCENT, false);
}

static int
print_comparison(struct stats *s, struct comparison *c, struct flowd_error *err)
{
	uint64_t limit = s->opts.output.limit;
	size_t n = c->n;
	struct grid g;
	int bad;

	if (limit != 0 && limit < n)
		n = (size_t)limit;
	grid_init(&g);
	add_columns(&g.dataset, c->result[NOW]);
	for (size_t i = 0; i < n; i++)
		put_change(&g, c, &c->change[i]);
	grid_end(&g, false);
	bad = grid_ok(&g) ? report_print(s, &g.dataset, NULL, err)
			  : flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	grid_fini(&g);
	report_notes(&c->result[NOW]->notes);
	return bad;
}

static int
compare_results(struct stats *s, struct comparison *c, struct flowd_error *err)
{
	c->change = calloc(c->result[NOW]->nrows + c->result[BEFORE]->nrows + 1,
	    sizeof(*c->change));
	if (c->change == NULL)
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	comparison_join(c);
	qsort(c->change, c->n, sizeof(*c->change), compare_changes);
	return print_comparison(s, c, err);
}

/* So much before, by what clocks show if it is of whole days. */
static int64_t
shift_time(const struct stats *s, int64_t ns)
{
	const struct zone zone = { .local = !s->opts.scan.utc };
	const int64_t second = 1000000000, day = 86400 * second;
	int64_t by = (int64_t)s->opts.compare_ns, sec;

	if (by % day != 0)
		return ns - by;
	sec = ns / second - (ns % second < 0);
	return civil_instants(zone, civil_at(zone, sec) - by / second)
		   .early_sec *
	    second +
	    (ns - sec * second);
}

/* The flows of one of the ranges. */
static int
compare_read(struct stats *s, const struct aggregate_output *output,
    struct timerange range, struct aggregate **a,
    struct aggregate_result **result, struct flowd_error *err)
{
	int bad;

	*a = report_aggregate(s, output, 1, err);
	if (*a == NULL)
		return FLOWD_EINVAL;
	bad = report_read_range(s, *a, range, err);
	if (bad == 0 && (*result = aggregate_result(*a, 0, err)) == NULL)
		bad = FLOWD_ENOMEM;
	return bad;
}

int
report_compare(struct stats *s, struct flowd_error *err)
{
	struct aggregate_output output = s->opts.output;
	struct timerange range[2] = { s->opts.scan.range };
	struct comparison c = { .n = 0 };
	struct aggregate *a[2] = { NULL, NULL };
	int bad = 0;

	if (output.measures.measure[0].type == MEASURE_TIME)
		return flowd_fail(err, FLOWD_EINVAL,
		    "--compare wants a measure that is a number, not %s",
		    output.measures.measure[0].name);
	output.order = ORDER_BY_KEY;
	output.limit = 0;
	if (range[NOW].before_ns == INT64_MAX)
		range[NOW].before_ns = s->opts.scan.now_ns;
	if (range[NOW].after_ns == INT64_MIN)
		range[NOW].after_ns = shift_time(s, range[NOW].before_ns);
	range[BEFORE].after_ns = shift_time(s, range[NOW].after_ns);
	range[BEFORE].before_ns = shift_time(s, range[NOW].before_ns);
	for (unsigned i = 0; i < 2 && bad == 0; i++)
		bad = compare_read(
		    s, &output, range[i], &a[i], &c.result[i], err);
	if (bad == 0)
		bad = compare_results(s, &c, err);
	for (unsigned i = 0; i < 2; i++) {
		aggregate_result_free(c.result[i]);
		aggregate_free(a[i]);
	}
	free(c.change);
	return bad;
}
