/*
 * Ranges of time as people write them on a command line:
 *
 *	START		from then on
 *	START,END	from START, and before END
 *	,END		before END
 *
 * START and END are times as in flowd.conf(5), "Times"; where one names a
 * day, an hour, ... it is when that begins.
 *
 * Called by the tools. Test: test/unit/query/test_timerange.c.
 */
#ifndef FLOWD_TIMERANGE_H
#define FLOWD_TIMERANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "result.h"

struct timerange {
	int64_t after_ns;	/* inclusive; INT64_MIN: unlimited */
	int64_t before_ns;	/* exclusive; INT64_MAX: unlimited */
};

/*
 * utc: times without a zone are in UTC instead of local time. Returns 0, also
 * for an empty range that the clock skips, or FLOWD_EINVAL with err set.
 */
int timerange_parse(const char *text, int64_t now_ns, bool utc,
    struct timerange *range, struct flowd_error *err);

#endif
