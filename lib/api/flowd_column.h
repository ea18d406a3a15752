/*
 * Numbers of columns in the public headers, which never change, and indexes of
 * them in this build.
 *
 * Called by all of lib/api. Test: test/unit/api/test_column.c.
 */
#ifndef FLOWD_FLOWD_COLUMN_H
#define FLOWD_FLOWD_COLUMN_H

#include "columns.h"
#include "flowd/column.h"

/* enum column_index of an enum flowd_column, or -1. */
int flowd_column_index(int column);

#endif
