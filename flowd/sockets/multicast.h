/*
 * Multicast groups that a socket is a member of: "join group". Called by
 * listener.c. Test: test/program/test_networks.py.
 */
#ifndef FLOWD_MULTICAST_H
#define FLOWD_MULTICAST_H

#include "ast.h"
#include "result.h"

/*
 * Join, or leave. Where the group does not say on which interface it is this
 * one, and where that is "" the system's routes decide. Being a member already
 * is good. Returns 0, or FLOWD_EIO and err with the reason.
 */
int multicast_join(int fd, const struct group *g, const char *iface,
    struct flowd_error *err);
int multicast_leave(int fd, const struct group *g, const char *iface,
    struct flowd_error *err);

bool multicast_equal(const struct group *a, const struct group *b);

enum { MULTICAST_TEXT_MAX = 2 * ADDR_TEXT_MAX + 32 };

/* 239.1.1.1 on eth0 */
const char *multicast_format(const struct group *g, char buf[MULTICAST_TEXT_MAX]);

#endif
