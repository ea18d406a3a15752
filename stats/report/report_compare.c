/*
 * A range against the one before: which groups grew and fell, are new or gone,
 * ranked by the change of a measure. Two passes, one for each range; the groups
 * of both are joined in the order of their keys.
 */
#include <sys/stat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grid.h"
#include "groups.h"
#include "report_print.h"
#include "report_run.h"
#include "report_span.h"
#include "value_order.h"

enum {
	NOW,
	BEFORE,
	RANGES
};

enum {
	COMPARE_PARTS = 3 /* of the memory: each range, and the changes */
};

#define ABSENT SIZE_MAX

/* A group in one of the ranges, or in both. */
struct change {
	size_t row[RANGES]; /* of the results, or ABSENT */
	uint64_t rank; /* how much it is, in the order of numbers */
	size_t place; /* in the order of keys */
};

struct comparison {
	struct timerange range[RANGES];
	struct aggregate_result *result[RANGES];
	struct change *change;
	size_t n;
};

/* The value of a group, or 0 in its kind where it has no flows. */
static struct aggregate_value
change_value(
    const struct comparison *c, const struct change *change, unsigned when)
{
	struct aggregate_value v = { .kind = VALUE_NONE };
	const struct measure *m = &c->result[when]->output->measures.measure[0];

	if (change->row[when] != ABSENT)
		aggregate_measure(c->result[when], change->row[when], 0, &v);
	if (v.kind == VALUE_NONE)
		v = (struct aggregate_value) { .kind = m->type == MEASURE_REAL
			    ? VALUE_REAL
			    : m->type == MEASURE_NS ? VALUE_NS
						    : VALUE_UINT };
	return v;
}

/* How much a group has changed; returns the sign. */
static int
change_amount(const struct comparison *c, const struct change *change,
    struct aggregate_value *by)
{
	struct aggregate_value now = change_value(c, change, NOW);
	struct aggregate_value before = change_value(c, change, BEFORE);

	return value_change(&now, &before, by);
}

static void
comparison_add(struct comparison *c, size_t now, size_t before)
{
	struct change *change = &c->change[c->n];
	struct aggregate_value by;

	*change =
	    (struct change) { .row = { now, before }, .place = c->n++ };
	(void)change_amount(c, change, &by);
	/* Of what is not negative, the bits are in the order of the value. */
	if (by.kind == VALUE_REAL)
		memcpy(&change->rank, &by.real, sizeof(change->rank));
	else
		change->rank =
		    by.kind == VALUE_NS ? (uint64_t)by.ns : by.uint;
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
		    : k == before->nrows
		    ? -1
		    : value_order_rows(now, i, before, k, 0);

		comparison_add(
		    c, order <= 0 ? i : ABSENT, order >= 0 ? k : ABSENT);
		i += order <= 0;
		k += order >= 0;
	}
}

static int
change_compare(const void *a, const void *b)
{
	const struct change *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? 1 : -1;
	return x->place < y->place ? -1 : x->place > y->place;
}

static const char *
change_word(const struct comparison *c, const struct change *change)
{
	struct aggregate_value by;
	int sign = change_amount(c, change, &by);

	if (change->row[BEFORE] == ABSENT)
		return "new";
	if (change->row[NOW] == ABSENT)
		return "gone";
	return sign > 0 ? "grew" : sign < 0 ? "fell" : "same";
}

/* "300": three times what it was; nothing if it was nothing. */
static void
change_put_percent(struct grid *g, const struct aggregate_value *now,
    const struct aggregate_value *before)
{
	const struct aggregate_value all = { .kind = VALUE_REAL, .real = 100 };
	double n = now->kind == VALUE_REAL ? now->real : (double)now->uint;
	double of = before->kind == VALUE_REAL ? before->real
					       : (double)before->uint;

	if (of > 0)
		grid_change(g,
		    &(struct aggregate_value) {
			.kind = VALUE_REAL, .real = n * 100 / of },
		    &all);
	else
		grid_none(g);
}

static void
change_put(
    struct grid *g, const struct comparison *c, const struct change *change)
{
	unsigned when = change->row[NOW] != ABSENT ? NOW : BEFORE;
	struct aggregate_value key, v[RANGES];

	for (unsigned i = 0; i < c->result[when]->key.nparts; i++) {
		aggregate_key(c->result[when], change->row[when], i, &key);
		grid_cell(g, &key);
	}
	for (unsigned i = 0; i < RANGES; i++)
		v[i] = change_value(c, change, i);
	grid_text(g, change_word(c, change));
	grid_cell(g, &v[NOW]);
	grid_cell(g, &v[BEFORE]);
	grid_change(g, &v[NOW], &v[BEFORE]);
	change_put_percent(g, &v[NOW], &v[BEFORE]);
}

static void
comparison_add_columns(struct dataset *d, const struct aggregate_result *r)
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

/* "10 of 34 groups, FROM to TO against FROM to TO" */
static void
comparison_put_foot(
    struct stats *s, const struct comparison *c, const struct dataset *d)
{
	report_foot(s, d);
	for (unsigned i = 0; i < 2; i++) {
		buf_append_text(&s->output.buf,
		    i == BEFORE           ? " against "
			: d->noun != NULL ? ", "
					  : "");
		report_foot_range(
		    s, c->range[i].after_ns, c->range[i].before_ns);
	}
	buf_append_char(&s->output.buf, '\n');
}

