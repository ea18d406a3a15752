/* Sockets to collectors; see forward_sockets.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "forward_sockets.h"
#include "log.h"
#include "rawsock.h"
#include "sock.h"

enum { SEND_BUFFER = 4 * 1024 * 1024 /* octets */ };

/* Open a socket. Returns -1 and errno on failure. */
static int
socket_open(const struct collector *to)
{
	int fd;

	if (to->spoof)
		return rawsock_open(to->addr.family);
	fd = socket(
	    to->addr.family == ADDR_V6 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);
	if (fd == -1 || (fcntl(fd, F_SETFL, O_NONBLOCK) == 0 &&
			    fcntl(fd, F_SETFD, FD_CLOEXEC) == 0))
		return fd;
	(void)close(fd);
	return -1;
}

static const char *
open_error(const struct collector *to, int error)
{
	if (to->spoof && error == ENOTSUP)
		return "this system cannot send packets with another source "
		       "address";
	if (to->spoof && (error == EPERM || error == EACCES))
		return "\"spoof\" needs root or CAP_NET_RAW";
	return strerror(error);
}

static int
forward_socket_open(struct forward_socket *f, const struct collector *to)
{
	char text[ENDPOINT_TEXT_MAX];

	*f = (struct forward_socket){ .to = *to, .fd = socket_open(to) };
	if (f->fd == -1) {
		log_error("cannot forward to %s: %s",
		    collector_format(to, text), open_error(to, errno));
		return -1;
	}
	sock_set_sndbuf(f->fd, SEND_BUFFER);
	/* Not fatal: the forwarder connects again before it sends. */
	if (collector_connect(to, f->fd) != 0)
		log_warn("cannot forward to %s: %s",
		    collector_format(to, text), strerror(errno));
	return 0;
}

static const struct forward_socket *
forward_socket_find(
    const struct forward_sockets *f, const struct collector *to)
{
	for (size_t i = 0; i < f->n; i++)
		if (collector_equal(&f->list[i].to, to))
			return &f->list[i];
	return NULL;
}

/* Close the sockets of f that keep does not have. */
static void
close_others(
    const struct forward_sockets *f, const struct forward_sockets *keep)
{
	for (size_t i = 0; i < f->n; i++)
		if (forward_socket_find(keep, &f->list[i].to) == NULL)
			(void)close(f->list[i].fd);
}

/* Add a collector; duplicate lines are ignored. */
static int
add_socket(struct forward_sockets *next, const struct forward_sockets *old,
    const struct collector *to)
{
	const struct forward_socket *open = forward_socket_find(old, to);

	if (forward_socket_find(next, to) != NULL)
		return 0;
	if (open != NULL)
		next->list[next->n] = *open;
	else if (forward_socket_open(&next->list[next->n], to) != 0)
		return -1;
	next->n++;
	return 0;
}

int
forward_sockets_update(
    struct forward_sockets *f, const struct collector *want, size_t n)
{
	struct forward_sockets next = {
		.list = calloc(n + 1, sizeof(*next.list)) };

	if (next.list == NULL) {
		log_error("out of memory");
		return -1;
	}
	for (size_t i = 0; i < n; i++) {
		if (add_socket(&next, f, &want[i]) == 0)
			continue;
		close_others(&next, f);
		free(next.list);
		return -1;
	}
	close_others(f, &next);
	free(f->list);
	*f = next;
	return 0;
}

void
forward_sockets_close(struct forward_sockets *f)
{
	for (size_t i = 0; i < f->n; i++)
		(void)close(f->list[i].fd);
	free(f->list);
	*f = (struct forward_sockets){ .list = NULL };
}
