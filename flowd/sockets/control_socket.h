/*
 * The control socket of flowctl: a UNIX socket at a path, for its owner and a
 * group.
 *
 * Called by admin_sockets.c and conf_check.c. Test:
 * test/unit/flowd/sockets/test_control_socket.c.
 */
#ifndef FLOWD_CONTROL_SOCKET_H
#define FLOWD_CONTROL_SOCKET_H

#include <stdint.h>

#include "result.h"

struct control_socket {
	int fd; /* -1: not open */
	char path[108];
	uint64_t device, inode; /* of the path */
};

/* Can a socket have this path? False, with err set: it is too long. */
bool control_socket_fits(const char *path, struct flowd_error *err);
/*
 * Listen at a path, mode 0660; group may be NULL. A stale socket, on which
 * nobody listens, is removed first; a socket in use, or anything else at the
 * path, is left alone. The descriptor does not block. Returns 0, or a negative
 * FLOWD_E* with err set: then fd is -1.
 */
int control_socket_open(struct control_socket *s, const char *path,
    const char *group, struct flowd_error *err);
/* Change the group of an open socket; NULL changes nothing. */
int control_socket_set_group(
    const struct control_socket *s, const char *group, struct flowd_error *err);
/* What is at the path now. */
enum control_socket_path {
	CONTROL_SOCKET_HERE, /* this socket */
	CONTROL_SOCKET_GONE, /* nothing: it was removed */
	CONTROL_SOCKET_OTHER
};
enum control_socket_path control_socket_check(const struct control_socket *s);
/* Close it, and remove the path if it still is this socket. */
void control_socket_close(struct control_socket *s);

#endif
