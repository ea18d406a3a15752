/*
 * Expressions: a condition that stands alone, as the programs take with -e.
 * The grammar is in flowd.conf(5).
 *
 * Test: test/unit/filter/test_expression.c.
 */
#ifndef FLOWD_EXPRESSION_H
#define FLOWD_EXPRESSION_H

#include "filter.h"

/*
 * Parse an expression, "proto tcp and octets > 1M", and append the rule that
 * discards the flows for which it does not hold. src must outlive the filter;
 * sink has not been used before. Returns 0, FLOWD_EINVAL when errors were
 * reported, or FLOWD_ENOMEM, which is not reported.
 */
int expression_parse(struct filter *filter, const struct source *src,
    struct diag_sink *sink);

#endif
