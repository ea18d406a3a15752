/*
 * Prints strings of a configuration quoted, so that they parse to the same.
 * Test: test/program/flowd/test_conf_print.py.
 */
#ifndef FLOWD_QUOTE_H
#define FLOWD_QUOTE_H

#include "buf.h"

void quote_print(const char *text, struct buf *out);

#endif
