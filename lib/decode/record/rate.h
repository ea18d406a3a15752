/*
 * Sampling rates, and the elements that express them.
 *
 * A rate is one in so many: one of so many packets was counted, or one of so
 * many flows exported (RFC 7014). Data records and options data express it in
 * several ways, some of them by two elements. option_record.c and sampling.c
 * use it.
 * Test: test/unit/decode/test_rate.c.
 */
#ifndef FLOWD_RATE_H
#define FLOWD_RATE_H

#include <stdbool.h>
#include <stdint.h>

#include "wire.h"

struct rate {
	uint32_t interval;	/* 0: not sampled */
	uint8_t algorithm;	/* 1 deterministic, 2 random, 0 unknown */
};

enum rate_part {
	PART_INTERVAL,
	PART_RANDOM_INTERVAL,
	PART_PACKETS,		/* taken in a row, */
	PART_PACKETS_BETWEEN,	/* and skipped */
	PART_SIZE,		/* taken out of PART_POPULATION */
	PART_POPULATION,
	PART_PROBABILITY,
	PART_FLOWS,
	PART_FLOWS_BETWEEN,
	PART_ALGORITHM,
	PART_SELECTOR_ALGORITHM,
	RATE_PARTS
};

/* The values of the elements of one record. */
struct rate_parts {
	uint32_t there;		/* a bit for each part */
	uint64_t part[RATE_PARTS];
};

/* Whether the element is part of a rate. */
bool rate_is_element(uint32_t pen, uint16_t id);
/* Adds an element of the record; ignores other elements. */
void rate_parts_add(struct rate_parts *parts, uint32_t pen, uint16_t id,
    struct bytes value);
/* The rate by all parts. Returns false if there is none. */
bool rate_from_parts(const struct rate_parts *parts, struct rate *rate);

/*
 * The interval with its octets swapped, if the interval can only be a
 * byte-order error, as in RouterOS before version 7; else 0. No sampler takes
 * one in 16 million packets.
 */
uint32_t rate_reversed(uint32_t interval);

#endif
