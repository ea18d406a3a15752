/*
 * Lists of addresses, as in "src { 10.0.0.0/8, ! 10.1.0.0/16, <lan> }" and in
 * tables: prefixes and tables, each with or without "!".
 *
 * Test: test/unit/filter/test_prefix_table.c.
 */
#ifndef FLOWD_ADDRESS_LIST_H
#define FLOWD_ADDRESS_LIST_H

#include "filter_value.h"

/* Append "! 10.0.0.0/8" or "<name>": one value of a list. */
void filter_value_print_address(const struct filter_value *v, struct buf *out);

/*
 * The set of the whole list, whose tables are loaded: prefixes as in
 * filter_value_prefixes(); then tables are added, and those with "!" removed.
 * Returns as filter_value_prefixes(). The set is empty after an error.
 */
int filter_value_set(const struct filter_value *values,
    struct prefix_list *list, struct prefix_set *set);

#endif
