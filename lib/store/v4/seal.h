/*
 * Sealing a finished segment: small blocks, as a collector writes them every
 * second, are joined to large ones, and an index is appended. Damage is
 * dropped.
 *
 * Test: test/unit/store/test_seal.c; lib/store/logdir/seal_file.h seals
 * files.
 */
#ifndef FLOWD_SEAL_H
#define FLOWD_SEAL_H

#include "block_writer.h"

/* Writes octets in order. Returns 0, or a negative FLOWD_E* with err set. */
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
 * full are copied, others are re-encoded with options. Returns 0, the error of
 * write, FLOWD_EFORMAT for a file of another kind, for which nothing is
 * written, or FLOWD_ENOMEM.
 */
int seal_segment(struct bytes segment, const struct block_options *options,
    seal_write *write, void *arg, struct seal_report *report,
    struct flowd_error *err);

#endif
