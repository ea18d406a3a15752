/*
 * The octets of a log that may still grow: a mapped file, or what came through
 * a pipe so far and is not used up.
 *
 * Called by blocks.c, check.c and reader.c.
 * Test: test/program/test_reader_v4.py.
 */
#ifndef FLOWD_READER_MAPPED_H
#define FLOWD_READER_MAPPED_H

#include "buf.h"
#include "result.h"
#include "segment.h"
#include "wire.h"

struct mapped {
	int fd;
	bool is_file;
	bool eof; /* nothing comes any more */
	struct bytes all; /* what there is */
	uint64_t offset; /* of the first of it */
	struct buf pipe;
};

/*
 * Take over the descriptor. seen are the octets that were read from it. A
 * regular file is mapped from its beginning. On failure the descriptor is the
 * caller's.
 */
int mapped_init(struct mapped *m, int fd, struct bytes seen, const char *name,
    struct flowd_error *err);
void mapped_fini(struct mapped *m);
/*
 * Is it a log of version 4? By its first octet; or, if that is no other log's
 * either, by a block somewhere behind it: its beginning may be damaged.
 */
bool mapped_is_log(const struct mapped *m);
/*
 * Open a path, and map it if it is a regular file that is a log of version 4:
 * 1. 0 when it is something else, which is closed again; or a negative
 * FLOWD_E*.
 */
int mapped_log(struct mapped *m, const char *path, struct flowd_error *err);

/*
 * There may be more: the octets in front of used, which is set to 0 if they go
 * away, are not needed any more. Returns 1 when there is more, 0 when not now
 * or never (eof), or a negative FLOWD_E*: of a file that became shorter, too.
 */
int mapped_more(struct mapped *m, size_t *used, const char *name,
    struct flowd_error *err);

/* At its end a walk over it needs more of a pipe: 1, 0 at the end, or < 0. */
int mapped_walk_on(struct mapped *m, struct segment_walk *w, const char *name,
    struct flowd_error *err);

/*
 * To read what is mapped of a file that was made shorter, or that the disk
 * does not give, is a signal: from now on it ends the program, with exit code
 * 1 and a line that says so.
 */
void mapped_guard(void);

#endif
