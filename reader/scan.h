/*
 * A columnar log by several threads: each takes the next block, and makes of
 * the flows that pass what is printed. What they made is printed in the order
 * of the blocks.
 *
 * Called by reader.c. Test: test/program/test_reader_v4.py.
 */
#ifndef FLOWD_READER_SCAN_H
#define FLOWD_READER_SCAN_H

#include "filter.h"
#include "format.h"
#include "input.h"

struct scan_options {
	const struct query *query;
	struct filter_text filter; /* of the query, for each thread */
	const struct format *format; /* NULL: flows are counted only */
	const struct formatter *formatter; /* copied for each thread */
	/* Takes what is printed. 0, or a negative FLOWD_E* ends the scan. */
	int (*print)(void *arg, struct bytes text, struct flowd_error *err);
	void (*complain)(void *arg, const char *text);
	/* Called now and then, with how far it is in how much. */
	void (*progress)(void *arg, uint64_t at, uint64_t all);
	void *arg;
};

/*
 * Threads that may be worth it: processors, up to a few; 1 if the filter
 * cannot be read again for each of them.
 */
unsigned scan_threads(const struct scan_options *o);

/*
 * Read the log, mapped as file. flows is raised by those that pass. Returns 0,
 * also when blocks were passed over, or a negative FLOWD_E* with err set.
 */
int scan_log(const struct scan_options *o, unsigned threads, const char *name,
    struct bytes file, uint64_t *flows, struct flowd_error *err);

#endif
