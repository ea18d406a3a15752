/*
 * What versions 2 and 3 of classic records have in common.
 *
 * Called by compat_v2.c. Test: test/unit/compat/test_compat_flow.c.
 */
#ifndef FLOWD_COMPAT_FLOW_H
#define FLOWD_COMPAT_FLOW_H

#include <stdint.h>

/* -1 and a text when a place has addresses of both families; or 0. */
int compat_both_families(uint32_t fields, char *ebuf, int elen);

#endif
