/*
 * Files of prefixes for tables: one per line, "!" before an exception; "#"
 * starts a comment.
 *
 * Test: test/unit/filter/test_prefix_table.c.
 */
#ifndef FLOWD_PREFIX_FILE_H
#define FLOWD_PREFIX_FILE_H

#include "prefix_table.h"

enum {
	/* maximum of errors reported for one file */
	PREFIX_FILE_ERRORS_MAX = 10
};

/*
 * Append the prefixes of a regular file to list. It is read line by line,
 * whatever its size. Returns 0, FLOWD_EINVAL when errors were reported, or
 * FLOWD_ENOMEM.
 */
int prefix_file_read(const struct prefix_file *file, struct prefix_list *list,
    struct diag_sink *sink);

#endif
