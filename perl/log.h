/*
 * Logs that are read: a scan, and what makes hashes of its flows. An object of
 * Flowd.
 *
 * Tests: t/classic.t, t/rows.t, t/damage.t.
 */
#ifndef FLOWD_PERL_LOG_H
#define FLOWD_PERL_LOG_H

#include "flow.h"
#include "handle.h"
#include "row.h"

struct log {
	struct flowd_scan *scan;
	const struct flowd_batch *batch; /* the scan's; NULL: none */
	size_t row;
	U32 fields; /* of classic flows: which are wanted */
	int is_rows; /* it has columns that were asked for, not classic ones */
	struct flow_maker flows;
	struct row_maker rows;
};

extern const struct handle_type log_type;

/* Croaks when it cannot be opened. */
struct log *log_open(pTHX_ SV *paths, HV *options);
/* The next flow as a hash; NULL at the end. Croaks on damage. */
SV *log_flow(pTHX_ struct log *log);
SV *log_row(pTHX_ struct log *log);
/* How many flows there are; the log is at its end then. */
UV log_count(pTHX_ struct log *log);


#endif
