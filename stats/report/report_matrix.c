/*
 * Traffic between the groups of one key and those of another: a row for each of
 * the first, a column for each of the second. Rows and columns are those with
 * most of it; for programs each cell is a line.
 */
#include <stdio.h>
#include <stdlib.h>

#include "grid.h"
#include "groups.h"
#include "report_print.h"
#include "report_run.h"
#include "value_order.h"

enum {
	OUTPUT_ROWS,
	OUTPUT_COLUMNS,
	OUTPUT_CELLS,
	OUTPUTS
};

enum {
	SIDE_MAX = 24 /* rows and columns that fit into a table */
};

struct matrix {
	struct stats *stats;
	struct aggregate_result *side[2]; /* rows, columns */
	struct aggregate_result *cells;
	/* Sums, with that of the others at the end. */
	uint64_t sum[SIDE_MAX + 1][SIDE_MAX + 1];
};

static enum aggregate_kind
matrix_kind(const struct matrix *m)
{
	return m->cells->output->measures.measure[0].type == MEASURE_NS
	    ? VALUE_NS
	    : VALUE_UINT;
}

static void
matrix_put_sum(const struct matrix *m, struct grid *g, uint64_t sum)
{
	if (matrix_kind(m) == VALUE_NS)
		grid_span(g, (int64_t)sum);
	else
		grid_uint(g, sum);
}

/* The row of a side that a cell is in; the one behind them all if none. */
static size_t
matrix_find(const struct matrix *m, unsigned side, size_t cell)
{
	const struct aggregate_result *r = m->side[side];
	struct aggregate_value wanted, v;

	aggregate_key(m->cells, cell, side, &wanted);
	for (size_t i = 0; i < r->nrows; i++) {
		aggregate_key(r, i, 0, &v);
		if (value_order(&v, &wanted) == 0)
			return i;
	}
	return r->nrows;
}

/* Sums stop at the greatest value; the notes say so. */
static uint64_t
matrix_add(const struct matrix *m, uint64_t a, uint64_t b)
{
	uint64_t most = matrix_kind(m) == VALUE_NS ? INT64_MAX : UINT64_MAX;

	return a > most - b ? most : a + b;
}

static void
matrix_sum(struct matrix *m)
{
	for (size_t i = 0; i < m->cells->nrows; i++) {
		struct aggregate_value v;
		uint64_t *at;

		aggregate_measure(m->cells, i, 0, &v);
		at = &m->sum[matrix_find(m, 0, i)][matrix_find(m, 1, i)];
		*at = matrix_add(m, *at, v.uint);
	}
}

static uint64_t
matrix_row_total(const struct matrix *m, size_t row)
{
	uint64_t total = 0;

	for (size_t i = 0; i <= m->side[1]->nrows; i++)
		total = matrix_add(m, total, m->sum[row][i]);
	return total;
}

static uint64_t
matrix_column_total(const struct matrix *m, size_t column)
{
	uint64_t total = 0;

	for (size_t i = 0; i <= m->side[0]->nrows; i++)
		total = matrix_add(m, total, m->sum[i][column]);
	return total;
}

static enum form
matrix_form(const struct matrix *m)
{
	return measure_form(&m->cells->output->measures.measure[0]);
}

/* The columns are named by their keys. */
static void
matrix_add_columns(struct matrix *m, struct dataset *d)
{
	const struct aggregate_result *r = m->side[1];
	char name[KEY_NAME_MAX + 8];
	struct buf text;

	(void)snprintf(
	    name, sizeof(name), "%s \\", m->side[0]->key.part[0].name);
	(void)dataset_add(d, name, key_form(&m->side[0]->key.part[0]), true);
	buf_init(&text, DATASET_NAME_MAX * 4);
	for (size_t i = 0; i < r->nrows; i++) {
		struct cell cell = { .text = NULL };

		aggregate_key(r, i, 0, &cell.v);
		buf_reset(&text);
		cell_show(
		    &cell, key_form(&r->key.part[0]), &m->stats->style, &text);
		buf_append_char(&text, '\0');
		(void)dataset_add(d,
		    text.len > 1 ? (const char *)text.ptr : "-", matrix_form(m),
		    false);
	}
	buf_fini(&text);
	(void)dataset_add(d, "other", matrix_form(m), false);
	(void)dataset_add(d, "total", matrix_form(m), false);
}

static void
matrix_put_rows(struct matrix *m, struct grid *g)
{
	size_t nrows = m->side[0]->nrows, ncolumns = m->side[1]->nrows;
	uint64_t total = 0;

	for (size_t row = 0; row <= nrows; row++) {
		struct aggregate_value key = { .kind = VALUE_NONE };

		if (row < nrows)
			aggregate_key(m->side[0], row, 0, &key);
		grid_cell(g, &key);
		for (size_t i = 0; i <= ncolumns; i++)
			matrix_put_sum(m, g, m->sum[row][i]);
		matrix_put_sum(m, g, matrix_row_total(m, row));
		total = matrix_add(m, total, matrix_row_total(m, row));
	}
	grid_none(g);
	for (size_t i = 0; i <= ncolumns; i++)
		matrix_put_sum(m, g, matrix_column_total(m, i));
	matrix_put_sum(m, g, total);
	grid_end(g, true);
	g->dataset.has_other = matrix_row_total(m, nrows) > 0;
}

