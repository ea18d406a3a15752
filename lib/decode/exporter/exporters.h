/*
 * All exporters: lookup, ranks and eviction. decode.c and state_load.c use it.
 * Test: test/unit/decode/test_exporter.c, test_lockout.c.
 */
#ifndef FLOWD_EXPORTERS_H
#define FLOWD_EXPORTERS_H

#include "exporter.h"

/* Returns false when out of memory. */
bool exporters_init(struct exporters *all, const struct decoder_limits *limits,
    uint64_t seed);
void exporters_fini(struct exporters *all);

/*
 * Returns the exporter with this address, created if needed and marked as used;
 * NULL when out of memory.
 */
struct exporter *exporter_get(struct exporters *all, const struct addr *addr,
    int64_t now_ns);
/* The exporter with this address, or NULL. */
struct exporter *exporter_known(const struct exporters *all,
    const struct addr *addr);
/*
 * Raises the rank. Settled requires a free place among the settled; otherwise
 * the exporter becomes a newcomer. Ranks never sink.
 */
void exporter_rank(struct exporters *all, struct exporter *x, enum rank rank,
    int64_t now_ns);
/* The exporter continued its sequence: it may become settled. */
void exporter_continued(struct exporters *all, struct exporter *x,
    int64_t now_ns);

/* Sets rates that override those of exporters; borrowed. */
void exporters_set_rates(struct exporters *all,
    const struct decoder_rate *rates, size_t n);

#endif
