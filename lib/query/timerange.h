/*
 * Ranges of time as people write them on a command line:
 *
 *	START		from then on
 *	START,END	from START, and before END
 *	,END		before END
 *
 * START and END are a time, YYYY-MM-DD with THH:MM, THH:MM:SS or THH:MM:SS.SSS
 * behind it if need be, in local time or with a Z behind it in UTC; without a
 * date it is of today, and as END of the day of START; now; today or yesterday,
 * when that day begins; or -SPAN, so long before now. END may be +SPAN, so long
 * after START. SPAN is numbers with s, m, h, d or w: 15m, 1h30m.
 *
 * Called by the tools. Test: test/unit/query/test_timerange.c.
 */
#ifndef FLOWD_TIMERANGE_H
#define FLOWD_TIMERANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "result.h"

struct timerange {
	int64_t after_ns;	/* from this on; INT64_MIN: no matter */
	int64_t before_ns;	/* before this; INT64_MAX: no matter */
};

/* utc: times without a Z are in UTC, too. 0, or FLOWD_EINVAL with err set. */
int timerange_parse(const char *text, int64_t now_ns, bool utc,
    struct timerange *range, struct flowd_error *err);

#endif