static int
matrix_print_table(struct matrix *m, struct flowd_error *err)
{
	struct grid g;
	int bad;

	grid_init(&g);
	matrix_add_columns(m, &g.dataset);
	matrix_put_rows(m, &g);
	bad = grid_ok(&g) ? report_print(m->stats, &g.dataset, NULL, err)
			  : flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	grid_fini(&g);
	return bad;
}

/* A line for each cell of the rows and columns that are shown. */
static int
matrix_print_cells(struct matrix *m, struct flowd_error *err)
{
	const struct aggregate_result *r = m->cells;
	struct grid g;
	int bad;

	grid_init(&g);
	for (unsigned i = 0; i < 2; i++)
		(void)dataset_add(&g.dataset, r->key.part[i].name,
		    key_form(&r->key.part[i]), true);
	(void)dataset_add(&g.dataset, r->output->measures.measure[0].name,
	    matrix_form(m), false);
	for (size_t i = 0; i < m->side[0]->nrows; i++)
		for (size_t k = 0; k < m->side[1]->nrows; k++) {
			struct aggregate_value v;

			aggregate_key(m->side[0], i, 0, &v);
			grid_cell(&g, &v);
			aggregate_key(m->side[1], k, 0, &v);
			grid_cell(&g, &v);
			matrix_put_sum(m, &g, m->sum[i][k]);
		}
	grid_end(&g, false);
	bad = grid_ok(&g) ? report_print(m->stats, &g.dataset, NULL, err)
			  : flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	grid_fini(&g);
	return bad;
}

static int
matrix_print(struct stats *s, struct aggregate *a, struct flowd_error *err)
{
	struct matrix *m = calloc(1, sizeof(*m));
	int bad = 0;

	if (m == NULL)
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	m->stats = s;
	m->side[0] = aggregate_result(a, OUTPUT_ROWS, err);
	m->side[1] = aggregate_result(a, OUTPUT_COLUMNS, err);
	m->cells = aggregate_result(a, OUTPUT_CELLS, err);
	if (m->side[0] == NULL || m->side[1] == NULL || m->cells == NULL)
		bad = FLOWD_ENOMEM;
	if (bad == 0) {
		matrix_sum(m);
		bad = s->opts.writer->people ? matrix_print_table(m, err)
					     : matrix_print_cells(m, err);
		report_notes(&m->cells->notes);
	}
	aggregate_result_free(m->side[0]);
	aggregate_result_free(m->side[1]);
	aggregate_result_free(m->cells);
	free(m);
	return bad;
}

/* The two keys apart, and together. */
static int
matrix_plan(const struct stats *s, struct aggregate_output outputs[OUTPUTS],
    struct flowd_error *err)
{
	const struct aggregate_output *asked = &s->opts.output;
	const struct measure *m = &asked->measures.measure[0];

	if (asked->key.nparts != 2 || asked->key.either ||
	    asked->key.unordered >= 0)
		return flowd_fail(err, FLOWD_EINVAL,
		    "--matrix wants two keys, as src_addr/16,dst_addr/16");
	if (asked->key.part[1].function == KEY_INTERFACE)
		return flowd_fail(err, FLOWD_EINVAL,
		    "--matrix: %s is no key without its exporter",
		    asked->key.part[1].name);
	if (m->function != MEASURE_SUM && m->function != MEASURE_FLOWS)
		return flowd_fail(err, FLOWD_EINVAL,
		    "--matrix wants a measure that adds up, as octets, not %s",
		    m->name);
	if (asked->limit == 0 || asked->limit > SIDE_MAX)
		return flowd_fail(err, FLOWD_EINVAL,
		    "-n: a matrix has 1 to %d rows and columns", SIDE_MAX);
	for (unsigned i = 0; i < OUTPUTS; i++) {
		outputs[i] = (struct aggregate_output) { .key = asked->key,
			.limit = asked->limit };
		outputs[i].measures = asked->measures;
	}
	outputs[OUTPUT_COLUMNS].key.part[0] = asked->key.part[1];
	for (unsigned i = OUTPUT_ROWS; i <= OUTPUT_COLUMNS; i++) {
		outputs[i].key.nparts = 1;
		outputs[i].key.unordered = -1;
	}
	outputs[OUTPUT_CELLS].limit = 0;
	outputs[OUTPUT_CELLS].order = ORDER_BY_KEY;
	return 0;
}

int
report_matrix(struct stats *s, struct flowd_error *err)
{
	struct aggregate_output outputs[OUTPUTS];
	struct aggregate *a;
	int bad = matrix_plan(s, outputs, err);

	if (bad != 0)
		return bad;
	a = report_aggregate_all(s, outputs, OUTPUTS, 1, err);
	if (a == NULL)
		return FLOWD_EINVAL;
	bad = report_read(s, a, err);
	if (bad == 0)
		bad = matrix_print(s, a, err);
	aggregate_free(a);
	return bad;
}
