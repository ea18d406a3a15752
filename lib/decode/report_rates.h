/*
 * Sampling rates as reports have them: all that an exporter has, from
 * wherever they are. Part of report.c; the contract is in decode.h.
 * Test: test/unit/decode/test_report.c.
 */
#ifndef FLOWD_REPORT_RATES_H
#define FLOWD_REPORT_RATES_H

#include "decode.h"
#include "exporter.h"

/* The configured interval, else the only one that there is; or 0. */
uint32_t rates_common(const struct exporter *x);
/* As a member of an object, with a comma in front. */
void rates_dump(const struct exporter *x, struct buf *out);

/* Call fn for each; stops and returns what fn returned when that is not 0. */
int rates_each(const struct exporter *x,
    int (*fn)(const struct rate_info *info, void *arg), void *arg);

#endif
