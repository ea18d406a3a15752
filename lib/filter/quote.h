/*
 * Strings of a configuration as they are printed: so that they are read as the
 * same again. Test: test/program/test_conf_print.py.
 */
#ifndef FLOWD_QUOTE_H
#define FLOWD_QUOTE_H

#include "buf.h"

void quote_print(const char *text, struct buf *out);

#endif
