/*
 * Addresses of the public header, and those that are used within.
 *
 * Called by flowd_batch.c, flowd_decoder.c. Test: test/unit/api/test_addr.c.
 */
#ifndef FLOWD_FLOWD_ADDR_H
#define FLOWD_FLOWD_ADDR_H

#include <stdbool.h>

#include "addr.h"
#include "flowd/addr.h"

struct flowd_addr flowd_addr_of(const struct addr *a);
/* False when the family is none that there is. */
bool flowd_addr_get(const struct flowd_addr *a, struct addr *to);

#endif
