/*
 * Numbers with units, as people write them in filters and on command lines.
 *
 * Test: test/unit/filter/test_quantity.c.
 */
#ifndef FLOWD_QUANTITY_H
#define FLOWD_QUANTITY_H

#include <stdint.h>

/*
 * A count: a number as C writes it (decimal, 0x, 0 octal), or with a fraction,
 * and a unit: k M G T are powers of 1000, Ki Mi Gi Ti of 1024.
 * Returns 0, FLOWD_EINVAL, or FLOWD_ERANGE past 64 bits.
 */
int quantity_count(const char *text, uint64_t *n);

/*
 * A span of time in nanoseconds: numbers with ms, s, m, h, d, w behind them,
 * 1h30m, in decimal; one without a unit is in plain_ns. Fractions are fine.
 * Returns 0, FLOWD_EINVAL, or FLOWD_ERANGE past 64 bits.
 */
int quantity_span(const char *text, uint64_t plain_ns, uint64_t *ns);

/* The same, units only, with what is in whole days apart: w, d. */
struct quantity_days {
	uint64_t days, ns;
};

int quantity_days(const char *text, struct quantity_days *span);

#endif
