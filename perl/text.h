/*
 * Classic flows as text: what flowd-reader prints of the record.
 *
 * Test: t/golden.t.
 */
#ifndef FLOWD_PERL_TEXT_H
#define FLOWD_PERL_TEXT_H

#include "perl_api.h"

/*
 * A new text without a newline. batch is NULL at first, and kept by the caller
 * for the next one. Croaks when the hash is no flow.
 */
SV *text_format(
    pTHX_ struct flowd_batch **batch, SV *flow, U32 fields, int utc);

#endif
