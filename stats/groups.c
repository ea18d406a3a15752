/* Groups of an aggregate; see groups.h. */
#include <stdio.h>

#include "groups.h"

static enum form
column_form(unsigned col)
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
		return column_form(part->col[0]);
	}
}

static enum form
measure_rate_form(const struct measure *m)
{
	return m->factor == 8 ? FORM_BITS_RATE : FORM_RATE;
}

enum form
measure_form(const struct measure *m)
{
	bool of_value = m->function != MEASURE_FLOWS &&
	    m->function != MEASURE_DISTINCT && m->input < COL_COUNT;

	if (m->function == MEASURE_RATE)
		return measure_rate_form(m);
	if (m->type == MEASURE_TIME)
		return FORM_TIME;
	if (m->type == MEASURE_NS)
		return FORM_SPAN;
	if (m->unit == UNIT_OCTETS || m->function == MEASURE_RATIO)
		return FORM_OCTETS;
	/* The least of ports is a port, but the average is none. */
	if (of_value && m->unit == UNIT_NONE && m->type == MEASURE_UINT &&
	    m->function != MEASURE_SUM)
		return column_form(m->input);
	return FORM_COUNT;
}

static void
groups_cell(const void *arg, size_t row, unsigned column, struct cell *cell)
{
	const struct aggregate_result *r = arg;

	if (r->nrows == 0)
		row = AGGREGATE_TOTAL;
	if (column < r->key.nparts)
		aggregate_key(r, row, column, &cell->v);
	else
		aggregate_measure(r, row, column - r->key.nparts, &cell->v);
}

void
groups_dataset(struct dataset *d, const struct aggregate_result *result,
    unsigned nmeasures)
{
	const struct measures *m = &result->output->measures;

	*d = (struct dataset) { .nrows = result->nrows,
		.has_rest = result->key.nparts > 0,
		.ngroups = result->ngroups,
		.cell = groups_cell,
		.arg = result };
	/* Without keys all flows are a group, also when there is none. */
	if (result->key.nparts == 0 && result->output->nhaving == 0)
		d->nrows = 1;
	for (unsigned i = 0; i < result->key.nparts; i++)
		(void)dataset_add(d, result->key.part[i].name,
		    key_form(&result->key.part[i]), true);
	for (unsigned i = 0; i < nmeasures; i++) {
		struct dataset_column *c = dataset_add(
		    d, m->measure[i].name, measure_form(&m->measure[i]), false);

		c->sum = m->measure[i].function == MEASURE_FLOWS ||
		    m->measure[i].function == MEASURE_SUM;
		c->estimated = m->measure[i].function == MEASURE_DISTINCT ||
		    m->measure[i].function == MEASURE_PERCENTILE;
	}
}
