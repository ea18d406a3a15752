/*
 * Rows of a result: copies of groups, and a heap that keeps the best of them.
 *
 * Used by aggregate_result.c and aggregate_series.c. Test: test/unit/
 * aggregate/test_aggregate_result.c.
 */
#ifndef FLOWD_RESULT_ROWS_H
#define FLOWD_RESULT_ROWS_H

#include "aggregate_state.h"

struct aggregate_row {
	uint64_t *key; /* of both arrays: words */
	uint64_t *state;
	bool general;
	bool other; /* the groups of a bin that are not shown; of its key only
		     * the bin counts */
	bool none; /* the measure that orders has no value */
	uint64_t rank; /* of that measure: greater is more */
};

/* Octets of the rows of a result. */
struct row_memory {
	atomic_size_t used;
	size_t max; /* 0: no limit */
};

/* The best groups so far, the worst of them on top. */
struct row_heap {
	struct aggregate_group *group;
	struct row_memory *memory; /* NULL: no limit */
	size_t n, cap, limit; /* limit 0: none */
	struct aggregate_row *row;
	uint64_t *other; /* states of groups that are not in it */
	bool left_out; /* there are such */
};

/* FLOWD_ENOMEM, with the text for it in err. */
int no_memory(struct flowd_error *err);
/* The same for a row that found no room. */
int row_memory_fail(const struct row_memory *m, struct flowd_error *err);

/* A copy of a group. False when out of memory. */
bool row_copy(struct aggregate_group *g, struct aggregate_row *to,
    const struct aggregate_row *from);
void row_fini(struct aggregate_group *g, struct aggregate_row *row);
/* A row of no group, with the states of no flow. NULL when out of memory. */
struct aggregate_row *row_new_sum(struct aggregate_group *g);

/* Set its rank and none by the order of the output. */
void row_set_rank(
    const struct aggregate_group *g, struct aggregate_row *row);
/* Does it pass what the output wants of groups? */
bool row_passes(const struct aggregate_group *g,
    const struct aggregate_row *row);
/* Which of two groups stands first in the result: <0, or 0: the same one. */
int row_compare(const struct aggregate_group *g,
    const struct aggregate_row *a, const struct aggregate_row *b);

/*
 * Put a copy of a group in, or what it pushes out to the others. False when out
 * of memory: row_memory_fail().
 */
bool row_heap_put(struct row_heap *h, const struct aggregate_row *row);
/* Move the rows of another heap, whose other is this one's, too. */
bool row_heap_join(struct row_heap *h, struct row_heap *from);
/* Leave a group out. */
bool row_heap_leave_out(struct row_heap *h, const struct aggregate_row *row);
/* Put its rows in the order of the result. */
bool row_heap_sort(struct row_heap *h);

#endif
