/*
 * Outlets: where an engine's flows become what a log is made of. Rows of
 * batches go in; finished records or blocks come out, when there are enough of
 * them or they have waited long enough.
 *
 * Each encoder knows up to which datagram all flows are in what it handed out,
 * so that nothing is lost uncounted when the process dies in between.
 *
 * Called by pipeline.c. Tests: test/unit/flowd/test_encoder.c.
 */
#ifndef FLOWD_ENCODER_H
#define FLOWD_ENCODER_H

#include "batch.h"
#include "block_writer.h"
#include "buf.h"

/* Takes whole units, borrowed during the call, with so many flows in them;
 * there may be none. */
struct encoder_sink {
	void (*deliver)(unsigned encoder, struct bytes units, uint64_t flows,
	    uint64_t through, void *arg);
	void *arg;
};

/* Flows that did not come out, or will not. */
struct encoder_losses {
	uint64_t unstorable; /* a version 3 log cannot hold them */
	uint64_t lost; /* out of memory */
};

struct encoder {
	unsigned number;
	const struct encoder_sink *sink; /* borrowed */
	uint32_t store; /* of records: enum classic_field */
	struct block_writer *writer; /* NULL: it is one of records */
	uint32_t flush_ms; /* the longest that a flow waits */
	int64_t due_ms; /* when those that wait have to go; 0: none wait */
	struct buf out;
	uint64_t flows; /* in out */
	uint64_t through; /* of what is in out or waits */
	uint64_t told; /* of what was handed out */
	struct encoder_losses losses;
};

/* Of records with these fields. */
void encoder_init_records(struct encoder *o, unsigned number,
    const struct encoder_sink *sink, uint32_t store);
/* Of blocks. False when out of memory. */
bool encoder_init_blocks(struct encoder *o, unsigned number,
    const struct encoder_sink *sink, const struct block_options *options,
    uint32_t flush_ms);
/* Rows that wait are not handed out: see encoder_finish(). */
void encoder_fini(struct encoder *o);

/*
 * Take the selected rows. The flows of all datagrams up to the through-th have
 * been here then.
 */
void encoder_add(struct encoder *o, const struct batch *batch, uint64_t through,
    int64_t now_ms);
/*
 * All flows of so many datagrams have been here: hand out what is not to wait
 * for more.
 */
void encoder_flush(struct encoder *o, uint64_t through, int64_t now_ms);
/* Hand out everything. */
void encoder_finish(struct encoder *o, uint64_t through);

#endif
