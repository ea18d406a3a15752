/*
 * Sets of addresses of both families, built from prefixes: the compiled form of
 * a table or a list in a rule. They are small (4 octets per IPv4 boundary, 16
 * per IPv6 boundary) and built by one sort, so that a million prefixes take a
 * fraction of a second.
 *
 * Test: test/unit/match/test_prefix_set.c.
 */
#ifndef FLOWD_PREFIX_SET_H
#define FLOWD_PREFIX_SET_H

#include <stdlib.h>

#include "boundaries.h"
#include "dir24.h"

struct prefix4 {
	uint32_t addr;
	uint8_t len;
	bool except;
};

struct prefix6 {
	struct addr6 addr;
	uint8_t len;
	bool except;
};

/* Prefixes in any order, as they are read. */
struct prefix_list {
	struct prefix4 *v4;
	struct prefix6 *v6;
	size_t n4, cap4;
	size_t n6, cap6;
	size_t max; /* prefixes of both families */
};

struct prefix_set {
	struct boundaries4 v4; /* in, out, in, ...; the last may be missing */
	struct boundaries6 v6;
	struct dir24 dir24; /* of v4, if it is not small */
};

void prefix_list_init(struct prefix_list *list, size_t max);
void prefix_list_fini(struct prefix_list *list);
/* Returns 0, FLOWD_ENOMEM, or FLOWD_ERANGE past the maximum. */
int prefix_list_add(
    struct prefix_list *list, const struct prefix *p, bool except);

/*
 * Build a set: an address is in it when the longest matching prefix is no
 * exception; of two equal prefixes the exception counts. Sorts the list. False
 * when out of memory; the set is then empty.
 */
bool prefix_set_init(struct prefix_set *set, struct prefix_list *list);
void prefix_set_fini(struct prefix_set *set);

/*
 * Build a set from the boundaries that another process computed, which are
 * copied. Returns 0, FLOWD_ENOMEM, or FLOWD_EFORMAT when they are not strictly
 * increasing.
 */
int prefix_set_adopt(struct prefix_set *set, const uint32_t *at4, size_t n4,
    const struct addr6 *at6, size_t n6);

/*
 * Add another set, or remove it. False when out of memory; the set may then be
 * empty.
 */
bool prefix_set_add(struct prefix_set *set, const struct prefix_set *other);
bool prefix_set_remove(struct prefix_set *set, const struct prefix_set *other);

/* Build the index after the last change. False when out of memory. */
bool prefix_set_finish(struct prefix_set *set);

static inline bool
prefix_set_has4(const struct prefix_set *set, uint32_t v4)
{
	if (set->dir24.index != NULL) {
		enum dir24_state state = dir24_find(&set->dir24, v4);

		if (state != DIR24_MIXED)
			return state == DIR24_IN;
	}
	return boundaries4_find(&set->v4, v4) & 1;
}

static inline bool
prefix_set_has6(const struct prefix_set *set, struct addr6 v6)
{
	return boundaries6_find(&set->v6, v6) & 1;
}

/* False for ADDR_NONE. */
bool prefix_set_has(const struct prefix_set *set, const struct addr *a);

#endif
