/* Listeners; see listener.h. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemonlog.h"
#include "listener.h"

enum {
	BUFFER_MOST = 64 * 1024 * 1024, /* octets, when none were asked for */
	BUFFER_LEAST = 128 * 1024
};

const char *
endpoint_format(const struct endpoint *e, char buf[ENDPOINT_TEXT_MAX])
{
	char addr[ADDR_TEXT_MAX], scope[16] = "";

	addr[addr_format(&e->addr, addr)] = '\0';
	if (e->addr.family == ADDR_V4) {
		(void)snprintf(
		    buf, ENDPOINT_TEXT_MAX, "%s:%u", addr, (unsigned)e->port);
		return buf;
	}
	if (e->addr.scope != 0)
		(void)snprintf(scope, sizeof(scope), "%%%lu",
		    (unsigned long)e->addr.scope);
	(void)snprintf(buf, ENDPOINT_TEXT_MAX, "[%s%s]:%u", addr, scope,
	    (unsigned)e->port);
	return buf;
}

/* Past the system's maximum where we may (Linux, with CAP_NET_ADMIN). */
static bool
set_buffer(int fd, int size)
{
#ifdef SO_RCVBUFFORCE
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ==
	    0)
		return true;
#endif
	return setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) == 0;
}

/* The system's answer; Linux counts its own overhead and says the double. */
static int
get_buffer(int fd)
{
	int size = 0;
	socklen_t len = sizeof(size);

	if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, &len) != 0)
		return 0;
#ifdef __linux__
	size /= 2;
#endif
	return size;
}

static void
largest_buffer(int fd)
{
	for (int size = BUFFER_MOST; size >= BUFFER_LEAST; size /= 2)
		if (set_buffer(fd, size))
			return;
}

static int
size_buffer(const struct listener *l)
{
	char text[ENDPOINT_TEXT_MAX];
	uint32_t want = l->at.bufsize;
	int got;

	if (want > INT32_MAX)
		errno = EINVAL;
	if (want == 0)
		largest_buffer(l->fd);
	else if (want > INT32_MAX || !set_buffer(l->fd, (int)want))
		return -1;
	got = get_buffer(l->fd);
	(void)endpoint_format(&l->at, text);
	if (want > 0 && (uint32_t)got < want)
		log_warn("%s: bufsize %lu is more than the system allows; "
			 "got %d",
		    text, (unsigned long)want, got);
	log_debug("%s: receive buffer of %d octets", text, got);
	return 0;
}

static int
bind_to(int fd, const struct endpoint *at)
{
	struct sockaddr_storage ss;
	unsigned len = addr_to_sockaddr(&at->addr, at->port, &ss);
	int on = 1;

	if (at->addr.family == ADDR_V6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0)
		return -1;
	if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
		return -1;
	return bind(fd, (struct sockaddr *)&ss, len);
}

/* One that the service manager holds. Returns -1 when it has none. */
static int
take_inherited(const struct inherit *in, const struct endpoint *at)
{
	char text[ENDPOINT_TEXT_MAX];
	bool both = false;
	int fd = inherit_take(in, &at->addr, at->port, &both);

	if (fd != -1)
		log_debug("%s: the socket is that of the service manager",
		    endpoint_format(at, text));
	if (both)
		log_warn("%s: the socket of the service manager takes IPv4, "
			 "too: set BindIPv6Only=ipv6-only",
		    endpoint_format(at, text));
	return fd;
}

static int
open_socket(struct listener *l, const struct inherit *in)
{
	bool v6 = l->at.addr.family == ADDR_V6;

	l->fd = take_inherited(in, &l->at);
	if (l->fd != -1)
		return 0;
	l->fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);
	return l->fd != -1 ? bind_to(l->fd, &l->at) : -1;
}

static int
listener_open(struct listener *l, const struct endpoint *at,
    const struct inherit *in)
{
	char text[ENDPOINT_TEXT_MAX];

	l->at = *at;
	if (open_socket(l, in) == 0 && size_buffer(l) == 0) {
		log_debug("listening on %s", endpoint_format(at, text));
		return 0;
	}
	log_error("cannot listen on %s: %s", endpoint_format(at, text),
	    strerror(errno));
	if (l->fd != -1)
		(void)close(l->fd);
	l->fd = -1;
	return -1;
}

struct listener *
listeners_find(const struct listeners *ls, const struct endpoint *at)
{
	for (size_t i = 0; i < ls->n; i++)
		if (ls->list[i].at.port == at->port &&
		    addr_equal(&ls->list[i].at.addr, &at->addr))
			return &ls->list[i];
	return NULL;
}

/* One that is there already, or a new one. */
static int
listener_take(struct listener *l, const struct listeners *old,
    const struct endpoint *at)
{
	const struct listener *there = listeners_find(old, at);

	if (there == NULL)
		return listener_open(l, at, old->inherit);
	l->fd = there->fd;
	l->at = *at;
	if (at->bufsize != there->at.bufsize && size_buffer(l) != 0)
		log_warn("bufsize %lu: %s", (unsigned long)at->bufsize,
		    strerror(errno));
	return 0;
}

/* Close those of ls that are not in keep. */
static void
close_others(const struct listeners *ls, const struct listeners *keep)
{
	for (size_t i = 0; i < ls->n; i++)
		if (listeners_find(keep, &ls->list[i].at) == NULL)
			(void)close(ls->list[i].fd);
}

/* Append one that is wanted to now: each address once. */
static int
add_listener(struct listeners *now, const struct listeners *old,
    const struct endpoint *at)
{
	char text[ENDPOINT_TEXT_MAX];

	if (listeners_find(now, at) != NULL) {
		log_error(
		    "cannot listen on %s twice", endpoint_format(at, text));
		return -1;
	}
	if (listener_take(&now->list[now->n], old, at) != 0)
		return -1;
	now->n++;
	return 0;
}

int
listeners_update(struct listeners *ls, const struct endpoint *want, size_t n)
{
	struct listeners now = {
		.list = calloc(n + 1, sizeof(*now.list)),
		.inherit = ls->inherit,
	};

	if (now.list == NULL) {
		log_error("out of memory");
		return -1;
	}
	while (now.n < n) {
		if (add_listener(&now, ls, &want[now.n]) == 0)
			continue;
		close_others(&now, ls);
		free(now.list);
		return -1;
	}
	close_others(ls, &now);
	free(ls->list);
	*ls = now;
	return 0;
}

void
listeners_close(struct listeners *ls)
{
	for (size_t i = 0; i < ls->n; i++)
		(void)close(ls->list[i].fd);
	free(ls->list);
	*ls = (struct listeners){ .list = NULL };
}
