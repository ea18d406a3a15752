/*
 * Lists of addresses, as in "src { 10.0.0.0/8, ! 10.1.0.0/16, <lan> }" and in
 * tables: prefixes and tables, each with or without "!".
 *
 * Test: test/unit/filter/test_table.c.
 */
#ifndef FLOWD_ADDRESS_LIST_H
#define FLOWD_ADDRESS_LIST_H

#include "value.h"

/* Append "! 10.0.0.0/8" or "<name>": one value of a list. */
void value_print_address(const struct value *v, struct buf *out);

/*
 * The set of the whole list, whose tables are loaded: prefixes as in
 * value_prefixes(); then tables are added, and those with "!" removed.
 * Returns as value_prefixes(). The set is empty after an error.
 */
int value_set(const struct value *values, struct prefix_list *list,
    struct prefix_set *set);

#endif
