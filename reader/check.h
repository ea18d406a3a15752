/*
 * Checking and describing files instead of printing flows: --check and --info.
 *
 * Called by reader.c. Test: test/program/reader/test_reader_v4.py.
 */
#ifndef FLOWD_READER_CHECK_H
#define FLOWD_READER_CHECK_H

#include "buf.h"
#include "scan.h"

/*
 * Read the whole file, and append to out how much of it is intact, and with
 * info also a description. plan is for verify_file(). Returns 0, also when
 * there is damage, or a negative FLOWD_E* with err set.
 */
int check_file(const struct scan_plan *plan, const char *path, bool info,
    struct buf *out, struct flowd_error *err);

#endif
