/*
 * Doors: what the parent listens on for people and programs that ask: the
 * socket of flowctl, and where metrics are served.
 *
 * Called by the parent. Tests: test/program/test_flowctl.py.
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
	struct flowd_error lacking; /* why there is no socket; "" */
};

void admin_sockets_init(struct admin_sockets *d);
/*
 * Open what conf wants, beside what is there, which stays open and is taken
 * over. On failure the reason is logged, and -1 is returned; but a socket whose
 * path nobody has said is done without: admin_sockets_tell() then logs why.
 */
int admin_sockets_stage(
    const struct admin_sockets *d, const struct conf *conf, struct admin_sockets *next);
/* Use that instead, and close what it does not have. */
void admin_sockets_commit(struct admin_sockets *d, const struct admin_sockets *next);
/* Or close what is new in it: all is as conf wanted it before. */
void admin_sockets_abandon(
    const struct admin_sockets *d, const struct conf *conf, struct admin_sockets *next);
/*
 * Try to listen where metrics are served, and close it again: tell is called
 * for each address where that fails, with errno.
 */
void admin_sockets_try(const struct conf *conf,
    void (*tell)(const struct endpoint *at, int error, void *arg), void *arg);
/*
 * Make the socket of flowctl again when its path is gone, or it could not be
 * made before; to be called every few seconds. True: there is another one.
 */
bool admin_sockets_tend(struct admin_sockets *d, const struct conf *conf);
void admin_sockets_tell(const struct admin_sockets *d);
void admin_sockets_close(struct admin_sockets *d);

static inline bool
admin_sockets_any(const struct admin_sockets *d)
{
	return d->control.fd != -1 || d->nmetrics > 0;
}

#endif
