/*
 * Messages: the header of an export datagram, and what every flow of it has
 * in common.
 *
 * The versions differ in a table (struct version): where the header fields
 * lie, and, before templates, what a record looks like.
 * Called by decode.c. Test: test/unit/decode/test_message.c.
 */
#ifndef FLOWD_MESSAGE_H
#define FLOWD_MESSAGE_H

#include "batch.h"
#include "counting.h"
#include "datagram.h"
#include "malformed.h"
#include "template_record.h"

/* A version of the protocol. Offsets into the header; 0: has no such field. */
struct version {
	uint16_t number;
	uint8_t header_len;
	uint8_t off_count;	/* records, v1 to v7 */
	uint8_t off_length;	/* octets of the message, IPFIX */
	uint8_t off_uptime_ms;
	uint8_t off_sec;
	uint8_t off_nsec;
	uint8_t off_sequence;
	uint8_t off_domain;
	uint8_t off_engine;	/* type and id, one octet each */
	uint8_t off_sampling;	/* mode in the top 2 bits, interval below */
	uint8_t sequence_unit;	/* enum sequence_unit: by the protocol */
	uint8_t sequence_units;	/* the set that exporters use */
	/* v9 and IPFIX: numbers of the sets that hold templates */
	bool sets;
	uint8_t set_template;
	uint8_t set_options;
	uint8_t style_template;	/* enum template_style */
	uint8_t style_options;
	/* v1 to v7: the built-in template */
	uint8_t max_records;	/* more only if the length is theirs */
	uint8_t record_len;	/* the sum of the fields' */
	uint8_t nfields;
	const struct field *fields;
};

enum {
	VERSION_COUNT = 5,
	SET_HEADER = 4		/* octets: number and length of a set */
};

extern const struct version versions[VERSION_COUNT];

/* Index of the version with this number, or -1. */
int version_find(uint16_t number);

/* A header, and who sent it. */
struct message {
	const struct version *version;
	struct addr agent;
	int64_t recv_ns;
	int64_t export_ns;
	uint32_t export_nsec;	/* of it, as the header has them; or 0 */
	uint8_t export_carry_sec; /* whole seconds sent as nanoseconds */
	uint32_t uptime_ms;	/* 0 for IPFIX */
	uint32_t sequence;
	uint32_t domain;	/* also of v5: engine type and id */
	uint16_t engine_type, engine_id;
	uint32_t sampling_interval;	/* v5; 0: not said */
	uint8_t sampling_algorithm;
	uint16_t nrecords;	/* v1 to v7 */
};

/*
 * Read the header of a datagram and check what its version says of lengths.
 * body is set to the records or sets behind the header that can be read; it
 * is empty when there are none, and its pointer is NULL when there is no
 * header either. Returns 0 or minus an enum malformed, also where body has
 * what is good: a wrong length need not spoil it.
 */
int message_read(struct message *m, const struct datagram *d,
    struct bytes *body);

/* Fill the columns that every flow of a message has alike. */
void message_fill(const struct message *m, struct batch *batch, size_t first,
    size_t n);

#endif
