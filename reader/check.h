/*
 * What there is to say of a file instead of its flows: --check and --info.
 *
 * Called by reader.c. Test: test/program/test_reader_v4.py.
 */
#ifndef FLOWD_READER_CHECK_H
#define FLOWD_READER_CHECK_H

#include "buf.h"
#include "input.h"
#include "progress.h"

/*
 * Read the whole file and append to out how much of it is whole, and if info
 * is set what is in it. Damage is told to options->complain, and how far it is
 * is shown as progress. Returns 0, also when there is damage, or a negative
 * FLOWD_E* with err set.
 */
int check_file(const char *path, bool info, const struct input_options *options,
    struct progress *progress, struct buf *out, struct flowd_error *err);

#endif
