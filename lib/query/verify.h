/*
 * Checks a file, and counts its contents: reads every block and every column.
 *
 * Called by flowd-reader for --check and --info. Test:
 * test/unit/query/test_verify.c, test/program/reader/test_reader_v4.py,
 * test_reader_damage.py.
 */
#ifndef FLOWD_VERIFY_H
#define FLOWD_VERIFY_H

#include "compression.h"
#include "scan.h"
#include "value_range.h"

struct verify_column {
	uint64_t octets;
	uint64_t blocks; /* blocks that have the column */
	struct value_range values;
};

struct verify_result {
	enum scan_kind kind;
	bool sealed; /* it ends with an index */
	uint64_t octets; /* 0: not known */
	uint64_t flows;
	uint64_t damages, lost_octets;
	int64_t min_ns, max_ns; /* range of the times; min > max: no times */
	/* Of a log of version 4. */
	uint64_t blocks;
	uint64_t compressed[COMPRESS_ZSTD + 1]; /* blocks, by compression */
	struct verify_column column[COL_COUNT];
	uint64_t tables, unknown, heads; /* other octets in blocks of flows */
	uint64_t others; /* octets of blocks without flows: the index */
};

/*
 * Check a file. Uses flags, program, capture and events of the plan; damage is
 * reported as warnings. Returns 0, also when there is damage, or a negative
 * FLOWD_E* with err set.
 */
int verify_file(const struct scan_plan *plan, const char *path,
    struct verify_result *result, struct flowd_error *err);

#endif
