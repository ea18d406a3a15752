/* Data sets that hold their cells; see grid.h. */
#include <stdlib.h>

#include "grid.h"
#include "value_order.h"

static const size_t octets_max = SIZE_MAX / 2;

/* A cell of the buffer, which is not aligned for it. */
static struct cell
grid_load(const struct grid *g, size_t at)
{
	struct cell cell;

	memcpy(&cell, g->cells.ptr + at * sizeof(cell), sizeof(cell));
	if (cell.text != NULL)
		cell.text = (const char *)g->texts.ptr + cell.v.uint;
	return cell;
}

static void
grid_get(const void *arg, size_t row, unsigned column, struct cell *cell)
{
	const struct grid *g = arg;
	size_t nrows = g->dataset.nrows;

	if (row == DATASET_OTHER)
		row = nrows;
	else if (row == DATASET_TOTAL)
		row = nrows + 1;
	*cell = grid_load(g, row * g->dataset.ncolumns + column);
}

void
grid_init(struct grid *g)
{
	*g = (struct grid) { .dataset = { .cell = grid_get, .arg = g } };
	buf_init(&g->cells, octets_max);
	buf_init(&g->texts, octets_max);
}

void
grid_fini(struct grid *g)
{
	buf_fini(&g->cells);
	buf_fini(&g->texts);
}

static void
grid_put(struct grid *g, const struct cell *cell)
{
	buf_append(&g->cells, cell, sizeof(*cell));
}

void
grid_cell(struct grid *g, const struct aggregate_value *v)
{
	grid_put(g, &(struct cell) { .v = *v });
}

void
grid_none(struct grid *g)
{
	grid_cell(g, &(struct aggregate_value) { .kind = VALUE_NONE });
}

void
grid_uint(struct grid *g, uint64_t n)
{
	grid_cell(
	    g, &(struct aggregate_value) { .kind = VALUE_UINT, .uint = n });
}

void
grid_real(struct grid *g, double n)
{
	grid_cell(
	    g, &(struct aggregate_value) { .kind = VALUE_REAL, .real = n });
}

void
grid_time(struct grid *g, int64_t ns)
{
	grid_cell(
	    g, &(struct aggregate_value) { .kind = VALUE_TIME, .ns = ns });
}

void
grid_span(struct grid *g, int64_t ns)
{
	grid_cell(g, &(struct aggregate_value) { .kind = VALUE_NS, .ns = ns });
}

void
grid_change(struct grid *g, const struct aggregate_value *now,
    const struct aggregate_value *before)
{
	struct cell cell = { .text = NULL };

	cell.sign = (int8_t)value_change(now, before, &cell.v);
	grid_put(g, &cell);
}

/* The texts may move: cells have their places. */
void
grid_text(struct grid *g, const char *text)
{
	const struct cell cell = {
		.v = { .kind = VALUE_UINT, .uint = g->texts.len }, .text = ""
	};

	buf_append(&g->texts, text, strlen(text) + 1);
	grid_put(g, &cell);
}

void
grid_end(struct grid *g, bool rest)
{
	size_t row = g->dataset.ncolumns * sizeof(struct cell);

	g->dataset.nrows = row > 0 ? g->cells.len / row : 0;
	if (g->dataset.nrows >= 2 && rest) {
		g->dataset.has_rest = true;
		g->dataset.nrows -= 2;
	}
	g->dataset.ngroups = g->dataset.nrows;
}

/* A row, and the value that orders it. */
struct grid_rank {
	struct aggregate_value value;
	size_t row;
};

static int
grid_rank_compare(const void *a, const void *b)
{
	const struct grid_rank *x = a, *y = b;

	int order = value_order(&y->value, &x->value);

	if (order != 0)
		return order;
	return x->row < y->row ? -1 : x->row > y->row;
}

bool
grid_sort(struct grid *g, unsigned column, uint64_t limit)
{
	size_t n = g->dataset.nrows, ncolumns = g->dataset.ncolumns;
	struct grid_rank *ranks = calloc(n + 1, sizeof(*ranks));
	struct buf cells;

	if (ranks == NULL || !grid_ok(g)) {
		free(ranks);
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		const struct cell cell = grid_load(g, i * ncolumns + column);

		ranks[i] = (struct grid_rank) { cell.v, i };
	}
	qsort(ranks, n, sizeof(*ranks), grid_rank_compare);
	if (limit != 0 && limit < n)
		n = (size_t)limit;
	buf_init(&cells, octets_max);
	for (size_t i = 0; i < n; i++)
		buf_append(&cells,
		    g->cells.ptr +
			ranks[i].row * ncolumns * sizeof(struct cell),
		    ncolumns * sizeof(struct cell));
	free(ranks);
	buf_fini(&g->cells);
	g->cells = cells;
	g->dataset.nrows = n;
	return buf_ok(&cells);
}

bool
grid_ok(const struct grid *g)
{
	return buf_ok(&g->cells) && buf_ok(&g->texts);
}
