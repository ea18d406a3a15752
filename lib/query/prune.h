/*
 * What rules can say of a whole block of a columnar log before its rows are
 * looked at: which columns they test, and whether they can accept any row,
 * going by what the head of the block tells of its columns.
 *
 * An expression is evaluated over what a block may hold, to what it may give:
 * true, false, or either. What is not known here may give either, so that a
 * new kind of expression costs time and never a flow.
 *
 * Called by flowd-reader. Test: test/unit/query/test_prune.c.
 */
#ifndef FLOWD_PRUNE_H
#define FLOWD_PRUNE_H

#include "block_reader.h"
#include "ruleset.h"

/* What is known of the rows of a block, or of a group of them. */
struct prune_facts {
	const struct block *block;
	/*
	 * Is the address in none of the rows in this column, which is that of
	 * sources or that of destinations? False when that is not known.
	 */
	bool (*lacks)(void *arg, unsigned col, const struct addr *addr);
	void *arg;	/* lacks may be NULL */
};

/* Columns that the rules of a list test or set. */
struct colset prune_columns(const struct ruleset *rules);

/*
 * Do the rules test for a host, and so little else that they can be asked of
 * every few rows?
 */
bool prune_seeks_host(const struct ruleset *rules);

/* May a row be accepted? A flow that no rule matches is. */
bool prune_may_accept(const struct ruleset *set,
    const struct prune_facts *facts);

#endif
