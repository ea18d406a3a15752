/*
 * A model of traffic: clients that talk to servers, as flows in a batch.
 *
 * Few hosts and services have most of the flows (Zipf), few flows have most of
 * the octets (a Pareto tail). Connections have two directions more often than
 * not. No two flows have the same addresses, ports and protocol: each
 * connection of a client has a port of its own, and a client that has used up
 * its ports moves on to another address. Everything follows from the seed.
 *
 * Called by feed.c. Test: test/unit/send/test_generate.c.
 */
#ifndef FLOWD_GENERATE_H
#define FLOWD_GENERATE_H

#include "batch.h"

struct generate_options {
	uint64_t seed;
	unsigned ipv6_percent;	/* percentage of connections */
	int64_t start_ns;	/* when the first flow is exported */
	uint64_t flows_per_sec;	/* of the model's clock */
};

struct generator;

/* NULL when out of memory. */
struct generator *generator_new(const struct generate_options *options);
void generator_free(struct generator *g);

/*
 * Append n flows, no more than there is room for: addresses, next hop, ports,
 * protocol, flags, counters, interfaces, AS, masks and times; recv_time is
 * the time of export, later than the end of every flow.
 */
void generator_fill(struct generator *g, struct batch *batch, size_t n);

#endif
