/*
 * The octets of a log that may still grow: a mapped file, or what came through
 * a pipe so far and is not used up.
 *
 * To read what is mapped of a file that was made shorter, or that the disk does
 * not give, is a SIGBUS: a program that maps logs of others handles it
 * (tool/sigbus.h).
 *
 * Called by segment_source.c and verify.c. Test: test/unit/query/
 * test_scan.c, test/program/test_reader_v4.py.
 */
#ifndef FLOWD_MAPPING_H
#define FLOWD_MAPPING_H

#include "buf.h"
#include "result.h"
#include "segment.h"
#include "wire.h"

struct mapping {
	int fd;
	bool is_file;
	bool eof; /* nothing comes any more */
	struct bytes all; /* the octets that are available */
	uint64_t offset; /* of the first of it */
	struct buf pipe;
};

/*
 * Take over the descriptor. seen are the octets that were read from it. A
 * regular file is mapped from its beginning; mapping_init_pipe() reads it as it
 * reads a pipe. On failure the descriptor is the caller's.
 */
int mapping_init(struct mapping *m, int fd, struct bytes seen,
    const char *name, struct flowd_error *err);
int mapping_init_pipe(struct mapping *m, int fd, struct bytes seen,
    const char *name, struct flowd_error *err);
void mapping_fini(struct mapping *m);

/*
 * There may be more: the octets in front of used, which is set to 0 if they go
 * away, are not needed any more. Returns 1 when there is more, 0 when not now
 * or never (eof), or a negative FLOWD_E*: of a file that became shorter, too.
 */
int mapping_more(struct mapping *m, size_t *used, const char *name,
    struct flowd_error *err);

/* At its end a walk over it needs more of a pipe: 1, 0 at the end, or < 0. */
int mapping_walk_on(struct mapping *m, struct segment_walk *w,
    const char *name, struct flowd_error *err);

/* Does a block of a log of version 4 follow a damaged beginning? */
bool mapping_has_block(const struct mapping *m);

#endif
