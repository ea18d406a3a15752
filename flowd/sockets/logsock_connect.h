/*
 * Connecting to the log socket by its path, for the process that sends to it
 * (writer/logsock.h) and cannot see the path.
 *
 * Called by provision.c. Test: test/unit/flowd/test_logsock.c.
 */
#ifndef FLOWD_LOGSOCK_CONNECT_H
#define FLOWD_LOGSOCK_CONNECT_H

#include <stdint.h>

/*
 * Returns a descriptor that does not block, or -1 and errno. A bufsize that
 * the system refuses is logged, and the socket has the system's.
 */
int logsock_connect(const char *path, uint32_t bufsize);

#endif
