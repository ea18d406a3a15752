/* Formats the errors of a parser, as a program would print them. */
#ifndef FLOWD_FUZZ_DIAG_APPEND_H
#define FLOWD_FUZZ_DIAG_APPEND_H

#include <stdlib.h>

#include "diag.h"

/* For a struct diag_sink, whose arg is a buffer: the last error is in it. */
static void
diag_append(const struct diag *d, void *arg)
{
	struct buf *out = arg;

	buf_reset(out);
	diag_format(d, out);
	if (!buf_ok(out) || out->len == 0)
		abort();
}

#endif
