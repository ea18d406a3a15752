/*
 * Parallel scan of segments: workers take the next block, of the current file
 * or a later one, and pass its matching rows to the consumer. Files are opened
 * ahead, so that workers are busy even if files have few blocks. If the
 * consumer is ordered, partial results are emitted in the order of the blocks.
 * Events always come in the order of the files.
 *
 *	calling thread	opens files, finds the blocks that may match by their
 *			heads, and emits results
 *	workers		read blocks
 *
 * Called by scan_run.c. Test: test/unit/query/test_parallel.c, test_scan.c,
 * test/program/reader/test_reader_v4.py.
 */
#ifndef FLOWD_PARALLEL_H
#define FLOWD_PARALLEL_H

#include "scan_state.h"

struct parallel;

/*
 * The number of threads that suits a scan: processors, up to a few; 1 if there
 * is little to do; 0 if parallel reading is not possible: for a scan that
 * follows, has a limit, or reads version 2.
 */
unsigned parallel_threads(const struct scan *s);

/* state and partial are those of the caller's thread, borrowed. */
struct parallel *parallel_new(struct scan *s,
    const struct scan_consumer *consumer, void *arg, void *state,
    void *partial, unsigned threads, struct flowd_error *err);
void parallel_free(struct parallel *p);

/*
 * Read files up to one that is not a segment. Returns 1 when the scan has
 * reached such a file, which is open, and which the caller reads and closes; 0
 * when there are no more files; or a negative FLOWD_E* with err set. On return
 * no worker is reading.
 */
int parallel_read(struct parallel *p, struct flowd_error *err);

/* Emit the partial results of threads of a consumer that is not ordered. */
int parallel_emit(struct parallel *p, struct flowd_error *err);

#endif
