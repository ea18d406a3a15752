/* The headers of Perl, which want to be first and in this order. */
#ifndef FLOWD_PERL_API_H
#define FLOWD_PERL_API_H

#define PERL_NO_GET_CONTEXT
#include "EXTERN.h"
#include "perl.h"
#include "XSUB.h"

#include <flowd/flowd.h>

#if IVSIZE < 8
#error "counters have 64 bits, and the integers of this Perl have fewer"
#endif

/* Dies with the text of the library, and $! as the system has it. */
static inline void fail(pTHX_ const struct flowd_error *err)
    __attribute__((noreturn));

static inline void
fail(pTHX_ const struct flowd_error *err)
{
	errno = err->system;
	croak("%s", err->text);
}

#endif
