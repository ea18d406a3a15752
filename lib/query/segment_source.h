/*
 * Reads a log of version 4 as batches of flows: a mapped file, or the data of a
 * pipe. Blocks in which no flow can pass are skipped, and of the others only
 * the wanted columns are read.
 *
 * Called by scan_source_open.c. Test: test/program/reader/test_reader_v4.py.
 */
#ifndef FLOWD_SEGMENT_SOURCE_H
#define FLOWD_SEGMENT_SOURCE_H

#include "scan_source.h"
#include "segment.h"

struct segment_source;

/*
 * Take over the descriptor of a log. Its first octets, seen, have been read,
 * and are copied. NULL with err set; the caller keeps the descriptor then.
 */
struct segment_source *segment_source_open(int fd, const char *name,
    const struct scan_source_options *options, struct bytes seen,
    struct flowd_error *err);
void segment_source_close(struct segment_source *s);

/* As scan_source_next(). */
int segment_source_next(
    struct segment_source *s, struct batch *batch, struct flowd_error *err);

/*
 * The octets of the log; from the beginning, if segment_source_next() has not
 * been called.
 */
struct mapping *segment_source_mapping(struct segment_source *s);

/* Its index, as long as every block read so far is whole; NULL: none. */
const struct segment_index *segment_source_index(
    const struct segment_source *s);

/*
 * True if the file can grow: then segment_source_next() may have more, or fail
 * because the file became shorter. From the first call on, a truncated end
 * counts as not written yet.
 */
bool segment_source_grown(struct segment_source *s);
/*
 * The longest time span of a block, an estimate of the flush interval unless
 * blocks were joined; an hour at most.
 */
int64_t segment_source_flush_ns(const struct segment_source *s);
/* The read position, in octets and in flows. */
struct segment_progress segment_source_read(const struct segment_source *s);
/* The position in the file and its size; false when that is not known. */
bool segment_source_progress(
    const struct segment_source *s, uint64_t *at, uint64_t *all);

#endif
