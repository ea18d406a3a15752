/* Bins of a range; see bin_range.h. */
#include <math.h>
#include <stdlib.h>

#include "bin_range.h"

enum {
	BINS_MAX = 10000000
};

static void
bin_range_widen(struct bin_range *range, bool *some, uint32_t *last,
    const struct aggregate_result *r)
{
	for (size_t row = 0; row < r->nrows; row++) {
		struct aggregate_value v;
		uint32_t bin;

		aggregate_key(r, row, 0, &v);
		if (v.kind != VALUE_TIME)
			continue;
		bin = time_bin(&range->bins, v.ns);
		if (!*some || bin < range->first)
			range->first = bin;
		if (!*some || bin > *last)
			*last = bin;
		*some = true;
	}
}

int
bin_range_init(struct bin_range *range, const struct scan_options *scan,
    struct aggregate_result *const *results, size_t n, struct flowd_error *err)
{
	const struct timerange *asked = &scan->range;
	uint32_t last = 0;
	bool some = false;

	*range = (struct bin_range) { .n = 0 };
	time_bins_init(&range->bins, results[0]->output->bin_ns,
	    (struct zone) { .local = !scan->utc }, scan->now_ns);
	for (size_t i = 0; i < n; i++)
		bin_range_widen(range, &some, &last, results[i]);
	if (!some)
		return 0;
	if (asked->after_ns != INT64_MIN)
		range->first = time_bin(&range->bins, asked->after_ns);
	if (asked->before_ns != INT64_MAX)
		last = time_bin(&range->bins, asked->before_ns - 1);
	if (last < range->first)
		return 0;
	range->n = (size_t)last - range->first + 1;
	return range->n <= BINS_MAX
	    ? 0
	    : flowd_fail(err, FLOWD_EINVAL,
		  "-b: there are %zu bins, more than %d", range->n, BINS_MAX);
}

size_t
bin_range_place(
    struct bin_range *range, const struct aggregate_result *r, size_t row)
{
	struct aggregate_value v;
	uint32_t bin;

	aggregate_key(r, row, 0, &v);
	if (v.kind != VALUE_TIME)
		return SIZE_MAX;
	bin = time_bin(&range->bins, v.ns);
	return bin >= range->first && bin - range->first < range->n
	    ? bin - range->first
	    : SIZE_MAX;
}

double
bin_range_seconds(const struct bin_range *range, size_t place)
{
	uint32_t bin = range->first + (uint32_t)place;

	return (double)(time_bin_begin(&range->bins, bin + 1) -
		   time_bin_begin(&range->bins, bin)) /
	    1e9;
}

static int
bin_range_compare_reals(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

double
bin_range_percentile(double *values, size_t n, double percent)
{
	size_t rank = (size_t)ceil((double)n * percent / 100 - 1e-9);

	if (n == 0)
		return 0;
	qsort(values, n, sizeof(*values), bin_range_compare_reals);
	return values[rank > 0 ? rank - 1 : 0];
}
