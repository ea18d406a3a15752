/*
 * A segment by several threads: each takes the next block, and gives the rows
 * that pass to the consumer. Partial results are emitted in the order of the
 * blocks, if the consumer is ordered.
 *
 * The threads are there while a segment is read; what they work with lasts from
 * segment to segment.
 *
 * Called by scan_run.c. Test: test/unit/query/test_scan.c,
 * test/program/test_reader_v4.py.
 */
#ifndef FLOWD_PARALLEL_H
#define FLOWD_PARALLEL_H

#include "block_scan.h"
#include "scan_state.h"

/* What a thread works with. */
struct worker {
	struct parallel *parallel;
	struct row_filter filter; /* of the plan, with a predicate of its own */
	struct predicate *predicate;
	struct block_scan rows;
	struct block *block;
	struct batch *batch;
	void *state; /* of the consumer */
	void *partial; /* of one that is not ordered */
};

struct parallel;

/*
 * Threads that may be worth it for a scan: processors, up to a few; 1 if the
 * predicate cannot be had for each of them, or there is nothing to do.
 */
unsigned parallel_threads(const struct scan *s);

/* state and partial are those of the caller's thread, borrowed. */
struct parallel *parallel_new(struct scan *s,
    const struct scan_consumer *consumer, void *arg, void *state,
    void *partial, unsigned threads, struct flowd_error *err);
void parallel_free(struct parallel *p);

/*
 * Read all of the segment that is open in the scan. Returns 0, also when blocks
 * were passed over, or a negative FLOWD_E* with err set.
 */
int parallel_read(
    struct parallel *p, const struct mapping *m, struct flowd_error *err);

/* Emit the partial results of threads of a consumer that is not ordered. */
int parallel_emit(struct parallel *p, struct flowd_error *err);

#endif
