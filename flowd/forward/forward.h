/*
 * Forwarding: copies of datagrams, octet for octet, to other collectors.
 *
 * The sockets are those that the parent has opened (sockets/forward_sockets.h).
 * Nothing here waits: a datagram that the system does not take at once is
 * counted and gone.
 *
 * Called by forwarder.c. Test: test/program/test_forward.py.
 */
#ifndef FLOWD_FORWARD_H
#define FLOWD_FORWARD_H

#include "collector.h"
#include "decode.h"
#include "log.h"

enum {
	FORWARD_BATCH = 64, /* datagrams in one call */
	FORWARD_LEAST = 4 /* octets: what is shorter is no export */
};

struct forward_counters {
	uint64_t sent; /* the system took them */
	uint64_t failed; /* it refused them */
	uint64_t dropped; /* its send buffer was full */
};

struct forward {
	struct collector to;
	int fd;
	bool connected;
	size_t mtu; /* spoof: the longest packet; 0 when not known */
	uint32_t ident; /* spoof: of the last datagram */
	struct forward_counters counters;
	struct log_limit limit;
};

struct forwards {
	struct forward *list;
	size_t n;
};

void forwards_close(struct forwards *f);

/* The counters of the same collector in old are those of f, too. */
void forward_continue(struct forward *f, const struct forwards *old);

/* Send datagrams to every collector. Any number. */
void forwards_send(
    struct forwards *f, const struct datagram *const *list, size_t n);
/* The same to one: for whoever has spoofing in a process of its own. */
void forward_send(
    struct forward *f, const struct datagram *const *list, size_t n);

/* A line for each: its counters. */
void forwards_log_counters(const struct forwards *f);

#endif
