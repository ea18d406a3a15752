/*
 * The socket that flowctl connects to: a UNIX socket with a path, which its
 * owner and a group may use.
 *
 * Called by the parent. Test: test/unit/flowd/test_control_socket.c.
 */
#ifndef FLOWD_CONTROL_SOCKET_H
#define FLOWD_CONTROL_SOCKET_H

#include <stdint.h>

#include "result.h"

struct control_socket {
	int fd; /* -1: there is none */
	char path[108];
	uint64_t device, inode; /* of the path */
};

/* Can a socket have this path? False, with err set: it is too long. */
bool control_socket_fits(const char *path, struct flowd_error *err);
/*
 * Listen at a path, mode 0660; group may be NULL. A socket that nobody listens
 * on any more is removed before; one that is in use, and what is no socket, is
 * left alone. The descriptor does not block. Returns 0, or a negative FLOWD_E* with
 * err set: then fd is -1.
 */
int control_socket_open(struct control_socket *s, const char *path, const char *group,
    struct flowd_error *err);
/* Another group for one that is open; NULL leaves it as it is. */
int control_socket_give(
    const struct control_socket *s, const char *group, struct flowd_error *err);
/* What the path leads to. */
enum control_socket_path {
	CONTROL_SOCKET_HERE, /* this socket */
	CONTROL_SOCKET_GONE, /* nothing: somebody has removed it */
	CONTROL_SOCKET_OTHER
};
enum control_socket_path control_socket_look(const struct control_socket *s);
/* Close it, and remove the path if it is still this socket. */
void control_socket_close(struct control_socket *s);

#endif
