/*
 * Logs that are written: an object of Flowd::Writer. Flows are gathered in a
 * batch first.
 *
 * Test: t/write.t.
 */
#ifndef FLOWD_PERL_WRITER_H
#define FLOWD_PERL_WRITER_H

#include "handle.h"

struct writer {
	struct flowd_writer *writer;
	struct flowd_batch *batch;
	int is_rows; /* the rows of the batch are by columns, not classic */
};

extern const struct handle_type writer_type;

/* All croak when they fail. */
struct writer *writer_open(pTHX_ const char *path, HV *options);
void writer_flow(pTHX_ struct writer *w, SV *hash);
void writer_row(pTHX_ struct writer *w, SV *hash);
/* All flows of a scan, with all columns; returns how many were written. */
UV writer_copy(pTHX_ struct writer *w, SV *paths, HV *options);
void writer_flush(pTHX_ struct writer *w);
void writer_close(pTHX_ struct writer *w);

#endif
