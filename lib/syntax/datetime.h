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
 * since 1970, both ends included. It occurs twice if clocks are set back. If
 * they are set forward over it, it does not occur: last_ns is then before
 * first_ns, the instant of the change.
 */
struct datetime {
	int64_t first_ns, last_ns;
	/* the second time; else the same */
	int64_t again_first_ns, again_last_ns;
	int64_t begin_late_ns; /* start of the last occurrence */
	bool skipped; /* its start does not occur */
	struct zone zone; /* its time zone */
};

/* The context of a time. */
struct datetime_view {
	int64_t now_ns; /* 0: relative times are errors */
	bool utc; /* UTC instead of local time */
	/* as mktime(3): the 30th of February is the 2nd of March */
	bool classic;
	/* the start, if this is the end of a range; or NULL */
	const struct datetime *start;
};

/* Returns 0, or FLOWD_EINVAL with err set. */
int datetime_parse(const char *text, const struct datetime_view *view,
    struct datetime *d, struct flowd_error *err);

#endif
