/*
 * All exporters: who is known, and who gives way when there is no place left.
 * Called by decode.c and state_load.c.
 * Test: test/unit/decode/test_exporter.c, test_lockout.c.
 */
#ifndef FLOWD_EXPORTERS_H
#define FLOWD_EXPORTERS_H

#include "exporter.h"

/* False when out of memory. */
bool exporters_init(struct exporters *all, const struct decoder_limits *limits,
    uint64_t seed);
void exporters_fini(struct exporters *all);

/*
 * The exporter with this address, made if need be; NULL out of memory. It is
 * noted as heard of now.
 */
struct exporter *exporter_get(struct exporters *all, const struct addr *addr,
    int64_t now_ns);
/* The exporter with this address, or NULL. */
struct exporter *exporter_known(const struct exporters *all,
    const struct addr *addr);
/*
 * It has earned this rank, and gets it unless it is for the settled and there
 * is no place left among them. Ranks do not sink.
 */
void exporter_rank(struct exporters *all, struct exporter *x, enum rank rank,
    int64_t now_ns);
/* A message followed on in its stream: the exporter may be settled now. */
void exporter_continued(struct exporters *all, struct exporter *x,
    int64_t now_ns);

/* Rates that count, whatever the exporters say; borrowed. */
void exporters_set_rates(struct exporters *all,
    const struct decoder_rate *rates, size_t n);

#endif
