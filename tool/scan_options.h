/*
 * The options that programs have in common: which flows (-t, -e, -f), which
 * columns (--fields), and the zone of times (-U). Their rows are in
 * row_options.def and log_options.def.
 *
 * Called by flowd-reader, flowd-stats and flowctl.
 * Tests: test/program/reader/test_reader.py, test_reader_times.py,
 * test_flowctl.py.
 */
#ifndef FLOWD_SCAN_OPTIONS_H
#define FLOWD_SCAN_OPTIONS_H

#include "column_list.h"
#include "scan.h"

enum scan_option {
	SCAN_OPTION_NONE, /* not a common option */
	SCAN_OPTION_UTC,
	SCAN_OPTION_EXPRESSION,
	SCAN_OPTION_TIMES,
	SCAN_OPTION_RULES,
	SCAN_OPTION_FIELDS
};

/* All texts are borrowed from the command line. */
struct scan_options {
	bool utc;
	const char *expression; /* NULL: none */
	const char *times; /* -t as given; NULL: none */
	const char *rules; /* -f: path of a file; NULL: none */
	struct column_list fields; /* in the order to print; none: all */
	/* Set by scan_options_settle(). */
	int64_t now_ns; /* -15m in -t and -e is relative to it */
	struct timerange range;
};

/* Take an option and its value. 0, or FLOWD_EINVAL with err set. */
int scan_options_take(struct scan_options *o, enum scan_option which,
    const char *value, struct flowd_error *err);
/* The command line is read: 0, or FLOWD_EINVAL with err set. */
int scan_options_settle(struct scan_options *o, struct flowd_error *err);

/*
 * Compile -f and -e; syntax errors are printed on standard error. *p is NULL
 * when neither is given. Returns 0, or a negative FLOWD_E* with err set. The
 * predicate borrows from o.
 */
int scan_options_predicate(const struct scan_options *o, struct predicate **p,
    struct flowd_error *err);

#endif
