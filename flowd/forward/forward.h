/*
 * Forwarding: sends copies of datagrams, unchanged, to other collectors.
 *
 * The sockets are opened by the parent (sockets/forward_sockets.h). Nothing
 * here blocks: a datagram that the system does not accept at once is counted
 * and dropped.
 *
 * Called by forwarder.c. Test: test/program/flowd/test_forward.py.
 */
#ifndef FLOWD_FORWARD_H
#define FLOWD_FORWARD_H

#include "collector.h"
#include "decode.h"
#include "log.h"

enum {
	FORWARD_BATCH = 64, /* datagrams in one call */
	FORWARD_LEAST = 4 /* octets: shorter datagrams are not exports */
};

struct forward_counters {
	uint64_t sent; /* accepted by the system */
	uint64_t failed; /* refused by the system */
	uint64_t dropped; /* the send buffer was full */
};

struct forward {
	struct collector to;
	int fd;
	bool connected;
	size_t mtu; /* spoof: path MTU; 0 when unknown */
	uint32_t ident; /* spoof: identification of the last datagram */
	struct forward_counters counters;
	struct log_limit limit;
};

struct forwards {
	struct forward *list;
	size_t n;
};

void forwards_close(struct forwards *f);

/* Continue the counters that the same collector has in old. */
void forward_continue(struct forward *f, const struct forwards *old);

/* Send n datagrams to every collector. */
void forwards_send(
    struct forwards *f, const struct datagram *const *list, size_t n);
/* Send n datagrams to one collector. */
void forward_send(
    struct forward *f, const struct datagram *const *list, size_t n);

/* Log the counters of each collector. */
void forwards_log_counters(const struct forwards *f);

#endif
