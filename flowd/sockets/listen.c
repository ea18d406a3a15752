/* The sockets of "listen on"; see listen.h. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "listen.h"
#include "log.h"
#include "multicast.h"
#include "sock.h"
#include "steer.h"

enum {
	/*
	 * Default receive buffer in octets. Linux doubles it and charges 2,304
	 * octets for a datagram of 1,464, so it holds 116,000 of them. Only
	 * waiting datagrams use memory.
	 */
	BUFFER_MOST = 128 * 1024 * 1024,
	BUFFER_LEAST = 128 * 1024,
	BUFFER_STEP = 64 * 1024,
	MEMORY_SHARE = 32 /* 1/32 of physical memory for one listener */
};

static uint32_t
default_buffer(void)
{
	uint64_t share = sock_memory() / MEMORY_SHARE;

	if (share == 0 || share > BUFFER_MOST)
		return BUFFER_MOST;
	return share > BUFFER_LEAST ? (uint32_t)share : BUFFER_LEAST;
}

/*
 * Enlarge the buffer as far as the system permits; some systems refuse too
 * large values.
 */
static void
grow_buffer(int fd, uint32_t most)
{
	uint32_t good = 0, bad = most, mid;

	if (sock_set_rcvbuf(fd, most) == 0)
		return;
	while (bad - good > BUFFER_STEP) {
		mid = good + (bad - good) / 2;
		if (sock_set_rcvbuf(fd, mid) == 0)
			good = mid;
		else
			bad = mid;
	}
}

static int
size_buffer(struct listener *l)
{
	uint32_t want = l->at.bufsize;

	l->asked = want != 0 ? want : default_buffer();
	if (want == 0)
		grow_buffer(l->fd, l->asked);
	else if (sock_set_rcvbuf(l->fd, want) != 0)
		return -1;
	l->rcvbuf = sock_rcvbuf(l->fd);
	return 0;
}

static void
listener_log(const struct listener *l)
{
	char text[ENDPOINT_TEXT_MAX], got[SIZE_TEXT_MAX], want[SIZE_TEXT_MAX];
	bool less = l->rcvbuf < l->asked;

	(void)endpoint_format(&l->at, text);
	(void)size_format(l->rcvbuf, got);
	(void)size_format(l->asked, want);
	if (l->rcvbuf == 0)
		log_info("listening on %s", text);
	else if (less && l->at.bufsize != 0)
		log_warn("listening on %s: bufsize %lu is more than the "
			 "system allows; receive buffer of %s",
		    text, (unsigned long)l->at.bufsize, got);
	else
		log_info("listening on %s: receive buffer of %s%s", text, got,
		    less ? ", the system allows no more" : "");
}

void
listeners_log(const struct listeners *ls)
{
	for (size_t i = 0; i < ls->n; i++)
		if (ls->list[i].worker == 0)
			listener_log(&ls->list[i]);
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
	if (at->iface[0] != '\0' && sock_bind_iface(fd, at->iface) != 0)
		return -1;
	return bind(fd, (struct sockaddr *)&ss, len);
}

const char *
listener_reason(int error)
{
	return error == ENOTSUP ?
	    "this system cannot bind a socket to an interface" :
	    strerror(error);
}

static int
open_socket(struct listener *l, const struct endpoint *at)
{
	*l = (struct listener){ .at = *at, .of = 1 };
	l->fd = socket(
	    at->addr.family == ADDR_V6 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);
	return l->fd;
}

static void
listener_fail(struct listener *l)
{
	char text[ENDPOINT_TEXT_MAX];

	log_error("cannot listen on %s: %s", endpoint_format(&l->at, text),
	    listener_reason(errno));
	if (l->fd != -1)
		(void)close(l->fd);
	l->fd = -1;
}

/* Set the size before bind(2), for datagrams that arrive at once. */
static int
bind_socket(struct listener *l)
{
	if (size_buffer(l) != 0 || bind_to(l->fd, &l->at) != 0)
		return -1;
	(void)sock_count_drops(l->fd);
	return 0;
}

/* Use the service manager's socket. Returns -1 when it has none. */
static int
take_inherited(const struct inherit *in, const struct endpoint *at)
{
	char text[ENDPOINT_TEXT_MAX];
	bool both = false;
	int fd = inherit_take(in, &at->addr, at->port, &both);

	if (fd != -1)
		log_debug("%s: using the socket of the service manager",
		    endpoint_format(at, text));
	if (both)
		log_warn("%s: the socket of the service manager also "
			 "receives IPv4: set BindIPv6Only=ipv6-only",
		    endpoint_format(at, text));
	return fd;
}

/* Open one socket. Returns 1, or -1 after logging the reason. */
static int
open_one(struct listener *l, const struct endpoint *at)
{
	if (open_socket(l, at) != -1 && bind_socket(l) == 0)
		return 1;
	listener_fail(l);
	return -1;
}

