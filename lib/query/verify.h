/*
 * How much of a file is whole, and what is in it: all of it is read, every
 * block and every column of one.
 *
 * Called by flowd-reader for --check and --info. Test: test/unit/query/
 * test_verify.c, test/program/test_reader_v4.py, test_reader_damage.py.
 */
#ifndef FLOWD_VERIFY_H
#define FLOWD_VERIFY_H

#include "compression.h"
#include "scan.h"
#include "value_range.h"

struct verify_column {
	uint64_t octets;
	uint64_t blocks; /* that have it */
	struct value_range values;
};

struct verify_result {
	enum scan_kind kind;
	bool sealed; /* it ends with an index */
	uint64_t octets; /* 0: not known */
	uint64_t flows;
	uint64_t damages, lost_octets;
	int64_t min_ns, max_ns; /* of times; min above max: there are none */
	/* Of a log of version 4. */
	uint64_t blocks;
	uint64_t compressed[COMPRESS_ZSTD + 1]; /* blocks, by compression */
	struct verify_column column[COL_COUNT];
	uint64_t tables, unknown, heads; /* octets of all others in blocks */
	uint64_t others; /* octets of blocks without flows: the index */
};

/*
 * Read a file of a plan, of which the flags, program, capture and events count.
 * Damage is warned of. Returns 0, also when there is damage, or a negative
 * FLOWD_E* with err set.
 */
int verify_file(const struct scan_plan *plan, const char *path,
    struct verify_result *result, struct flowd_error *err);

#endif
