/*
 * Sampling rates of exporters as reports show them, from all origins. Used by
 * report.c; decode.h has the contract.
 * Test: test/unit/decode/test_report.c.
 */
#ifndef FLOWD_REPORT_RATES_H
#define FLOWD_REPORT_RATES_H

#include "decode.h"
#include "exporter.h"

/* The configured interval; else the one that all streams use; else 0. */
uint32_t rates_common(const struct exporter *x);
/* Appends ,"rates":[...] */
void rates_dump(const struct exporter *x, struct buf *out);

/* Calls fn for each rate. Stops when fn returns non-zero, and returns that. */
int rates_each(const struct exporter *x,
    int (*fn)(const struct rate_info *info, void *arg), void *arg);

#endif
