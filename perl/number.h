/*
 * Integers from Perl: whole numbers of any of its forms, checked against what
 * they are for.
 */
#ifndef FLOWD_PERL_NUMBER_H
#define FLOWD_PERL_NUMBER_H

#include "perl_api.h"

/* Croaks with the key when it is not a whole number from 0 to max. */
UV number_uint(pTHX_ SV *sv, const char *key, UV max);
/* Croaks when it is not a whole number of 64 bits with a sign. */
IV number_int(pTHX_ SV *sv, const char *key);

#endif
