/*
 * Messages: the header of an export datagram, and the columns all its flows
 * share.
 *
 * A table describes the versions (struct version): where header fields lie
 * and, for versions without templates, the fields of a record. decode.c uses
 * it.
 * Test: test/unit/decode/test_message.c.
 */
#ifndef FLOWD_MESSAGE_H
#define FLOWD_MESSAGE_H

#include "batch.h"
#include "counting.h"
#include "datagram.h"
#include "malformed.h"
#include "template_record.h"

/* A protocol version. Offsets are into the header; 0: no such field. */
struct version {
	uint16_t number;
	uint8_t header_len;
	uint8_t off_count;	/* number of records, v1 to v7 */
	uint8_t off_length;	/* octets of the message, IPFIX */
	uint8_t off_uptime_ms;
	uint8_t off_sec;
	uint8_t off_nsec;
	uint8_t off_sequence;
	uint8_t off_domain;
	uint8_t off_engine;	/* type and id, one octet each */
	uint8_t off_sampling;	/* mode in the top 2 bits, interval below */
	uint8_t sequence_unit;	/* enum sequence_unit, by the protocol */
	uint8_t sequence_units;	/* set of units that exporters use */
	/* v9 and IPFIX: ids of the sets that hold templates. */
	bool sets;
	uint8_t set_template;
	uint8_t set_options;
	uint8_t style_template;	/* enum template_style */
	uint8_t style_options;
	/* v1 to v7: the built-in template. */
	uint8_t max_records;	/* usual maximum; see message_read() */
	uint8_t record_len;	/* sum of the field lengths */
	uint8_t nfields;
	const struct field *fields;
};

enum {
	VERSION_COUNT = 5,
	SET_HEADER = 4		/* octets: id and length of a set */
};

extern const struct version versions[VERSION_COUNT];

/* Index of the version with this number, or -1. */
int version_find(uint16_t number);

/* A decoded header, and its sender. */
struct message {
	const struct version *version;
	struct addr agent;
	int64_t recv_ns;
	int64_t export_ns;
	uint32_t export_nsec;	/* nanoseconds of it in the header, or 0 */
	uint8_t export_carry_sec; /* whole seconds sent as nanoseconds */
	uint32_t uptime_ms;	/* 0 for IPFIX */
	uint32_t sequence;
	uint32_t domain;	/* for v5: engine type and id */
	uint16_t engine_type, engine_id;
	uint32_t sampling_interval;	/* v5; 0: none */
	uint8_t sampling_algorithm;
	uint16_t nrecords;	/* v1 to v7 */
};

/*
 * Reads and validates the header of a datagram. body becomes the records or
 * sets after the header; it is empty if there are none, and its pointer is NULL
 * without a valid header. Returns 0 or a negated enum malformed. body may hold
 * valid data even then, since a wrong length does not spoil the rest.
 */
int message_read(struct message *m, const struct datagram *d,
    struct bytes *body);

/* Fills the columns that all flows of a message share. */
void message_fill(const struct message *m, struct batch *batch, size_t first,
    size_t n);

#endif
