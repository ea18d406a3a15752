/*
 * Raw sockets, which send whole IP packets: rawsock_linux.c, and
 * rawsock_posix.c where the system does not support them for both families.
 *
 * Called by sockets/forward_sockets.c and forward/forward.c. Test:
 * test/program/flowd/test_forward.py.
 */
#ifndef FLOWD_RAWSOCK_H
#define FLOWD_RAWSOCK_H

#include <stddef.h>
#include <stdint.h>

/*
 * A non-blocking raw socket, to be connected to the collector; family is
 * ADDR_V4 or ADDR_V6. Needs root or CAP_NET_RAW. Returns -1 and errno: ENOTSUP
 * if the system does not support it.
 */
int rawsock_open(uint8_t family);

/* The path MTU to the peer of fd, in octets; 0 if unknown. */
size_t rawsock_mtu(int fd, uint8_t family);

#endif
