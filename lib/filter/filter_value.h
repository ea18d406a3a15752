/*
 * Values in a term or a table.
 *
 * They lie in the arena of the filter.
 */
#ifndef FLOWD_FILTER_VALUE_H
#define FLOWD_FILTER_VALUE_H

#include "addr.h"
#include "buf.h"
#include "icmp_name.h"
#include "prefix_set.h"

struct prefix_table;

enum value_kind {
	VALUE_EQUAL, /* lo <= v <= hi: a date is an interval */
	VALUE_NOT_EQUAL,
	VALUE_BELOW, /* v < lo */
	VALUE_AT_MOST, /* v <= hi */
	VALUE_ABOVE, /* v > hi */
	VALUE_AT_LEAST, /* v >= lo */
	VALUE_RANGE, /* lo <= v <= hi */
	VALUE_PREFIX,
	VALUE_TABLE,
	VALUE_ICMP /* the name of a message of ICMP, ICMPv6 or both */
};

struct filter_value {
	struct filter_value *next;
	enum value_kind kind;
	bool except; /* "!" in a list of addresses */
	union {
		struct {
			uint64_t lo, hi; /* times: signed nanoseconds */
		};
		struct {
			struct prefix prefix;
			const char *scope; /* as stmt.scope */
		};
		const struct prefix_table *table;
		const struct icmp_name *icmp;
	};
};

/* Append "%eth0", or the number of the scope if name is NULL, or nothing. */
void filter_value_print_scope(
    const struct addr *addr, const char *name, struct buf *out);
/*
 * Build a set of the prefixes among the values. They are appended to list,
 * which may hold others already; the longest matching prefix decides. Returns
 * 0, FLOWD_ENOMEM or FLOWD_ERANGE past the maximum of the list.
 */
int filter_value_prefixes(const struct filter_value *values,
    struct prefix_list *list, struct prefix_set *set);

#endif
