/* Sets of elements; see other_filter.h. */
#include <stdlib.h>

#include "other_filter.h"

static int
id_compare(const void *a, const void *b)
{
	const struct other_id *x = a, *y = b;

	if (x->pen != y->pen)
		return x->pen < y->pen ? -1 : 1;
	return x->id < y->id ? -1 : x->id > y->id;
}

size_t
other_filter_sort(struct other_id *ids, size_t n)
{
	size_t kept = 0;

	if (n == 0)
		return 0;
	qsort(ids, n, sizeof(*ids), id_compare);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || id_compare(&ids[i], &ids[kept - 1]) != 0)
			ids[kept++] = ids[i];
	return kept;
}

bool
other_filter_has(const struct other_filter *filter, uint32_t pen, uint16_t id)
{
	struct other_id key = { pen, id };

	return filter->all ||
	    (filter->n > 0 && bsearch(&key, filter->ids, filter->n,
		sizeof(key), id_compare) != NULL);
}
