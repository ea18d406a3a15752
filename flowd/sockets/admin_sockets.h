/*
 * Admin sockets: the control socket of flowctl, and the TCP sockets on which
 * metrics are served.
 *
 * Called by the parent.
 * Test: test/program/flowd/test_flowctl.py.
 */
#ifndef FLOWD_ADMIN_SOCKETS_H
#define FLOWD_ADMIN_SOCKETS_H

#include "conf.h"
#include "control_socket.h"

struct admin_sockets {
	struct control_socket control;
	size_t nmetrics;
	int metrics[CONF_METRICS_MAX];
	struct endpoint at[CONF_METRICS_MAX];
	/* why there is no control socket; "" */
	struct flowd_error control_error;
};

void admin_sockets_init(struct admin_sockets *d);
/*
 * Open the sockets of conf into next; those that are open already are shared
 * with d. On failure the reason is logged and -1 is returned. A control socket
 * at the default path may fail: admin_sockets_log_error() logs why.
 */
int admin_sockets_stage(const struct admin_sockets *d, const struct conf *conf,
    struct admin_sockets *next);
/* Use next, and close what is not in it. */
void admin_sockets_commit(struct admin_sockets *d,
    const struct admin_sockets *next);
/* Or close what is new in next; conf is the configuration in use. */
void admin_sockets_abandon(const struct admin_sockets *d,
    const struct conf *conf, struct admin_sockets *next);
/*
 * Try to listen on the addresses for metrics, and close the sockets again.
 * report is called with errno for each address that fails.
 */
void admin_sockets_try(const struct conf *conf,
    void (*report)(const struct endpoint *at, int error, void *arg), void *arg);
/*
 * Create the control socket again when its path was removed, or could not be
 * created before; call it every few seconds. Returns true when there is a new
 * one.
 */
bool admin_sockets_restore(struct admin_sockets *d, const struct conf *conf);
/* Log why there is no control socket, if there is none. */
void admin_sockets_log_error(const struct admin_sockets *d);
void admin_sockets_close(struct admin_sockets *d);

static inline bool
admin_sockets_any(const struct admin_sockets *d)
{
	return d->control.fd != -1 || d->nmetrics > 0;
}

#endif
