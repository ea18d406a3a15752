/* Measures over time; see series.h. */
#include <stdlib.h>

#include "key_order.h"
#include "series.h"

static double
value_real(const struct aggregate_value *v)
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

static struct series_line *
series_add(struct series_set *set, size_t row, bool other)
{
	struct series_line *line;

	if (set->n == set->cap) {
		size_t cap = set->cap == 0 ? 16 : 2 * set->cap;
		void *more = realloc(set->line, cap * sizeof(*set->line));

		if (more == NULL)
			return NULL;
		set->line = more;
		set->cap = cap;
	}
	line = &set->line[set->n];
	*line = (struct series_line) { .row = row,
		.other = other,
		.value = calloc(set->range.n + 1, sizeof(*line->value)) };
	if (line->value == NULL)
		return NULL;
	set->n++;
	return line;
}

/* There are few, as many as a chart can show. */
static struct series_line *
series_find(struct series_set *set, size_t row)
{
	const struct aggregate_result *r = set->result;
	bool other = aggregate_is_other(r, row);

	for (size_t i = 0; i < set->n; i++) {
		struct series_line *line = &set->line[i];

		if (line->other == other &&
		    (other || key_order_rows(r, line->row, r, row, 1) == 0))
			return line;
	}
	return series_add(set, row, other);
}

static double
series_sum(const struct series_set *set, const struct series_line *line)
{
	double sum = 0;

	for (size_t i = 0; i < set->range.n; i++)
		sum += line->value[i];
	return sum;
}

static void
series_sort(struct series_set *set)
{
	for (size_t i = 1; i < set->n; i++)
		for (size_t k = i; k > 0; k--) {
			struct series_line *a = &set->line[k - 1];
			struct series_line *b = &set->line[k];
			struct series_line line = *a;

			if (b->other ||
			    (!a->other &&
				series_sum(set, a) >= series_sum(set, b)))
				break;
			*a = *b;
			*b = line;
		}
}

int
series_set_init(struct series_set *set, const struct scan_options *scan,
    struct aggregate_result *result, unsigned measure, struct flowd_error *err)
{
	int bad;

	*set = (struct series_set) { .result = result, .measure = measure };
	bad = bin_range_init(&set->range, scan, &result, 1, err);
	for (size_t row = 0; row < result->nrows && bad == 0; row++) {
		size_t place = bin_range_place(&set->range, result, row);
		struct series_line *line =
		    place != SIZE_MAX ? series_find(set, row) : NULL;
		struct aggregate_value v;

		if (place == SIZE_MAX)
			continue;
		if (line == NULL) {
			bad = flowd_fail(err, FLOWD_ENOMEM, "out of memory");
			continue;
		}
		aggregate_measure(result, row, measure, &v);
		line->value[place] = value_real(&v);
		if (line->value[place] > set->top)
			set->top = line->value[place];
	}
	series_sort(set);
	return bad;
}

void
series_set_fini(struct series_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		free(set->line[i].value);
	free(set->line);
}
