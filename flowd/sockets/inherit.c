/* Inherited sockets; see inherit.h. */
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "inherit.h"
#include "num.h"

enum { FIRST = STDERR_FILENO + 1 };

/* The number in an environment variable; 0 when it has none. */
static uint64_t
env_number(const char *name, uint64_t max)
{
	const char *text = getenv(name);
	uint64_t n;

	return text != NULL && num_parse(text, max, &n) == 0 ? n : 0;
}

int
inherit_count(void)
{
	if (env_number("LISTEN_PID", INT_MAX) != (uint64_t)getpid())
		return 0;
	return (int)env_number("LISTEN_FDS", INHERIT_MAX);
}

static int
get_option(int fd, int level, int name)
{
	int value = -1;
	socklen_t len = sizeof(value);

	return getsockopt(fd, level, name, &value, &len) == 0 ? value : -1;
}

/* Read the local address of a UDP socket. */
static void
inherited_read_address(struct inherited *one)
{
	struct sockaddr_storage ss = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof(ss);

	if (get_option(one->fd, SOL_SOCKET, SO_TYPE) != SOCK_DGRAM ||
	    getsockname(one->fd, (struct sockaddr *)&ss, &len) != 0)
		return;
	one->addr = addr_from_sockaddr((struct sockaddr *)&ss, &one->port);
	one->both = one->addr.family == ADDR_V6 &&
	    get_option(one->fd, IPPROTO_IPV6, IPV6_V6ONLY) == 0;
}

/* Take the next name from the colon-separated list. */
static const char *
next_name(const char *names, char name[INHERIT_NAME_MAX])
{
	size_t len = strcspn(names, ":");

	(void)snprintf(name, INHERIT_NAME_MAX, "%.*s", (int)len, names);
	return names[len] == ':' ? names + len + 1 : names + len;
}

static void
forget_environment(void)
{
	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_FDNAMES");
}

int
inherit_init(struct inherit *in)
{
	int n = inherit_count();
	const char *names = getenv("LISTEN_FDNAMES");

	*in = (struct inherit){ .list = NULL };
	if (n > 0)
		in->list = calloc((size_t)n, sizeof(*in->list));
	for (int i = 0; i < n; i++) {
		struct inherited one = { .fd = FIRST + i };

		if (names != NULL)
			names = next_name(names, one.name);
		if (in->list == NULL) {
			(void)close(one.fd);
			continue;
		}
		/* Skip a descriptor that is not open. */
		if (fcntl(one.fd, F_SETFD, FD_CLOEXEC) != 0 ||
		    fcntl(one.fd, F_SETFL, O_NONBLOCK) != 0)
			continue;
		inherited_read_address(&one);
		in->list[in->n++] = one;
	}
	forget_environment();
	return n > 0 && in->list == NULL ? -1 : 0;
}

void
inherit_close(struct inherit *in)
{
	for (size_t i = 0; i < in->n; i++)
		(void)close(in->list[i].fd);
	free(in->list);
	*in = (struct inherit){ .list = NULL };
}

const struct inherited *
inherit_find(
    const struct inherit *in, const struct addr *addr, uint16_t port)
{
	for (size_t i = 0; i < in->n; i++)
		if (in->list[i].addr.family != ADDR_NONE &&
		    in->list[i].port == port &&
		    addr_equal(&in->list[i].addr, addr))
			return &in->list[i];
	return NULL;
}

int
inherit_take(const struct inherit *in, const struct addr *addr, uint16_t port,
    bool *both)
{
	const struct inherited *one =
	    in != NULL ? inherit_find(in, addr, port) : NULL;

	if (one == NULL)
		return -1;
	if (both != NULL)
		*both = one->both;
	return fcntl(one->fd, F_DUPFD_CLOEXEC, FIRST);
}
