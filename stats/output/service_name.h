/*
 * Names of services, as services(5) of this machine has them.
 *
 * Called by cell.c. Test: test/program/test_stats.py.
 */
#ifndef STATS_SERVICE_NAME_H
#define STATS_SERVICE_NAME_H

#include <stdint.h>

enum {
	SERVICE_TEXT_MAX = 64
};

/*
 * "https/tcp", or "8443/tcp" if it has no name, of protocol << 16 | port;
 * "icmp" where there are no ports. Returns text. The names are read once, by
 * the first who asks: one thread calls it.
 */
const char *service_text(uint32_t service, char text[SERVICE_TEXT_MAX]);

#endif