/* Use the service manager's socket: 1, 0 when there is none, or -1. */
static int
open_inherited(struct listener *l, const struct endpoint *at,
    const struct inherit *in)
{
	*l = (struct listener){ .at = *at, .of = 1,
		.fd = in != NULL ? take_inherited(in, at) : -1 };
	if (l->fd == -1)
		return 0;
	if (size_buffer(l) != 0) {
		listener_fail(l);
		return -1;
	}
	(void)sock_count_drops(l->fd);
	return 1;
}

/* Close the sockets from first to n - 1. */
static void
close_from(struct listener *l, unsigned first, unsigned n)
{
	for (unsigned i = first; i < n; i++) {
		if (l[i].fd != -1)
			(void)close(l[i].fd);
		l[i].fd = -1;
	}
}

/*
 * Open n steered sockets. Returns how many are bound; if fewer than n, errno is
 * the reason.
 */
static unsigned
open_shared(struct listener *l, unsigned n, const struct endpoint *at)
{
	for (unsigned i = 0; i < n; i++) {
		if (open_socket(&l[i], at) == -1)
			return i;
		l[i].worker = i;
		l[i].of = n;
		if (steer_share(l[i].fd) == 0 &&
		    (i == 0 ||
			steer_no_groups(l[i].fd, at->addr.family) == 0) &&
		    bind_socket(&l[i]) == 0)
			continue;
		(void)close(l[i].fd);
		return i;
	}
	return n;
}

int
listener_open_steered(
    struct listener *l, unsigned n, const struct endpoint *at)
{
	char text[ENDPOINT_TEXT_MAX];
	unsigned opened;
	int why, one;

	if (n <= 1)
		return open_one(l, at);
	opened = open_shared(l, n, at);
	if (opened == n && steer_attach(l->fd, at->addr.family, n) == 0)
		return (int)n;
	why = errno;
	close_from(l, 0, opened);
	one = open_one(l, at);
	if (one > 0)
		log_warn("%s: only one worker: cannot steer datagrams by the "
			 "address of the exporter: %s",
		    endpoint_format(at, text),
		    why == ENOTSUP ? "not on this system" : strerror(why));
	return one;
}

/* Reuse the open sockets of an address. Returns how many. */
static int
reuse_sockets(struct listener *l, const struct listeners *old,
    const struct endpoint *at)
{
	const struct listener *there = listeners_find(old, at);
	uint32_t n = there != NULL ? there->of : 0;

	for (uint32_t i = 0; i < n; i++) {
		l[i] = there[i];
		l[i].at = *at;
		if (at->bufsize != there[i].at.bufsize &&
		    size_buffer(&l[i]) != 0)
			log_warn("bufsize %lu: %s",
			    (unsigned long)at->bufsize, strerror(errno));
	}
	return (int)n;
}

/* Reuse or open the sockets of an address. Returns how many, or -1. */
static int
reuse_or_open(struct listener *l, const struct listeners *old, unsigned workers,
    const struct endpoint *at)
{
	int n = reuse_sockets(l, old, at);

	if (n == 0)
		n = open_inherited(l, at, old->inherit);
	if (n == 0)
		n = listener_open_steered(l, workers, at);
	return n;
}

/* Close the sockets of ls that keep does not have. */
static void
close_others(const struct listeners *ls, const struct listeners *keep)
{
	for (size_t i = 0; i < ls->n; i++)
		if (listeners_find(keep, &ls->list[i].at) == NULL)
			(void)close(ls->list[i].fd);
}

/* Append a listener to now; duplicate addresses are an error. */
static int
add_listener(struct listeners *now, const struct listeners *old,
    unsigned workers, const struct endpoint *at)
{
	char text[ENDPOINT_TEXT_MAX];
	int n;

	if (listeners_find(now, at) != NULL) {
		log_error(
		    "cannot listen on %s twice", endpoint_format(at, text));
		return -1;
	}
	n = reuse_or_open(&now->list[now->n], old, workers, at);
	if (n < 0)
		return -1;
	now->n += (size_t)n;
	return 0;
}

static bool
is_group_of(const struct multicast_group *g, const struct listeners *ls)
{
	for (size_t i = 0; i < ls->ngroups; i++)
		if (multicast_equal(&ls->groups[i], g))
			return true;
	return false;
}

/* Leave the groups of the old configuration. */
static void
leave_groups(const struct listeners *now, const struct listeners *old)
{
	const struct listener *l;
	const struct multicast_group *g;

	for (size_t i = 0; i < old->ngroups; i++) {
		g = &old->groups[i];
		if (is_group_of(g, now))
			continue;
		for (l = now->list; l < now->list + now->n; l++)
			if (l->worker == 0 &&
			    l->at.addr.family == g->addr.family &&
			    listeners_find(old, &l->at) != NULL)
				(void)multicast_leave(l->fd, g, l->at.iface,
				    NULL);
	}
}

