/*
 * Times as people write them, in filters, configurations and on command lines;
 * the grammar is in flowd.conf(5), "Times".
 *
 * Test: test/unit/filter/test_datetime.c.
 */
#ifndef FLOWD_DATETIME_H
#define FLOWD_DATETIME_H

#include <stdbool.h>
#include <stdint.h>

#include "civil.h"
#include "result.h"

/*
 * What a time names, as precise as it is written, in nanoseconds since 1970;
 * both ends belong to it. Where clocks are set back it may come twice. Where
 * they are set forward it may not come at all: last_ns is before first_ns then,
 * which is when they are set.
 */
struct datetime {
	int64_t first_ns, last_ns;
	int64_t again_first_ns, again_last_ns; /* once: the same */
	int64_t begin_late_ns; /* when it begins the last time */
	bool skipped; /* its begin */
	struct zone zone; /* in which it is meant */
};

/* From where it is looked at. */
struct datetime_view {
	int64_t now_ns; /* 0: nothing may hang on it */
	bool utc; /* instead of local time */
	bool classic; /* the 30th of February is the 2nd of March */
	const struct datetime *start; /* of the range that ends; or NULL */
};

/* Returns 0, or FLOWD_EINVAL with err set. */
int datetime_parse(const char *text, const struct datetime_view *view,
    struct datetime *d, struct flowd_error *err);

#endif
