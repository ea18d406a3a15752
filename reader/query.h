/*
 * What is asked of the flows that are read: a time range, a filter, and the
 * columns that are used of those that pass.
 *
 * Called by reader.c, input.c and scan.c. Test: test/program/test_reader_v4.py.
 */
#ifndef FLOWD_READER_QUERY_H
#define FLOWD_READER_QUERY_H

#include "filter.h"
#include "prune.h"

struct query {
	bool timed; /* only flows whose time is in the range */
	int64_t after_ns, before_ns; /* from, and before this */
	struct filter *filter; /* borrowed; NULL: none */
	struct colset first; /* columns that decide which rows pass */
	struct colset want; /* columns that are used of those that do */
};

/* Fill first from the others. */
void query_settle(struct query *q);

/* Columns that neither decide nor are used: they need not be filled. */
struct colset query_unasked(const struct query *q);

/* Unselect rows that do not pass. */
void query_select(const struct query *q, struct batch *batch);

/* May a row of the block pass, by what its head tells? */
bool query_may_match(
    const struct query *q, const struct prune_facts *facts);
/* Is it worthwhile to ask of runs of its rows, and may a row of one pass? */
bool query_asks_runs(const struct query *q);
bool query_run_may_match(
    const struct query *q, const struct prune_facts *facts);
/* Do all pass, so that they need not be looked at? */
bool query_takes_all(const struct query *q, const struct block *b);

/* Columns of which classic fields are made (enum classic_field). */
struct colset query_classic_columns(uint32_t fields);

#endif
