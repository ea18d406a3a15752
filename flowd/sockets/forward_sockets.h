/*
 * The sockets to the collectors of "forward to", which the parent opens and
 * sends to the forwarder. Those with "spoof" are raw sockets and need root.
 *
 * Called by the parent. Test: test/program/flowd/test_forward.py.
 */
#ifndef FLOWD_FORWARD_SOCKETS_H
#define FLOWD_FORWARD_SOCKETS_H

#include <stddef.h>

#include "collector.h"

struct forward_socket {
	struct collector to;
	int fd;
};

struct forward_sockets {
	struct forward_socket *list;
	size_t n;
};

/*
 * Open the sockets to these n collectors; those that are open stay so, and
 * others are closed. Returns 0; or -1 after the reason has been logged, with
 * nothing changed. A collector that cannot be reached yet is not an error.
 */
int forward_sockets_update(
    struct forward_sockets *f, const struct collector *want, size_t n);

void forward_sockets_close(struct forward_sockets *f);

#endif
