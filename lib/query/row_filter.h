/*
 * Which rows of a scan pass: those in a time range for which a predicate
 * holds; and which columns are read before that is known, and which after.
 *
 * Called by scan_files.c, scan_source_open.c, block_scan.c. Test: test/unit/
 * query/test_scan.c.
 */
#ifndef FLOWD_ROW_FILTER_H
#define FLOWD_ROW_FILTER_H

#include "predicate.h"
#include "prune.h"

struct row_filter {
	bool timed; /* only flows whose time is in the range */
	int64_t after_ns, before_ns; /* from, and before this */
	struct predicate *predicate; /* borrowed; NULL: none */
	struct colset first; /* columns that decide which rows pass */
	struct colset want; /* columns that are used of those that do */
	struct colset numbered; /* of these, addresses of which a number will
				 * do; see struct address_table */
};

/* Fill first from the others. */
void row_filter_settle(struct row_filter *f);

/* Columns that neither decide nor are used: they need not be filled. */
struct colset row_filter_unasked(const struct row_filter *f);

/* Unselect rows that do not pass. */
void row_filter_select(const struct row_filter *f, struct batch *batch);

/* May a row of the block pass, by what its head tells? */
bool row_filter_may_match(
    const struct row_filter *f, const struct prune_facts *facts);
/* Is it worthwhile to ask of runs of its rows, and may a row of one pass? */
bool row_filter_asks_runs(const struct row_filter *f);
bool row_filter_run_may_match(
    const struct row_filter *f, const struct prune_facts *facts);
/* Do all pass, so that they need not be looked at? */
bool row_filter_takes_all(const struct row_filter *f, const struct block *b);

#endif
