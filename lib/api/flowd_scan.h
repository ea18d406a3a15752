/*
 * What other files of lib/api see of a scan of the public header.
 *
 * Called by arrow_stream.c, flowd_query.c. Test: test/unit/api/test_scan.c,
 * test_query.c.
 */
#ifndef FLOWD_FLOWD_SCAN_H
#define FLOWD_FLOWD_SCAN_H

#include "column_list.h"
#include "flowd/scan.h"
#include "scan.h"

/* The columns of its batches. */
const struct column_list *flowd_scan_columns(const struct flowd_scan *s);

struct decoder;

/* What a scan is opened for, other than to return its flows. */
struct scan_owner {
	void *arg; /* NULL: it has no owner */
	/* Say to its plan which columns are read. */
	void (*want)(const void *arg, struct scan_plan *plan);
	void (*drop)(void *arg); /* give back the reference of the scan */
	struct decoder *decoder; /* of captures, borrowed; NULL: one of the
				  * scan's own */
};

/*
 * A scan for an owner, to which it has a reference from then on. Its flows are
 * read by flowd_scan_run_for() only. NULL with err set, and the reference is
 * still the caller's.
 */
struct flowd_scan *flowd_scan_open_for(
    const struct flowd_scan_options *options, const struct scan_owner *owner,
    struct flowd_error *err);
/*
 * Hand all its flows to a consumer. Returns as scan_run(); FLOWD_ECANCELED when
 * it was cancelled before it was done; or FLOWD_EINVAL when the scan is another
 * owner's, or was read before.
 */
int flowd_scan_run_for(struct flowd_scan *s, const void *owner,
    const struct scan_consumer *consumer, void *arg, struct flowd_error *err);

#endif
