/*
 * Steering: distributes the datagrams of one address over several sockets, for
 * several workers, so that each exporter always uses the same socket.
 *
 * Templates and sequence numbers of an exporter must stay in one process, and
 * an exporter may send from many ports. So the system chooses the socket by the
 * source address only; its default uses ports as well. The choice depends only
 * on the number of sockets, so an exporter has the same worker at every
 * listening address.
 *
 * Multicast and broadcast are not steered: the system copies them to every
 * member socket. Join groups on the first socket only; broadcasts arrive on
 * all.
 *
 * Sockets are numbered in the order of bind(2). When one is closed, the last
 * one gets its number: keep all of them open while any is in use, also in the
 * process that opened them.
 *
 * Called by listen.c, and by engine_snapshot.c to find the engine of an
 * exporter. Test: test/unit/flowd/os/test_steer.c. Linux only, with a stub
 * elsewhere: functions that return int return 0, or -1 and errno, which is
 * ENOTSUP there.
 */
#ifndef FLOWD_STEER_H
#define FLOWD_STEER_H

#include "addr.h"

enum { STEER_MAX = 64 /* sockets */ };

/* 2^32 by the golden ratio, made odd. */
#define STEER_GOLDEN UINT32_C(0x9e3779b1)

/* The number of the socket (0 to n - 1) for this source address. */
unsigned steer_choose(const struct addr *from, unsigned n);

/* Let several sockets bind to the same address. Before bind(2), on each. */
int steer_share(int fd);
/*
 * Steer among n sockets bound to one address of this family; fd is any of them.
 * Lasts until all of them are closed.
 */
int steer_attach(int fd, uint8_t family, unsigned n);
/* Do not receive multicast: on all but the first socket. */
int steer_no_groups(int fd, uint8_t family);

#endif
