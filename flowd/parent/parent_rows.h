/*
 * What the parent tells of itself and its children when it is asked
 * (answer.h). Called by parent.c. Test: test/program/test_flowctl.py.
 */
#ifndef FLOWD_PARENT_ROWS_H
#define FLOWD_PARENT_ROWS_H

#include "answer.h"

enum { PARENT_ROWS = 3 };

/* Their arg is the struct parent. */
extern const struct answer_row parent_rows[PARENT_ROWS];

#endif
