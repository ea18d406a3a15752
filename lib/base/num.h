/*
 * Numbers from text, strictly: decimal digits and nothing else.
 * Test: test/unit/base/test_num.c.
 */
#ifndef FLOWD_NUM_H
#define FLOWD_NUM_H

#include <stdint.h>

/* 0, FLOWD_EINVAL for a text that is no number, FLOWD_ERANGE past max. */
int num_parse(const char *text, uint64_t max, uint64_t *out);

#endif
