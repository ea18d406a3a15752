/*
 * Steering: several sockets of one address, and each exporter's datagrams
 * always to the same of them, for several workers.
 *
 * Templates and sequence numbers of an exporter must stay in one place, and an
 * exporter may send from many ports. So the system is told to choose by the
 * address that a datagram comes from and by nothing else; left alone it would
 * choose by ports as well. The choice is the same for every group of as many
 * sockets, so an exporter has one worker whatever it sends to.
 *
 * What has one address for all, a multicast group or a broadcast, is not
 * steered: the system gives a copy to every socket that is a member. Join
 * groups with the first socket only; broadcasts do come to all.
 *
 * The sockets count in the order they were bound. When one is closed the last
 * takes its number: keep them open while any is in use, in the process that
 * opened them, too.
 *
 * Called by listener.c, and by engine.c, which asks whose an exporter is.
 * Test: test/unit/flowd/test_steer.c. Linux, with a stand-in elsewhere:
 * functions that return int return 0, or -1 and errno, which is ENOTSUP there.
 */
#ifndef FLOWD_STEER_H
#define FLOWD_STEER_H

#include "addr.h"

enum { STEER_MAX = 64 /* sockets */ };

/* 2^32 by the golden ratio, made odd. */
#define STEER_GOLDEN UINT32_C(0x9e3779b1)

/* The number of the socket, of n, that gets the datagrams of this address. */
unsigned steer_choose(const struct addr *from, unsigned n);

/* Let several sockets bind to the same address. Before bind(2), on each. */
int steer_share(int fd);
/*
 * Steer among n sockets that are bound to one address of this family; fd is any
 * of them. It lasts while one of them is open.
 */
int steer_attach(int fd, uint8_t family, unsigned n);
/* Do not receive multicast: on all but the first socket. */
int steer_no_groups(int fd, uint8_t family);

#endif
