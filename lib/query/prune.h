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

/* Facts about the rows of a block, or of a run of rows. */
struct prune_facts {
	const struct block *block;
	/*
	 * Is it certain that no row has the address in this column, src_addr or
	 * dst_addr? False when that is not known.
	 */
	bool (*lacks)(void *arg, unsigned col, const struct addr *addr);
	void *arg;	/* lacks may be NULL */
};

/* The columns that the rules test or set. */
struct colset prune_columns(const struct ruleset *rules);

/* Those of them of which not only ranges are tested; see leaf_is_ranges(). */
struct colset prune_valued(const struct ruleset *rules);

/*
 * Do the rules test for a host, and so little else that it pays off to prune
 * runs of rows, too?
 */
bool prune_seeks_host(const struct ruleset *rules);

/* May a row be accepted? Flows that no rule matches are accepted. */
bool prune_may_accept(const struct ruleset *set,
    const struct prune_facts *facts);

#endif
