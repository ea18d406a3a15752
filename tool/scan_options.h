/*
 * The options that programs have in common: which flows (-t, -e, -f), which
 * columns (--fields), and the zone of times (-U). The rows of the tables are
 * row_options.def and log_options.def; what they mean is here.
 *
 * Called by flowd-reader and flowctl. Test: test/program/test_reader.py,
 * test_reader_times.py, test_flowctl.py.
 */
#ifndef FLOWD_SCAN_OPTIONS_H
#define FLOWD_SCAN_OPTIONS_H

#include "column_list.h"
#include "scan.h"

enum scan_option {
	SCAN_OPTION_NONE, /* it is an option of the program's own */
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
	int64_t now_ns; /* what -15m hangs on in -t and -e */
	struct timerange range;
};

/* Take an option and its value. 0, or FLOWD_EINVAL with err set. */
int scan_options_take(struct scan_options *o, enum scan_option which,
    const char *value, struct flowd_error *err);
/* The command line is read: 0, or FLOWD_EINVAL with err set. */
int scan_options_settle(struct scan_options *o, struct flowd_error *err);

/*
 * Compile -f and -e; errors of the texts are printed on standard error as they
 * are found. *p is NULL when neither is given. 0, or a negative FLOWD_E* with
 * err set. The predicate borrows from o.
 */
int scan_options_predicate(const struct scan_options *o, struct predicate **p,
    struct flowd_error *err);

#endif
