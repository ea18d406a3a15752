/*
 * Sending many datagrams in one call where the system has sendmmsg(2):
 * sendmany_linux.c, sendmany_posix.c. Called by forward.c.
 */
#ifndef FLOWD_SENDMANY_H
#define FLOWD_SENDMANY_H

#include <stddef.h>
#include <sys/uio.h>

enum { SENDMANY_MAX = 64 };

/* A datagram in two parts, either of which may be empty. */
struct sendmany_datagram {
	struct iovec iov[2];
};

/*
 * Send on a connected socket without blocking. Returns how many were sent, at
 * least 1; or -1 and errno, which is about the first.
 */
int sendmany(int fd, struct sendmany_datagram *list, size_t n);

#endif
