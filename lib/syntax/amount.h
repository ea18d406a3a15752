/*
 * Amounts as people write them: a number and its unit.
 *
 * Called by having.c and flowd-stats. Test: test/unit/syntax/test_amount.c.
 */
#ifndef FLOWD_AMOUNT_H
#define FLOWD_AMOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "result.h"

/*
 * A time span: "500ms", "30s", "5m", "1h", "1d", "1w"; not 0. FLOWD_EINVAL
 * with err set, which begins with the text.
 */
int amount_span(const char *text, uint64_t *ns, struct flowd_error *err);
/* Octets of memory: "4096", "512K", "64M", "2G"; units of 1024. */
int amount_memory(const char *text, uint64_t *octets, struct flowd_error *err);
/* A count or a rate: "1000", "1.5k", "2M", "10G"; units of 1000. */
int amount_real(const char *text, double *real, struct flowd_error *err);
/*
 * The same, exactly: fraction says that it is more than count, and less than
 * count + 1, or more than UINT64_MAX.
 */
int amount_count(const char *text, uint64_t *count, bool *fraction,
    struct flowd_error *err);

#endif
