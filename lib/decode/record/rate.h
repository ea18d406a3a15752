/*
 * Sampling rates: what one is, and how the elements of a record say it.
 *
 * A rate is one in so many: of so many packets one was counted, or of so many
 * flows one was exported (RFC 7014). Elements say it in several ways, some of
 * them in two numbers; in data records and in options data alike.
 * Called by options_data.c and sampling.c. Test: test/unit/decode/test_rate.c.
 */
#ifndef FLOWD_RATE_H
#define FLOWD_RATE_H

#include <stdbool.h>
#include <stdint.h>

#include "wire.h"

struct rate {
	uint32_t interval;	/* 0: nothing is sampled */
	uint8_t algorithm;	/* 1 deterministic, 2 random, 0 not said */
};

enum rate_part {
	PART_INTERVAL,
	PART_RANDOM_INTERVAL,
	PART_PACKETS,		/* in a row that are taken, */
	PART_PACKETS_BETWEEN,	/* and that are not */
	PART_SIZE,		/* of so many that are taken */
	PART_POPULATION,
	PART_PROBABILITY,
	PART_FLOWS,
	PART_FLOWS_BETWEEN,
	PART_ALGORITHM,
	PART_SELECTOR_ALGORITHM,
	RATE_PARTS
};

/* What the elements of one record say. */
struct rate_parts {
	uint32_t there;		/* a bit for each */
	uint64_t part[RATE_PARTS];
};

/* True when the element says something of a rate. */
bool rate_is_element(uint32_t pen, uint16_t id);
/* Take one element of the record; others are passed over. */
void rate_parts_add(struct rate_parts *parts, uint32_t pen, uint16_t id,
    struct bytes value);
/* The rate that they make; false when they say none. */
bool rate_from_parts(const struct rate_parts *parts, struct rate *rate);

/*
 * The interval with its octets reversed, when the one at hand can only be a
 * mistake of that kind, as of RouterOS before version 7; else 0. No sampler
 * takes one packet in 16 million.
 */
uint32_t rate_reversed(uint32_t interval);

#endif