static int
comparison_print(struct stats *s, struct comparison *c, struct flowd_error *err)
{
	uint64_t limit = s->opts.output.limit;
	size_t n = c->n;
	struct grid g;
	int bad;

	if (limit != 0 && limit < n)
		n = (size_t)limit;
	grid_init(&g);
	comparison_add_columns(&g.dataset, c->result[NOW]);
	for (size_t i = 0; i < n; i++)
		change_put(&g, c, &c->change[i]);
	grid_end(&g, false);
	g.dataset.ngroups = c->n;
	g.dataset.noun = c->result[NOW]->key.nparts > 0 ? "group" : NULL;
	bad = grid_ok(&g) ? report_print(s, &g.dataset, NULL, err)
			  : flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	if (bad == 0 && s->opts.writer->people)
		comparison_put_foot(s, c, &g.dataset);
	grid_fini(&g);
	return bad;
}

/* The notes of both ranges. */
static void
comparison_print_notes(const struct comparison *c)
{
	struct aggregate_notes n = c->result[NOW]->notes;
	const struct aggregate_notes *before = &c->result[BEFORE]->notes;

	n.flows += before->flows;
	n.unscaled += before->unscaled;
	n.timeless += before->timeless;
	n.too_long += before->too_long;
	n.saturated |= before->saturated;
	report_notes(&n);
}

static int
comparison_run(struct stats *s, struct comparison *c, struct flowd_error *err)
{
	c->change = calloc(c->result[NOW]->nrows + c->result[BEFORE]->nrows + 1,
	    sizeof(*c->change));
	if (c->change == NULL)
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	comparison_join(c);
	qsort(c->change, c->n, sizeof(*c->change), change_compare);
	comparison_print_notes(c);
	return comparison_print(s, c, err);
}

/* Flows are read twice, which only files and directories allow. */
static int
compare_check_paths(char *const *paths, struct flowd_error *err)
{
	for (; *paths != NULL; paths++) {
		struct stat st;

		if (strcmp(*paths, "-") != 0 && stat(*paths, &st) != 0)
			return flowd_fail_errno(err, "%s", *paths);
		if (strcmp(*paths, "-") == 0 ||
		    (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
			return flowd_fail(err, FLOWD_EINVAL,
			    "--compare reads twice: %s is neither a file nor "
			    "a directory",
			    *paths);
	}
	return 0;
}

/*
 * A time that is --compare before another. Whole days are by the clock of the
 * zone: the same hour.
 */
static int64_t
compare_shift_time(const struct stats *s, int64_t ns)
{
	const struct zone zone = { .local = !s->opts.scan.utc };
	const int64_t second = 1000000000, day = 86400 * second;
	int64_t by = (int64_t)s->opts.compare_ns, sec;

	/* There are no flows of before 1970; it would not stay in 64 bits. */
	if (ns < by)
		return INT64_MIN;
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

	*a = report_aggregate_all(s, output, 1, COMPARE_PARTS, err);
	if (*a == NULL)
		return FLOWD_EINVAL;
	bad = report_read_range(s, *a, range, err);
	if (bad == 0 && (*result = aggregate_result(*a, 0, err)) == NULL)
		bad = FLOWD_ENOMEM;
	return bad;
}

/* The two ranges: -t, and the one before. */
static void
compare_ranges(const struct stats *s, struct timerange range[RANGES])
{
	range[NOW] = s->opts.scan.range;
	if (range[NOW].before_ns == INT64_MAX)
		range[NOW].before_ns = s->opts.scan.now_ns;
	if (range[NOW].after_ns == INT64_MIN)
		range[NOW].after_ns =
		    compare_shift_time(s, range[NOW].before_ns);
	range[BEFORE].after_ns = compare_shift_time(s, range[NOW].after_ns);
	range[BEFORE].before_ns = compare_shift_time(s, range[NOW].before_ns);
}

int
report_compare(struct stats *s, struct flowd_error *err)
{
	struct aggregate_output output = s->opts.output;
	struct comparison c = { .n = 0 };
	struct aggregate *a[RANGES] = { NULL, NULL };
	int bad = compare_check_paths(s->opts.paths, err);

	if (output.measures.measure[0].type == MEASURE_TIME)
		return flowd_fail(err, FLOWD_EINVAL,
		    "--compare wants a measure that is a number, not %s",
		    output.measures.measure[0].name);
	output.order = ORDER_BY_KEY;
	output.limit = 0;
	compare_ranges(s, c.range);
	for (unsigned i = 0; i < RANGES && bad == 0; i++)
		bad = compare_read(
		    s, &output, c.range[i], &a[i], &c.result[i], err);
	if (bad == 0)
		bad = comparison_run(s, &c, err);
	for (unsigned i = 0; i < RANGES; i++) {
		aggregate_result_free(c.result[i]);
		aggregate_free(a[i]);
	}
	free(c.change);
	return bad;
}
