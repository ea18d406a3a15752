/*
 * Doors: what the parent listens on for people and programs that ask: the
 * socket of flowctl, and where metrics are served.
 *
 * Called by the parent. Tests: test/program/test_flowctl.py.
 */
#ifndef FLOWD_DOORS_H
#define FLOWD_DOORS_H

#include "conf.h"
#include "ctlsock.h"

struct doors {
	struct ctlsock control;
	size_t nmetrics;
	int metrics[CONF_METRICS_MAX];
	struct endpoint at[CONF_METRICS_MAX];
	struct flowd_error lacking; /* why there is no socket; "" */
};

void doors_init(struct doors *d);
/*
 * Open what conf wants, beside what is there, which stays open and is taken
 * over. On failure the reason is logged, and -1 is returned; but a socket whose
 * path nobody has said is done without: doors_tell() then logs why.
 */
int doors_stage(
    const struct doors *d, const struct conf *conf, struct doors *next);
/* Use that instead, and close what it does not have. */
void doors_commit(struct doors *d, const struct doors *next);
/* Or close what is new in it: all is as conf wanted it before. */
void doors_abandon(
    const struct doors *d, const struct conf *conf, struct doors *next);
/*
 * Try to listen where metrics are served, and close it again: tell is called
 * for each address where that fails, with errno.
 */
void doors_try(const struct conf *conf,
    void (*tell)(const struct endpoint *at, int error, void *arg), void *arg);
/*
 * Make the socket of flowctl again when its path is gone, or it could not be
 * made before; to be called every few seconds. True: there is another one.
 */
bool doors_tend(struct doors *d, const struct conf *conf);
void doors_tell(const struct doors *d);
void doors_close(struct doors *d);

static inline bool
doors_any(const struct doors *d)
{
	return d->control.fd != -1 || d->nmetrics > 0;
}

#endif
