/*
 * Options of the library from a hash of Perl. The modules in lib/ have checked
 * the names; here are types and ranges.
 */
#ifndef FLOWD_PERL_OPTIONS_H
#define FLOWD_PERL_OPTIONS_H

#include "perl_api.h"

/* The text of a value; croaks when it is none, or has an octet 0. Borrowed. */
const char *text_of(pTHX_ SV *sv, const char *name);

/* What is not there is NULL or 0. Texts are borrowed from the hash. */
const char *option_text(pTHX_ HV *options, const char *name);
UV option_uint(pTHX_ HV *options, const char *name, UV max);
IV option_int(pTHX_ HV *options, const char *name);

/* A path, or those of an array, as a scan takes them: mortal. */
const char *const *option_paths(pTHX_ SV *paths);

/* What a scan reads. */
void option_scan(pTHX_ SV *paths, HV *options, struct flowd_scan_options *o);

#endif
