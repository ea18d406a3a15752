/*
 * Logs of version 4 as batches of flows: a file that is mapped, or what comes
 * through a pipe. Blocks in which nothing can pass are not looked at, and of
 * the others only the columns that are wanted.
 *
 * Called by scan_source_open.c. Test: test/program/test_reader_v4.py.
 */
#ifndef FLOWD_SEGMENT_SOURCE_H
#define FLOWD_SEGMENT_SOURCE_H

#include "scan_source.h"
#include "segment.h"

struct segment_source;

/*
 * Take over the descriptor of a log of which the first octets, seen, were
 * read; they are copied. NULL with err set; the descriptor is the caller's
 * then.
 */
struct segment_source *segment_source_open(int fd, const char *name,
    const struct scan_source_options *options, struct bytes seen,
    struct flowd_error *err);
void segment_source_close(struct segment_source *s);

/* As scan_source_next(). */
int segment_source_next(
    struct segment_source *s, struct batch *batch, struct flowd_error *err);

/* What it reads from, at its beginning before segment_source_next(). */
struct mapping *segment_source_mapping(struct segment_source *s);

/*
 * The file has grown, if it has: true, and segment_source_next() may have more,
 * or fail when it became shorter. What is cut at its end is not there yet from
 * the first call on.
 */
bool segment_source_grown(struct segment_source *s);
/*
 * The longest time that flows of a block span, unless blocks were joined since;
 * an hour at most.
 */
int64_t segment_source_flush_ns(const struct segment_source *s);
/* How far in the file it is, in octets and in flows. */
struct segment_progress segment_source_read(const struct segment_source *s);
/* How far in the file it is, of how much; false when that is not known. */
bool segment_source_progress(
    const struct segment_source *s, uint64_t *at, uint64_t *all);

#endif
