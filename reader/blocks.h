/*
 * Logs of version 4 as batches of flows: a file that is mapped, or what comes
 * through a pipe. Blocks in which nothing can pass are not looked at, and of
 * the others only the columns that are wanted.
 *
 * Called by input.c. Test: test/program/test_reader_v4.py.
 */
#ifndef FLOWD_READER_BLOCKS_H
#define FLOWD_READER_BLOCKS_H

#include "input.h"
#include "segment.h"

struct blocks;

/*
 * Take over the descriptor of a log of which the first octets, seen, were
 * read; they are copied. NULL with err set; the descriptor is the caller's
 * then.
 */
struct blocks *blocks_open(int fd, const char *name,
    const struct input_options *options, struct bytes seen,
    struct flowd_error *err);
void blocks_close(struct blocks *bl);

/* As input_next(). */
int blocks_next(
    struct blocks *bl, struct batch *batch, struct flowd_error *err);

/* What it reads from, at its beginning before blocks_next(). */
struct mapped *blocks_octets(struct blocks *bl);

/*
 * The file has grown, if it has: true, and blocks_next() may have more, or
 * fail when it became shorter. What is cut at its end is not there yet from the
 * first call on.
 */
bool blocks_grown(struct blocks *bl);
/*
 * The longest time that flows of a block span, unless blocks were joined since;
 * an hour at most.
 */
int64_t blocks_flush_ns(const struct blocks *bl);
/* How far in the file it is, of how much; false when that is not known. */
bool blocks_progress(const struct blocks *bl, uint64_t *at, uint64_t *all);

#endif
