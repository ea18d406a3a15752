/*
 * Connects to the log socket by its path. The process that sends to it
 * (writer/logsock.h) cannot see the path.
 *
 * Called by provision.c. Test: test/unit/flowd/writer/test_logsock.c.
 */
#ifndef FLOWD_LOGSOCK_CONNECT_H
#define FLOWD_LOGSOCK_CONNECT_H

#include <stdint.h>

/*
 * Returns a non-blocking descriptor, or -1 and errno. If the system refuses
 * bufsize, that is logged and ignored.
 */
int logsock_connect(const char *path, uint32_t bufsize);

#endif
