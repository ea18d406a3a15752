/*
 * Elements without a column, for keys: lib/aggregate does not know lib/decode,
 * so that who parses keys brings them together.
 *
 * Called by flowd_query.c, and by flowd-stats. Test:
 * test/program/stats/test_stats_elements.py, test/unit/api/test_query.c.
 */
#ifndef FLOWD_KEY_ELEMENTS_H
#define FLOWD_KEY_ELEMENTS_H

#include "key.h"

/* Let keys name elements. */
void key_elements_add(struct key_names *names);

#endif
