/*
 * The octets of a log that may still grow: a mapped file, or the data of a pipe
 * that have arrived and are still needed.
 *
 * Reading a mapped file that was truncated, or that the disk cannot read,
 * raises SIGBUS: a program that maps logs of others handles it (tool/sigbus.h).
 *
 * Called by segment_source.c and verify.c. Test:
 * test/unit/query/test_mapping.c, test/program/reader/test_reader_v4.py.
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
	bool eof; /* no more data will come */
	struct bytes all; /* the octets that are available */
	uint64_t offset; /* position of the first of these in the file */
	struct buf pipe;
};

/*
 * Take over the descriptor. seen are the octets that have been read from it. A
 * regular file is mapped from its beginning; mapping_init_pipe() reads it like
 * a pipe. On failure the caller keeps the descriptor.
 */
int mapping_init(struct mapping *m, int fd, struct bytes seen,
    const char *name, struct flowd_error *err);
int mapping_init_pipe(struct mapping *m, int fd, struct bytes seen,
    const char *name, struct flowd_error *err);
void mapping_fini(struct mapping *m);

/*
 * Look for more data. The octets before used are not needed any more; if they
 * are dropped, used is set to 0. Returns 1 when there is more, 0 when there is
 * none now, or never if eof is set, or a negative FLOWD_E*, also when the file
 * was truncated.
 */
int mapping_more(struct mapping *m, size_t *used, const char *name,
    struct flowd_error *err);

/*
 * Get more of a pipe for a walk that is at its end: 1, 0 at the end of the
 * pipe, or < 0.
 */
int mapping_walk_on(struct mapping *m, struct segment_walk *w,
    const char *name, struct flowd_error *err);

/* Does a block of a version 4 log follow a damaged beginning? */
bool mapping_has_block(const struct mapping *m);

#endif
