/* The headers of Perl, which want to be first and in this order. */
#ifndef FLOWD_PERL_API_H
#define FLOWD_PERL_API_H

#define PERL_NO_GET_CONTEXT
#include "EXTERN.h"
#include "perl.h"
#include "XSUB.h"

#include <flowd/flowd.h>

/* Its name before Perl 5.35. */
#ifndef G_LIST
#define G_LIST G_ARRAY
#endif

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

/* Warns of what a scan has left out: how often, and the last time why. */
static inline void
warn_last(pTHX_ UV warnings, const struct flowd_error *last)
{
	if (warnings == 1)
		warn("%s", last->text);
	else if (warnings > 1)
		warn("%s, and %" UVuf " warnings before", last->text,
		    warnings - 1);
}

#endif
