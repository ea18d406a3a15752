/*
 * Names of addresses from the system's resolver, within a bounded time: an
 * address without an answer by then stays an address.
 *
 * Called by report_print.c, cell.c. Test:
 * test/program/stats/test_stats_charts.py.
 */
#ifndef STATS_RESOLVE_H
#define STATS_RESOLVE_H

#include "dataset.h"

struct resolver;

/* NULL when out of memory. It stays until the program ends. */
struct resolver *resolver_new(void);
/*
 * Ask for the addresses of a data set, and wait for the answers: for 3 seconds
 * at most, of all data sets together.
 */
void resolver_ask(struct resolver *r, const struct dataset *d);
/* The name, or NULL. */
const char *resolver_name(struct resolver *r, const struct addr *address);

#endif
