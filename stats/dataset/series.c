/* Measures over time; see series.h. */
#include <stdlib.h>

#include "series.h"
#include "value_order.h"

/* Values of all lines together: 128 MB. */
enum {
	SERIES_VALUES = 16 * 1024 * 1024
};

/* A row of the result, for a sort by its key without the bin. */
struct series_row {
	const struct aggregate_result *result;
	size_t row, place; /* place: of its bin */
	bool other;
};

static double
series_value(const struct aggregate_value *v)
{
	switch ((enum aggregate_kind)v->kind) {
	case VALUE_UINT:
		return (double)v->uint;
	case VALUE_REAL:
		return v->real;
	case VALUE_NS:
		return (double)v->ns / 1e9;
	default:
		return 0;
	}
}

/* Others have no key: they are one line, the last. */
static int
series_row_order(const struct series_row *x, const struct series_row *y)
{
	if (x->other || y->other)
		return x->other - y->other;
	return value_order_rows(x->result, x->row, y->result, y->row, 1);
}

static int
series_row_compare(const void *a, const void *b)
{
	const struct series_row *x = a, *y = b;
	int order = series_row_order(x, y);

	return order != 0 ? order : (x->row > y->row) - (x->row < y->row);
}

/* Rows whose bins are in the range, those of one line side by side. */
static struct series_row *
series_rows_sorted(struct series_set *set, size_t *n)
{
	const struct aggregate_result *r = set->result;
	struct series_row *rows = calloc(r->nrows + 1, sizeof(*rows));

	*n = 0;
	for (size_t i = 0; rows != NULL && i < r->nrows; i++) {
		size_t place = bin_range_place(&set->range, r, i);

		if (place != SIZE_MAX)
			rows[(*n)++] = (struct series_row) { r, i, place,
				aggregate_is_other(r, i) };
	}
	if (*n > 0)
		qsort(rows, *n, sizeof(*rows), series_row_compare);
	return rows;
}

static size_t
series_count_lines(const struct series_row *rows, size_t n)
{
	size_t lines = n > 0;

	for (size_t i = 1; i < n; i++)
		lines += series_row_order(&rows[i - 1], &rows[i]) != 0;
	return lines;
}

/* Memory for all lines, whose values are one array. */
static int
series_alloc(struct series_set *set, size_t nlines, struct flowd_error *err)
{
	size_t n = set->range.n;

	if (nlines > 0 && n > SERIES_VALUES / nlines)
		return flowd_fail(err, FLOWD_EINVAL,
		    "a chart of %zu groups in %zu bins is too large; -n and -b "
		    "make it smaller",
		    nlines, n);
	set->line = calloc(nlines + 1, sizeof(*set->line));
	set->values = calloc(nlines * n + 1, sizeof(*set->values));
	return set->line != NULL && set->values != NULL
	    ? 0
	    : flowd_fail(err, FLOWD_ENOMEM, "out of memory");
}

/* A line of the rows that begin with row. */
static void
series_add(struct series_set *set, const struct series_row *row)
{
	set->line[set->n] = (struct series_line) { .row = row->row,
		.other = row->other,
		.value = set->values + set->n * set->range.n };
	set->n++;
}

static void
series_take(struct series_set *set, const struct series_row *row)
{
	struct series_line *line = &set->line[set->n - 1];
	struct aggregate_value v;
	double value;

	aggregate_measure(set->result, row->row, set->measure, &v);
	value = series_value(&v);
	line->value[row->place] = value;
	line->sum += value;
}

/* By their sums, the greatest first; the others are last. */
static int
series_line_compare(const void *a, const void *b)
{
	const struct series_line *x = a, *y = b;

	if (x->other != y->other)
		return x->other - y->other;
	if (x->sum > y->sum || x->sum < y->sum)
		return x->sum > y->sum ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

static int
series_fill_lines(struct series_set *set, struct flowd_error *err)
{
	size_t n;
	struct series_row *rows = series_rows_sorted(set, &n);
	int bad;

	if (rows == NULL)
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	bad = series_alloc(set, series_count_lines(rows, n), err);
	for (size_t i = 0; i < n && bad == 0; i++) {
		if (i == 0 || series_row_order(&rows[i - 1], &rows[i]) != 0)
			series_add(set, &rows[i]);
		series_take(set, &rows[i]);
	}
	free(rows);
	if (set->n > 0)
		qsort(set->line, set->n, sizeof(*set->line),
		    series_line_compare);
	return bad;
}

int
series_set_init(struct series_set *set, const struct scan_options *scan,
    struct aggregate_result *result, unsigned measure, struct flowd_error *err)
{
	int bad;

	*set = (struct series_set) { .result = result, .measure = measure };
	bad = bin_range_init(&set->range, scan, &result, 1, err);
	return bad == 0 ? series_fill_lines(set, err) : bad;
}

void
series_set_fini(struct series_set *set)
{
	free(set->values);
	free(set->line);
}
