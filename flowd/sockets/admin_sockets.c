/* Admin sockets; see admin_sockets.h. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "admin_sockets.h"
#include "endpoint.h"
#include "log.h"
#include "sock.h"

enum {
	BACKLOG = 16,
	/*
	 * Send buffer for a client, in octets. The rest of a response stays in
	 * memory that clients share.
	 */
	SNDBUF = 128 * 1024
};

void
admin_sockets_init(struct admin_sockets *d)
{
	*d = (struct admin_sockets){ .control = { .fd = -1 } };
}

/* IPv6 sockets do not receive IPv4, as with "listen on". */
static int
set_options(int fd, const struct endpoint *at)
{
	int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0)
		return -1;
	if (at->addr.family == ADDR_V6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) != 0)
		return -1;
	sock_set_sndbuf(fd, SNDBUF);
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	return 0;
}

/* Open a socket. Returns -1 and errno on failure. */
static int
metrics_open_quietly(const struct endpoint *at)
{
	struct sockaddr_storage ss;
	unsigned len = addr_to_sockaddr(&at->addr, at->port, &ss);
	int fd = socket(ss.ss_family, SOCK_STREAM, 0), error;

	if (fd != -1 && set_options(fd, at) == 0 &&
	    bind(fd, (struct sockaddr *)&ss, len) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	error = errno;
	if (fd != -1)
		(void)close(fd);
	errno = error;
	return -1;
}

static int
metrics_open(const struct endpoint *at)
{
	char text[ENDPOINT_TEXT_MAX];
	int fd = metrics_open_quietly(at);

	if (fd == -1)
		log_error("cannot listen on %s for metrics: %s",
		    endpoint_format(at, text), strerror(errno));
	return fd;
}

void
admin_sockets_try(const struct conf *conf,
    void (*report)(const struct endpoint *at, int error, void *arg), void *arg)
{
	int fds[CONF_METRICS_MAX];

	for (size_t i = 0; i < conf->nmetrics; i++)
		if ((fds[i] = metrics_open_quietly(&conf->metrics[i])) == -1)
			report(&conf->metrics[i], errno, arg);
	for (size_t i = 0; i < conf->nmetrics; i++)
		if (fds[i] != -1)
			(void)close(fds[i]);
}

/* The open socket of an address, or -1. */
static int
metrics_find(const struct admin_sockets *d, const struct endpoint *at)
{
	for (size_t i = 0; i < d->nmetrics; i++)
		if (d->at[i].port == at->port &&
		    addr_equal(&d->at[i].addr, &at->addr))
			return d->metrics[i];
	return -1;
}

/* Close the sockets of d that other does not have. */
static void
metrics_close_others(
    const struct admin_sockets *d, const struct admin_sockets *other)
{
	for (size_t i = 0; i < d->nmetrics; i++)
		if (metrics_find(other, &d->at[i]) != d->metrics[i])
			(void)close(d->metrics[i]);
}

/* Open all sockets for metrics; those of d are reused. */
static int
metrics_open_all(const struct admin_sockets *d, const struct conf *conf,
    struct admin_sockets *next)
{
	for (size_t i = 0; i < conf->nmetrics; i++) {
		const struct endpoint *at = &conf->metrics[i];
		int fd = metrics_find(d, at);

		if (fd == -1)
			fd = metrics_open(at);
		if (fd == -1)
			return -1;
		next->at[next->nmetrics] = *at;
		next->metrics[next->nmetrics++] = fd;
	}
	return 0;
}

/* Handle a failure; it is an error only if the path is configured. */
static int
control_failed(const struct conf *conf, const struct flowd_error *err,
    struct admin_sockets *next)
{
	if (conf->control_is_set) {
		log_error("%s", err->text);
		return -1;
	}
	next->control_error = *err;
	return 0;
}

void
admin_sockets_log_error(const struct admin_sockets *d)
{
	if (d->control_error.text[0] != '\0')
		log_warn("%s; flowctl cannot be used", d->control_error.text);
}

static bool
is_same_path(const struct admin_sockets *d, const struct conf *conf)
{
	return d->control.fd != -1 &&
	    strcmp(d->control.path, conf->control) == 0;
}

/*
 * Keep the control socket. If it is not at its path any more, open a new one;
 * failure to do so is not an error of the configuration.
 */
static int
control_keep(const struct admin_sockets *d, const struct conf *conf,
    struct admin_sockets *next)
{
	struct flowd_error err;

	if (control_socket_check(&d->control) == CONTROL_SOCKET_HERE) {
		next->control = d->control;
		if (control_socket_set_group(
			&next->control, conf->control_group, &err) == 0)
			return 0;
		return control_failed(conf, &err, next);
	}
	if (control_socket_open(&next->control, conf->control,
		conf->control_group, &next->control_error) != 0)
		next->control = d->control;
	return 0;
}

static int
control_open(const struct admin_sockets *d, const struct conf *conf,
    struct admin_sockets *next)
{
	struct flowd_error err;

	if (conf->control == NULL)
		return 0;
	if (is_same_path(d, conf))
		return control_keep(d, conf, next);
	if (control_socket_open(
		&next->control, conf->control, conf->control_group, &err) == 0)
		return 0;
	return control_failed(conf, &err, next);
}

int
admin_sockets_stage(const struct admin_sockets *d, const struct conf *conf,
    struct admin_sockets *next)
{
	admin_sockets_init(next);
	if (metrics_open_all(d, conf, next) == 0 &&
	    control_open(d, conf, next) == 0)
		return 0;
	metrics_close_others(next, d);
	return -1;
}

void
admin_sockets_commit(struct admin_sockets *d, const struct admin_sockets *next)
{
	metrics_close_others(d, next);
	if (next->control.fd != d->control.fd)
		control_socket_close(&d->control);
	*d = *next;
}

void
admin_sockets_abandon(const struct admin_sockets *d, const struct conf *conf,
    struct admin_sockets *next)
{
	struct flowd_error err;

	metrics_close_others(next, d);
	if (next->control.fd != d->control.fd)
		control_socket_close(&next->control);
	else if (d->control.fd != -1)
		(void)control_socket_set_group(&d->control, conf->control_group,
		    &err);
}

bool
admin_sockets_restore(struct admin_sockets *d, const struct conf *conf)
{
	struct control_socket next;
	struct flowd_error err;

	if (conf->control == NULL || (d->control.fd != -1 &&
		control_socket_check(&d->control) != CONTROL_SOCKET_GONE))
		return false;
	if (control_socket_open(
		&next, conf->control, conf->control_group, &err) != 0) {
		/* A socket that never existed has been logged already. */
		if (d->control.fd != -1)
			log_limited(LOG_KIND_PATH, "%s; flowctl cannot be used",
			    err.text);
		return false;
	}
	log_limited(LOG_KIND_PATH, "control socket %s was removed: created it "
	    "again", conf->control);
	control_socket_close(&d->control);
	d->control = next;
	d->control_error.text[0] = '\0';
	return true;
}

void
admin_sockets_close(struct admin_sockets *d)
{
	for (size_t i = 0; i < d->nmetrics; i++)
		(void)close(d->metrics[i]);
	control_socket_close(&d->control);
	admin_sockets_init(d);
}
