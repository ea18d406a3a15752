/*
 * Numbers with units in filters and on command lines.
 *
 * Test: test/unit/syntax/test_quantity.c.
 */
#ifndef FLOWD_QUANTITY_H
#define FLOWD_QUANTITY_H

#include <stdint.h>

/*
 * Parse a count: a number in C notation (decimal, 0x, 0 octal), or with a
 * fraction, and a unit: k M G T are powers of 1000, Ki Mi Gi Ti of 1024.
 * Returns 0, FLOWD_EINVAL, or FLOWD_ERANGE past 64 bits.
 */
int quantity_count(const char *text, uint64_t *n);

/*
 * Parse a span of time to nanoseconds: decimal numbers followed by ms, s, m, h,
 * d, w, as in 1h30m; one without a unit is in plain_ns. Fractions are valid.
 * Returns 0, FLOWD_EINVAL, or FLOWD_ERANGE past 64 bits.
 */
int quantity_span(const char *text, uint64_t plain_ns, uint64_t *ns);

/* The same with units only; w and d are returned separately as days. */
struct quantity_days {
	uint64_t days, ns;
};

int quantity_days(const char *text, struct quantity_days *span);

#endif
