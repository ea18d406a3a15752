/*
 * Encodes the rows of a batch as export datagrams: NetFlow 5, NetFlow 9
 * (RFC 3954) or IPFIX (RFC 7011). It is an exporter with one stream: its
 * sequence numbers go on through all batches.
 *
 *	while (encoder_add(enc, batch, &row))
 *		... encoder_finish(enc) gives the datagram that is full ...
 *	... the batch is used up; a datagram may be under way ...
 *
 * NetFlow 9 and IPFIX: a template for each set of columns that rows have, sent
 * in front of the first such row and again every so many datagrams. Columns
 * without an element are left out.
 *
 * Called by feed.c. Test: test/unit/send/test_encode.c.
 */
#ifndef FLOWD_ENCODE_H
#define FLOWD_ENCODE_H

#include "batch.h"

enum {
	ENCODE_V5_RECORDS = 30 /* of a datagram at most */
};

struct encode_options {
	unsigned version;	/* 5, 9 or 10 */
	unsigned records;	/* of a datagram; 0: what fits into a packet */
	unsigned refresh;	/* datagrams between templates */
	uint32_t domain;	/* source id, observation domain; v5: engine */
};

struct encoded {
	struct bytes payload;	/* borrowed until the next encoder_add() */
	int64_t time_ns; /* of export; the header may say it in seconds */
	unsigned flows;
};

struct encoder;

bool encode_knows_version(unsigned version);

/* The columns that are looked at. */
struct colset encoder_columns(void);

/* NULL when out of memory. */
struct encoder *encoder_new(const struct encode_options *options);
void encoder_free(struct encoder *enc);

/*
 * Put rows from *row on into the datagram under way, and move *row past them.
 * Returns true when it is full: finish it and call again. False: no row is
 * left.
 *
 * The time of export is agent_time, where rows have one: then those of a
 * datagram have the same. Else it is the recv_time of the first.
 */
bool encoder_add(struct encoder *enc, const struct batch *batch, size_t *row);

/* The datagram under way as it is to be sent; empty when there is none. */
struct encoded encoder_finish(struct encoder *enc);

/*
 * Rows that the version cannot hold: NetFlow 5 has no IPv6, counters of 32
 * bits, and interfaces of 16.
 */
uint64_t encoder_left_out(const struct encoder *enc);

#endif
