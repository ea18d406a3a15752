/*
 * Queries: an object of Flowd::Query.
 *
 * Test: t/query.t.
 */
#ifndef FLOWD_PERL_QUERY_H
#define FLOWD_PERL_QUERY_H

#include "handle.h"

struct query {
	struct flowd_query *query;
	struct flowd_groups *groups; /* NULL: not asked for yet */
};

extern const struct handle_type query_type;

/* All croak when they fail. */
struct query *query_new(pTHX_ HV *options);
void query_run(pTHX_ struct query *q, SV *paths, HV *options);

/* A new array of the names of columns. */
SV *query_names(pTHX_ struct query *q);
/* A new array of groups, each an array or a hash. */
SV *query_rows(pTHX_ struct query *q, int as_hash);
/* The row of FLOWD_ROW_OTHER or FLOWD_ROW_TOTAL, as a hash. */
SV *query_row(pTHX_ struct query *q, size_t row);
/* What is to be said beside, as a hash. */
SV *query_notes(pTHX_ struct query *q);

#endif
