/*
 * Errors in a text, with their places.
 *
 * The parser reports every error of a text to the caller's sink and prints
 * nothing itself. Test: test/unit/syntax/test_diag.c.
 */
#ifndef FLOWD_DIAG_H
#define FLOWD_DIAG_H

#include <stdarg.h>

#include "buf.h"
#include "source.h"

struct diag {
	struct place at;
	const char *text; /* borrowed during the call */
};

struct diag_sink {
	void (*report)(const struct diag *d, void *arg);
	void *arg;
	unsigned count; /* reports so far */
};

void diag_report(struct diag_sink *sink, const struct place *at,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void diag_vreport(struct diag_sink *sink, const struct place *at,
    const char *fmt, va_list ap) __attribute__((format(printf, 3, 0)));

/*
 * Format an error as three lines, each ended by a newline:
 *
 *	flowd.conf:3:6: unknown address family "inett"
 *	    src inett
 *	        ^~~~~
 *
 * The line is omitted when it is empty or too long.
 */
void diag_format(const struct diag *d, struct buf *out);

#endif
