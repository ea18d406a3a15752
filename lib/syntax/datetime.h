/*
 * Times as written in filters, configurations and on command lines; the grammar
 * is in flowd.conf(5), "Times".
 *
 * Test: test/unit/syntax/test_datetime.c.
 */
#ifndef FLOWD_DATETIME_H
#define FLOWD_DATETIME_H

#include <stdbool.h>
#include <stdint.h>

#include "civil.h"
#include "result.h"

/*
 * The interval that a time names, as precisely as it is written, in nanoseconds
 * since 1970, including both ends. When clocks are set back it may occur twice.
 * When they are set forward it may not occur at all: last_ns is then before
 * first_ns, the moment of the change.
 */
struct datetime {
	int64_t first_ns, last_ns;
	int64_t again_first_ns, again_last_ns; /* once: the same */
	int64_t begin_late_ns; /* when it begins the last time */
	bool skipped; /* its begin */
	struct zone zone; /* in which it is meant */
};

/* The context of a time. */
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
