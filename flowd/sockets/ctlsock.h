/*
 * The socket that flowctl connects to: a UNIX socket with a path, which its
 * owner and a group may use.
 *
 * Called by the parent. Test: test/unit/flowd/test_ctlsock.c.
 */
#ifndef FLOWD_CTLSOCK_H
#define FLOWD_CTLSOCK_H

#include <stdint.h>

#include "result.h"

struct ctlsock {
	int fd; /* -1: there is none */
	char path[108];
	uint64_t device, inode; /* of the path */
};

/*
 * Listen at a path, mode 0660; group may be NULL. A socket that nobody listens
 * on any more is removed before; one that is in use, and what is no socket, is
 * left alone. The descriptor does not block. Returns 0, or a negative FLOWD_E* with
 * err set: then fd is -1.
 */
int ctlsock_open(struct ctlsock *s, const char *path, const char *group,
    struct flowd_error *err);
/* Another group for one that is open; NULL leaves it as it is. */
int ctlsock_give(
    const struct ctlsock *s, const char *group, struct flowd_error *err);
/* What the path leads to. */
enum ctlsock_path {
	CTLSOCK_HERE, /* this socket */
	CTLSOCK_GONE, /* nothing: somebody has removed it */
	CTLSOCK_OTHER
};
enum ctlsock_path ctlsock_look(const struct ctlsock *s);
/* Close it, and remove the path if it is still this socket. */
void ctlsock_close(struct ctlsock *s);

#endif
