/*
 * Numbers with units and times, as people write them in filters and on
 * command lines.
 *
 * Called by term_parse.c. Test: test/unit/filter/test_quantity.c.
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
 * 1h30m; one without a unit is in plain_ns. Fractions are fine.
 * Returns 0, FLOWD_EINVAL, or FLOWD_ERANGE past 64 bits.
 */
int quantity_span(const char *text, uint64_t plain_ns, uint64_t *ns);

/* What a time names, in nanoseconds since 1970: both ends belong to it. */
struct moment {
	int64_t first_ns, last_ns;
};

/*
 * A time, as precise as it is written: 2026, 2026-11, 2026-11-23,
 * 2026-11-23T10, ...T10:00, ...T10:00:00, ...:00.123, or the same without
 * punctuation, 20261123100000. Local time, or with Z or +hh:mm behind a time
 * of the day. A blank may stand for the T.
 * Returns 0, FLOWD_EINVAL, or FLOWD_ERANGE before 1970 and past 2261.
 */
int quantity_time(const char *text, struct moment *moment);

#endif
