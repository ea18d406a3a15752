/*
 * Listeners: the UDP sockets that export datagrams come in by.
 *
 * Called by the daemon at start and on HUP. Test: test/program/test_flowd.py.
 */
#ifndef FLOWD_LISTENER_H
#define FLOWD_LISTENER_H

#include "ast.h"
#include "inherit.h"

struct listener {
	struct endpoint at;
	int fd;
};

struct listeners {
	struct listener *list;
	size_t n;
	const struct inherit *inherit; /* borrowed, tried first; or NULL */
};

/*
 * Make the sockets those that are wanted: the ones that are there stay as they
 * are, with what waits in them; others are taken from what the service manager
 * holds, or opened; and then those that are not wanted any more closed. When
 * one cannot be opened the reason is logged, nothing changes, and -1 is
 * returned.
 */
int listeners_update(
    struct listeners *ls, const struct endpoint *want, size_t n);
void listeners_close(struct listeners *ls);

/* The one that is bound to this address, or NULL. */
struct listener *listeners_find(
    const struct listeners *ls, const struct endpoint *at);

enum { ENDPOINT_TEXT_MAX = ADDR_TEXT_MAX + 32 };

/* 192.0.2.1:2055 or [2001:db8::1%2]:2055 */
const char *endpoint_format(
    const struct endpoint *e, char buf[ENDPOINT_TEXT_MAX]);

#endif
