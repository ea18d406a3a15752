/*
 * Names of services, as services(5) of this machine has them.
 *
 * Called by cell.c. Test: test/program/stats/test_stats.py.
 */
#ifndef STATS_SERVICE_NAME_H
#define STATS_SERVICE_NAME_H

#include "buf.h"

/*
 * Append "https/tcp", or "8443/tcp" if it has no name, of protocol << 16 |
 * port; "icmp" where there are no ports. The names are read once, at the first
 * call, and kept until the program ends: only one thread may call it.
 */
void service_put(struct buf *out, uint32_t service);

#endif
