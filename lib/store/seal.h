/*
 * Sealing a segment that is finished: small blocks, as they come from a
 * collector that writes every second, are joined to large ones, and an index
 * is put behind them. Damage is left out.
 *
 * Called by the daemon's sealer (flowd/logs/sealer.h).
 * Tests: test/unit/store/test_seal.c, test_seal_file.c.
 */
#ifndef FLOWD_SEAL_H
#define FLOWD_SEAL_H

#include "block.h"

/* Takes octets in their order. 0, or a negative FLOWD_E* with err set. */
typedef int seal_write(void *arg, struct bytes octets,
    struct flowd_error *err);

struct seal_report {
	uint64_t rows;
	uint64_t blocks;	/* written */
	uint64_t damaged;	/* places that were left out */
	uint64_t lost_octets;	/* in them */
};

/*
 * Write the blocks of a segment and an index. Blocks that are at least half
 * full are taken as they are, others are encoded anew with options. Returns 0,
 * what write returned, FLOWD_EFORMAT for a file of something else, of which
 * nothing was written, or FLOWD_ENOMEM.
 */
int seal_segment(struct bytes segment, const struct block_options *options,
    seal_write *write, void *arg, struct seal_report *report,
    struct flowd_error *err);

/*
 * Seal one open file into another one, which is empty, and sync that: for who
 * may not open files. Nothing is read or written by position, from may be open
 * for reading only. Returns 0; 1 when from has an index already and nothing
 * was written; or a negative FLOWD_E* with err set.
 */
int seal_descriptor(int from, int to, const struct block_options *options,
    struct seal_report *report, struct flowd_error *err);

/*
 * Seal the file name in the directory dirfd: a new file is written and synced
 * beside it and takes its place, so that at any time one or the other is
 * there, whole. One that has an index already is left alone. A file ".NAME.tmp"
 * that a crash left is written over. Readers that have the old file open keep
 * it. Returns 0 or a negative FLOWD_E* with err set: then the old file stays.
 */
int seal_file(int dirfd, const char *name, const struct block_options *options,
    struct seal_report *report, struct flowd_error *err);

#endif
