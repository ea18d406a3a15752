/*
 * Sending many datagrams in one call where the system has sendmmsg(2):
 * sendmany_linux.c, sendmany_posix.c. Called by forward.c.
 */
#ifndef FLOWD_SENDMANY_H
#define FLOWD_SENDMANY_H

#include <stddef.h>
#include <sys/uio.h>

enum { SENDMANY_MAX = 64 };

/* A datagram in two pieces, of which one may be empty. */
struct sendmany_datagram {
	struct iovec iov[2];
};

/*
 * Send on a connected socket, from the first on, without waiting. Returns how
 * many were sent, 1 at least; or -1 and errno, which is about the first.
 */
int sendmany(int fd, struct sendmany_datagram *list, size_t n);

#endif
