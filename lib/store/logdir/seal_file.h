/*
 * Sealing the files of segments; see seal.h.
 *
 * Test: test/unit/store/test_seal_file.c.
 */
#ifndef FLOWD_SEAL_FILE_H
#define FLOWD_SEAL_FILE_H

#include "seal.h"

/*
 * Seal one open file into another, empty one, and sync it: for processes that
 * may not open files. from may be read-only. Returns 0; 1 when from has an
 * index already and nothing was written; or a negative FLOWD_E* with err set.
 */
int seal_descriptor(int from, int to, const struct block_options *options,
    struct seal_report *report, struct flowd_error *err);

/*
 * Seal the file name in the directory dirfd: a new file is written and synced
 * beside it and takes its place, so that at any time one or the other is there,
 * whole. A file that has an index is left alone. A file ".NAME.tmp" that a
 * crash left behind is overwritten. Readers that have the old file open keep
 * it. Returns 0 or a negative FLOWD_E* with err set: then the old file stays.
 */
int seal_file(int dirfd, const char *name, const struct block_options *options,
    struct seal_report *report, struct flowd_error *err);

#endif
