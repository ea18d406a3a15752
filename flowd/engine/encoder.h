/*
 * Encoders: rows of batches in, records or blocks of a log out. Output is
 * delivered when there is enough of it, or when a row has waited long enough.
 *
 * An encoder knows up to which datagram all flows have been delivered, so that
 * after a crash the rest can be counted as lost.
 *
 * Called by pipeline.c. Test: test/unit/flowd/engine/test_encoder.c.
 */
#ifndef FLOWD_ENCODER_H
#define FLOWD_ENCODER_H

#include "batch.h"
#include "block_writer.h"
#include "buf.h"

/*
 * Takes whole units with so many flows in them, borrowed during the call; they
 * may be empty.
 */
struct encoder_sink {
	void (*deliver)(unsigned encoder, struct bytes units, uint64_t flows,
	    uint64_t through, void *arg);
	void *arg;
};

/* Flows that could not be encoded. */
struct encoder_losses {
	uint64_t unstorable; /* a version 3 log cannot hold them */
	uint64_t lost; /* out of memory */
};

struct encoder {
	unsigned number;
	const struct encoder_sink *sink; /* borrowed */
	uint32_t store; /* of records: enum classic_field */
	struct block_writer *writer; /* NULL: it encodes records */
	uint32_t flush_ms; /* the longest that a row waits */
	int64_t due_ms; /* when waiting rows are due; 0: none wait */
	struct buf out;
	uint64_t flows; /* in out */
	uint64_t through; /* datagram up to which flows are in out or wait */
	uint64_t delivered; /* datagram up to which all flows were delivered */
	struct encoder_losses losses;
};

/* Encode records with these fields (enum classic_field). */
void encoder_init_records(struct encoder *o, unsigned number,
    const struct encoder_sink *sink, uint32_t store);
/* Encode blocks. Returns false when out of memory. */
bool encoder_init_blocks(struct encoder *o, unsigned number,
    const struct encoder_sink *sink, const struct block_options *options,
    uint32_t flush_ms);
/* Waiting rows are dropped: call encoder_finish() before. */
void encoder_fini(struct encoder *o);

/*
 * Encode the selected rows. They complete the flows of all datagrams up to
 * number through.
 */
void encoder_add(struct encoder *o, const struct batch *batch, uint64_t through,
    int64_t now_ms);
/*
 * All flows of datagrams up to number through have been added: deliver rows
 * that are due.
 */
void encoder_flush(struct encoder *o, uint64_t through, int64_t now_ms);
/* Deliver everything. */
void encoder_finish(struct encoder *o, uint64_t through);

#endif
