/*
 * Which rows of a scan pass: those in a time range for which a predicate holds;
 * and which columns must be read to decide that, and which afterwards.
 *
 * Called by scan_files.c, scan_source_open.c, block_scan.c. Test:
 * test/unit/query/test_scan.c.
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
	struct colset ranged; /* those of them whose values are not needed */
	struct colset want; /* columns that the caller uses of rows that pass */
	/*
	 * address columns for which a number is enough; see struct
	 * address_table
	 */
	struct colset numbered;
};

/* Fill first and ranged from the others. */
void row_filter_settle(struct row_filter *f);

/* Columns that are neither tested nor used: they need not be filled. */
struct colset row_filter_unasked(const struct row_filter *f);

/* Unselect rows that do not pass. */
void row_filter_select(const struct row_filter *f, struct batch *batch);

/* May a row of the block pass, by its head? */
bool row_filter_may_match(
    const struct row_filter *f, const struct prune_facts *facts);
/* Does it pay off to test runs of rows; and may a row of a run pass? */
bool row_filter_asks_runs(const struct row_filter *f);
bool row_filter_run_may_match(
    const struct row_filter *f, const struct prune_facts *facts);
/* Does every row of the block pass, by its head? */
bool row_filter_takes_all(const struct row_filter *f, const struct block *b);

#endif
