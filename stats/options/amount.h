/*
 * Amounts on the command line: a number and its unit.
 *
 * Called by options.c, having.c. Test: test/program/test_stats_options.py.
 */
#ifndef STATS_AMOUNT_H
#define STATS_AMOUNT_H

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
int amount_count(const char *text, double *count, struct flowd_error *err);

#endif
