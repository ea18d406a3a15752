/*
 * Names of addresses, as the system's resolver has them, within a bounded time:
 * what is not known by then stays an address.
 *
 * Called by report_print.c, cell.c. Test: test/program/test_stats_charts.py.
 */
#ifndef STATS_RESOLVE_H
#define STATS_RESOLVE_H

#include "dataset.h"

struct resolver;

/* NULL when out of memory. There is one, which stays until the program ends. */
struct resolver *resolver_new(void);
/* Ask for the addresses of a data set, and wait for the answers. */
void resolver_ask(struct resolver *r, const struct dataset *d);
/* The name, or NULL. */
const char *resolver_name(struct resolver *r, const struct addr *address);

#endif
