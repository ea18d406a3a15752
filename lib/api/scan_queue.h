/*
 * Batches of a scan that several threads read, for one thread that takes them
 * one after the other: scan_run() in a thread of its own, and a queue of some
 * batches between the two. The order is that of the files.
 *
 * Only for regular files: a thread that waits for a pipe could not be stopped.
 *
 * Called by flowd_scan.c. Test: test/unit/api/test_scan.c.
 */
#ifndef FLOWD_SCAN_QUEUE_H
#define FLOWD_SCAN_QUEUE_H

#include "flowd_batch.h"
#include "scan.h"

struct scan_queue;

/* What is called by who calls scan_queue_next(). */
struct scan_queue_events {
	void (*warn)(void *arg, const char *text);
	void (*progress)(void *arg, uint64_t done, uint64_t total);
	void *arg;
};

/*
 * A queue of a scan, of which warnings go to scan_queue_warn(), and progress to
 * scan_queue_progress(). Columns are borrowed. NULL with err set.
 */
struct scan_queue *scan_queue_new(struct scan *scan,
    const struct column_list *columns, size_t rows,
    const struct scan_queue_events *events, struct flowd_error *err);
/* Begin to read: 0, or FLOWD_ENOMEM with err set. */
int scan_queue_start(struct scan_queue *q, struct flowd_error *err);
/* Stop reading, and wait for the threads. */
void scan_queue_free(struct scan_queue *q);

/* A warning of the scan, and its progress, by the thread that reads. */
void scan_queue_warn(struct scan_queue *q, const char *text);
void scan_queue_progress(struct scan_queue *q, uint64_t done, uint64_t total);

/*
 * The next batch instead of *batch, which is given back unless it is NULL.
 * Returns 1, 0 at the end, or a negative FLOWD_E* with err set; then *batch
 * is NULL.
 */
int scan_queue_next(struct scan_queue *q, struct flowd_batch **batch,
    struct flowd_error *err);

#endif
