/* Groups of an aggregate; see groups.h. */
#include <stdlib.h>

#include "groups.h"
#include "value_order.h"

static enum form
groups_column_form(unsigned col)
{
	const struct column_info *c = &column_info[col];

	switch ((enum column_type)c->type) {
	case COLUMN_ADDR:
		return FORM_ADDR;
	case COLUMN_MAC:
		return FORM_MAC;
	case COLUMN_TIME:
		return FORM_TIME;
	default:
		break;
	}
	if (col == COL_protocol)
		return FORM_PROTOCOL;
	return c->flags & COLUMN_HEX ? FORM_HEX : FORM_NUMBER;
}

enum form
key_form(const struct key_part *part)
{
	switch ((enum key_function)part->function) {
	case KEY_SERVICE:
		return FORM_SERVICE;
	case KEY_WEEKDAY:
		return FORM_WEEKDAY;
	case KEY_DAY:
		return FORM_DAY;
	case KEY_BIN:
		return FORM_TIME;
	case KEY_HOUR:
		return FORM_NUMBER;
	default:
		return groups_column_form(part->col[0]);
	}
}

static enum form
groups_rate_form(const struct measure *m)
{
	return m->factor == 8 ? FORM_BITS_RATE : FORM_RATE;
}

enum form
measure_form(const struct measure *m)
{
	bool of_value = m->function != MEASURE_FLOWS &&
	    m->function != MEASURE_DISTINCT && m->input < COL_COUNT;

	if (m->function == MEASURE_RATE)
		return groups_rate_form(m);
	if (m->type == MEASURE_TIME)
		return FORM_TIME;
	if (m->type == MEASURE_NS)
		return FORM_SPAN;
	if (m->unit == UNIT_OCTETS || m->function == MEASURE_RATIO)
		return FORM_OCTETS;
	/* The least of ports is a port, but the average is none. */
	if (of_value && m->unit == UNIT_NONE && m->type == MEASURE_UINT &&
	    m->function != MEASURE_SUM)
		return groups_column_form(m->input);
	return FORM_COUNT;
}

static size_t
groups_row(const struct groups *g, size_t row)
{
	return row < DATASET_OTHER && g->row != NULL ? g->row[row] : row;
}

static void
groups_cell(const void *arg, size_t row, unsigned column, struct cell *cell)
{
	const struct groups *g = arg;
	const struct aggregate_result *r = g->result;

	row = groups_row(g, row);
	if (column < r->key.nparts)
		aggregate_key(r, row, column, &cell->v);
	else
		aggregate_measure(r, row, column - r->key.nparts, &cell->v);
}

static bool
groups_is_other(const void *arg, size_t row)
{
	const struct groups *g = arg;

	return row < DATASET_OTHER &&
	    aggregate_is_other(g->result, groups_row(g, row));
}

static void
groups_add_measure(struct dataset *d, const struct measure *m)
{
	struct dataset_column *c =
	    dataset_add(d, m->name, measure_form(m), false);

	c->sum = m->function == MEASURE_FLOWS || m->function == MEASURE_SUM;
	c->estimated = m->function == MEASURE_DISTINCT ||
	    m->function == MEASURE_PERCENTILE;
}

void
groups_dataset(struct groups *g, struct dataset *d,
    const struct aggregate_result *result, unsigned nmeasures)
{
	const struct aggregate_output *o = result->output;
	bool bins = o->bin_ns != 0;

	*g = (struct groups) { .result = result };
	*d = (struct dataset) { .nrows = result->nrows,
		.has_rest = result->key.nparts > 0,
		.ngroups = bins ? result->nrows : result->ngroups,
		.cell = groups_cell,
		.is_other = bins && o->key.nparts > 0 ? groups_is_other : NULL,
		.arg = g };
	/* What did not pass is there, too. */
	d->has_other =
	    !bins && (result->ngroups > result->nrows || o->nhaving > 0);
	for (unsigned i = 0; i < result->key.nparts; i++)
		(void)dataset_add(d, result->key.part[i].name,
		    key_form(&result->key.part[i]), true);
	for (unsigned i = 0; i < nmeasures; i++)
		groups_add_measure(d, &o->measures.measure[i]);
	if (result->key.nparts > 0)
		d->chart = result->key.nparts +
		    (o->order > 0 ? (unsigned)o->order : 0);
}

/* --- Bins in another order than that of the time --- */

struct ranked_bin {
	struct aggregate_value value; /* of the measure; none is last */
	bool ascending;
	size_t row;
};

static int
ranked_bin_compare(const void *a, const void *b)
{
	const struct ranked_bin *x = a, *y = b;
	bool x_none = x->value.kind == VALUE_NONE;
	int order = value_order(&x->value, &y->value);

	if (x_none != (y->value.kind == VALUE_NONE))
		return x_none ? 1 : -1;
	if (order != 0)
		return x->ascending ? order : -order;
	return x->row < y->row ? -1 : x->row > y->row;
}

static struct ranked_bin
ranked_bin_of(
    const struct aggregate_result *r, size_t row, int order, bool ascending)
{
	struct ranked_bin bin = { .row = row, .ascending = ascending };

	if (order != ORDER_BY_KEY)
		aggregate_measure(r, row, (unsigned)order, &bin.value);
	return bin;
}

bool
groups_order_bins(struct groups *g, struct dataset *d, int order,
    bool ascending, uint64_t limit)
{
	const struct aggregate_result *r = g->result;
	struct ranked_bin *bins = calloc(r->nrows + 1, sizeof(*bins));
	size_t n = 0;

	g->row = calloc(r->nrows + 1, sizeof(*g->row));
	if (bins == NULL || g->row == NULL) {
		free(bins);
		return false;
	}
	/* Bins that did not pass are others. */
	for (size_t row = 0; row < r->nrows; row++)
		if (!aggregate_is_other(r, row))
			bins[n++] = ranked_bin_of(r, row, order, ascending);
	qsort(bins, n, sizeof(*bins), ranked_bin_compare);
	d->ngroups = n;
	if (limit != 0 && limit < n)
		n = (size_t)limit;
	for (size_t i = 0; i < n; i++)
		g->row[i] = bins[i].row;
	d->nrows = n;
	d->has_other = n < r->nrows;
	free(bins);
	return true;
}

void
groups_fini(struct groups *g)
{
	free(g->row);
}
