/*
 * Pruning: decides by the head of a block of a columnar log whether rules can
 * accept any of its rows, so that other blocks need not be read.
 *
 * An expression is evaluated over the ranges of values in the block. The result
 * is true, false or either. Expressions that are not known here give either: a
 * new kind of expression costs time and never loses a flow.
 *
 * Called by flowd-reader. Test: test/unit/query/test_prune.c.
 */
#ifndef FLOWD_PRUNE_H
#define FLOWD_PRUNE_H

#include "block_reader.h"
#include "ruleset.h"

/* What is known about the rows of a block, or of a run of them. */
struct prune_facts {
	const struct block *block;
	/*
	 * Is the address in no row of this column, src_addr or dst_addr? False
	 * when that is not known.
	 */
	bool (*lacks)(void *arg, unsigned col, const struct addr *addr);
	void *arg;	/* lacks may be NULL */
};

/* Columns that the rules of a list test or set. */
struct colset prune_columns(const struct ruleset *rules);

/*
 * Do the rules test for a host, and so little else that it pays to prune runs
 * of some rows, too?
 */
bool prune_seeks_host(const struct ruleset *rules);

/* May a row be accepted? A flow that no rule matches is. */
bool prune_may_accept(const struct ruleset *set,
    const struct prune_facts *facts);

#endif
