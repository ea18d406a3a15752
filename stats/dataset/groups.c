/* Groups of an aggregate; see groups.h. */
#include "groups.h"

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
	case KEY_ELEMENT_UINT:
		return FORM_NUMBER;
	case KEY_ELEMENT_OCTETS:
		return FORM_ELEMENT;
	case KEY_ENTRY:
	case KEY_INTERFACE:
		return FORM_NAME;
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

static void
groups_cell(const void *arg, size_t row, unsigned column, struct cell *cell)
{
	const struct aggregate_result *r = arg;

	if (column < r->key.nparts)
		aggregate_key(r, row, column, &cell->v);
	else
		aggregate_measure(r, row, column - r->key.nparts, &cell->v);
}

static bool
groups_is_other(const void *arg, size_t row)
{
	const struct aggregate_result *r = arg;

	return row < DATASET_OTHER && aggregate_is_other(r, row);
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
groups_dataset(struct dataset *d, const struct aggregate_result *result,
    unsigned nmeasures)
{
	const struct aggregate_output *o = result->output;
	bool series = o->bin_ns != 0 && o->key.nparts > 0;

	*d = (struct dataset) { .nrows = result->nrows,
		.has_rest = result->key.nparts > 0,
		.ngroups = series ? result->nrows : result->ngroups,
		.noun = series                   ? "row"
		    : o->bin_ns != 0             ? "bin"
		    : result->key.nparts > 0     ? "group"
						 : NULL,
		.cell = groups_cell,
		.is_other = series ? groups_is_other : NULL,
		.arg = result };
	/* What did not pass is there, too. */
	d->has_other =
	    !series && (result->ngroups > result->nrows || o->nhaving > 0);
	for (unsigned i = 0; i < result->key.nparts; i++)
		(void)dataset_add(d, result->key.part[i].name,
		    key_form(&result->key.part[i]), true);
	for (unsigned i = 0; i < nmeasures; i++)
		groups_add_measure(d, &o->measures.measure[i]);
	if (result->key.nparts > 0)
		d->chart = result->key.nparts +
		    (o->order > 0 ? (unsigned)o->order : 0);
}
