/*
 * The effects of limits: counted for all exporters and for one.
 * Test: test/unit/decode/test_exporter.c.
 */
#ifndef FLOWD_LIMIT_HIT_H
#define FLOWD_LIMIT_HIT_H

#include "exporter.h"

/*
 * A limit (DECODER_LIMIT_...) evicted or refused something of the exporter; c
 * are its counters, or those of its stream.
 */
void limit_hit(struct exporters *all, const struct exporter *x,
    struct decode_counters *c, unsigned limit);
/* The limit of a pool. */
unsigned pool_limit(enum pool_kind kind);

#endif