static void
join_group(const struct listeners *ls, const struct multicast_group *g)
{
	char what[MULTICAST_TEXT_MAX], where[ENDPOINT_TEXT_MAX];
	struct flowd_error err;
	const struct listener *l;
	bool any = false;

	(void)multicast_format(g, what);
	for (l = ls->list; l < ls->list + ls->n; l++) {
		if (l->worker != 0 || l->at.addr.family != g->addr.family)
			continue;
		any = true;
		if (multicast_join(l->fd, g, l->at.iface, &err) != 0)
			log_warn("cannot join group %s on %s: %s", what,
			    endpoint_format(&l->at, where), err.text);
	}
	if (!any)
		log_warn("join group %s: nothing listens on IPv%d", what,
		    g->addr.family);
}

static void
join_groups(const struct listeners *ls, const struct listen_plan *plan)
{
	for (size_t i = 0; i < plan->ngroups; i++)
		join_group(ls, &plan->groups[i]);
}

/*
 * Change groups. Every listener of the family is a member, as in the first
 * flowd; of steered sockets only the first (steer.h).
 */
static void
change_groups(const struct listeners *now, const struct listeners *old,
    const struct listen_plan *plan)
{
	leave_groups(now, old);
	join_groups(now, plan);
}

/*
 * Open the sockets of a listener without logging. Returns false and errno on
 * failure.
 */
static bool
open_quietly(struct listener *l, unsigned n, const struct endpoint *at)
{
	unsigned opened = n > 1 ? open_shared(l, n, at) : 0;

	if (opened > 0 && opened == n)
		return true;
	close_from(l, 0, opened);
	return open_socket(l, at) != -1 && bind_socket(l) == 0;
}

void
listeners_try(const struct listen_plan *plan,
    void (*report)(const struct endpoint *at, int error, void *arg), void *arg)
{
	size_t n = plan->nlisten * plan->workers;
	struct listener *all = calloc(n + 1, sizeof(*all));

	for (size_t i = 0; all != NULL && i < n; i++)
		all[i].fd = -1;
	for (size_t i = 0; all != NULL && i < plan->nlisten; i++)
		if (!open_quietly(&all[i * plan->workers], plan->workers,
			&plan->listen[i]))
			report(&plan->listen[i], errno, arg);
	if (all != NULL)
		join_groups(&(struct listeners){ .list = all, .n = n }, plan);
	if (all != NULL)
		close_from(all, 0, (unsigned)n);
	free(all);
}

static int
listeners_init(struct listeners *ls, const struct listen_plan *plan,
    const struct inherit *inherit)
{
	*ls = (struct listeners){
		.list = calloc(plan->nlisten * plan->workers + 1,
		    sizeof(*ls->list)),
		.groups = calloc(plan->ngroups + 1, sizeof(*ls->groups)),
		.ngroups = plan->ngroups,
		.inherit = inherit,
	};
	if (ls->list == NULL || ls->groups == NULL) {
		log_error("out of memory");
		free(ls->list);
		free(ls->groups);
		return -1;
	}
	for (size_t i = 0; i < plan->ngroups; i++)
		ls->groups[i] = plan->groups[i];
	return 0;
}

int
listeners_update(struct listeners *ls, const struct listen_plan *plan)
{
	struct listeners now;

	if (listeners_init(&now, plan, ls->inherit) != 0)
		return -1;
	for (size_t i = 0; i < plan->nlisten; i++) {
		if (add_listener(&now, ls, plan->workers, &plan->listen[i]) ==
		    0)
			continue;
		close_others(&now, ls);
		free(now.list);
		free(now.groups);
		return -1;
	}
	close_others(ls, &now);
	change_groups(&now, ls, plan);
	free(ls->list);
	free(ls->groups);
	*ls = now;
	return 0;
}

/* Why no listener uses this inherited socket; NULL: one does. */
static const char *
why_unused(const struct listeners *ls, const struct inherited *one,
    const struct endpoint *at)
{
	if (one->addr.family == ADDR_NONE)
		return "it is not a UDP socket";
	if (listeners_find(ls, at) == NULL)
		return "no \"listen on\" names its address";
	if (inherit_find(ls->inherit, &one->addr, one->port) != one)
		return "another one has the same address";
	return NULL;
}

void
listeners_log_unused(const struct listeners *ls)
{
	char text[ENDPOINT_TEXT_MAX];

	for (size_t i = 0; ls->inherit != NULL && i < ls->inherit->n; i++) {
		const struct inherited *one = &ls->inherit->list[i];
		struct endpoint at = { .addr = one->addr, .port = one->port };
		const char *why = why_unused(ls, one, &at);
		bool udp = one->addr.family != ADDR_NONE;

		if (why != NULL)
			log_warn("socket %s of the service manager%s%s is not "
				 "used: %s",
			    one->name[0] != '\0' ? one->name : "unnamed",
			    udp ? " for " : "",
			    udp ? endpoint_format(&at, text) : "", why);
	}
}
