/*
 * What a caller may not set in options: bits that this version does not know,
 * and room for members of later ones. Who sets them was compiled for a later
 * version, and would not get what he asks for.
 *
 * Called by all of lib/api that takes options. Test:
 * test/unit/api/test_options.c.
 */
#ifndef FLOWD_OPTIONS_CHECK_H
#define FLOWD_OPTIONS_CHECK_H

#include <stdint.h>

#include "result.h"

/* 0, or FLOWD_EINVAL with err set. n: of reserved. */
int options_check_reserved(
    void *const *reserved, size_t n, struct flowd_error *err);
/* Only bits of known may be set; name is that of the member. */
int options_check_bits(const char *name, uint32_t bits, uint32_t known,
    struct flowd_error *err);

#define OPTIONS_CHECK_RESERVED(o, err) \
	options_check_reserved((o)->reserved, \
	    sizeof((o)->reserved) / sizeof((o)->reserved[0]), err)

#endif
