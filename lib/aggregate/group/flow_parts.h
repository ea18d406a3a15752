/*
 * Parts of flows: what an output counts. Mostly that is a selected row of a
 * batch; with time bins it is the share of a row that falls into a bin.
 *
 * Used by aggregate_run.c and local_groups.c. Test: test/unit/aggregate/
 * test_flow_parts.c.
 */
#ifndef FLOWD_FLOW_PARTS_H
#define FLOWD_FLOW_PARTS_H

#include "inputs.h"
#include "time_bin.h"

enum {
	PARTS = 2 * BATCH_ROWS
};

/*
 * Of a value v the part from v * from / of to v * to / of, each rounded down:
 * the parts of a flow add up to v.
 */
struct flow_share {
	uint64_t from, to, of;
};

struct flow_parts {
	size_t n;
	size_t nwhole; /* the first are whole flows; others may be shares */
	bool dense; /* part i is row i, and whole */
	bool one_bin; /* all are in the bin of the first */
	const uint16_t *row; /* of each; own_row, or a list of rows */
	uint16_t own_row[PARTS];
	uint32_t bin[PARTS];
	struct flow_share share[PARTS]; /* from nwhole on; of 0: all of it */
};

/* Rows that are selected, in their order. */
struct row_list {
	size_t n;
	bool dense; /* all rows are */
	const uint16_t *row; /* own, or those of all_rows */
	uint16_t own[BATCH_ROWS];
	uint16_t all_rows[BATCH_ROWS];
};

void row_list_init(struct row_list *list);
void row_list_load(struct row_list *list, const struct batch *batch);

/* Goes through the rows of a batch. */
struct flow_cutter {
	const struct row_list *rows;
	const struct inputs *inputs;
	struct time_bins *bins; /* NULL: none */
	bool by_end;
	size_t at; /* of rows */
	/*
	 * When the flows of a batch are in few bins they are taken bin by bin:
	 * from first to last, bin is the next.
	 */
	bool begun, by_bin;
	uint32_t first, last;
	bool inside; /* of a flow, whose next bin is */
	uint32_t bin;
	uint64_t timeless, too_long; /* see struct aggregate_notes */
};

/* The next parts; false when there are no more. */
bool flow_cutter_next(struct flow_cutter *c, struct flow_parts *parts);

static inline uint64_t
share_of(const struct flow_share *s, uint64_t v)
{
	__extension__ typedef unsigned __int128 wide;

	if (s->of == 0)
		return v;
	return (uint64_t)((wide)v * s->to / s->of) -
	    (uint64_t)((wide)v * s->from / s->of);
}

#endif
