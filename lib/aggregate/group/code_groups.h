/*
 * Groups by the code of the one part of a key that varies: the states of all
 * codes are an array, so that the group of a flow is found by indexing.
 *
 * Codes are small integers, or numbers of the addresses of a block; see
 * key_values.h.
 *
 * Used by local_groups.c. Test: test/unit/aggregate/test_code_groups.c.
 */
#ifndef FLOWD_CODE_GROUPS_H
#define FLOWD_CODE_GROUPS_H

#include "group_buffers.h"

enum {
	CODE_WORDS = 1 << 20 /* of states that may be had by code */
};

struct code_groups {
	const struct group_layout *layout;
	size_t ncodes; /* 0: it has no groups */
	uint8_t *used; /* of each code: whether there is a group */
	uint64_t *state; /* of each code: layout->states.n words */
	size_t cap; /* codes that there is room for */

	unsigned part; /* that varies */
	uint64_t table; /* address_table.serial, or 0 */
	uint64_t rest[KEY_WORDS]; /* the key, were the part 0 */
	bool rest_general; /* such a key is */
	struct key_value value[KEY_PARTS]; /* of the other parts */

	/* A copy of the addresses, as those of the batch change. */
	size_t n4, n6;
	uint32_t *v4;
	uint64_t *v6_hi, *v6_lo;
	size_t cap4, cap6;
};

/* layout is borrowed. */
void code_groups_init(struct code_groups *c, const struct group_layout *layout);
void code_groups_fini(struct code_groups *c);

/* Can so many codes have their states in an array? */
static inline bool
code_groups_fit(const struct group_layout *layout, size_t ncodes)
{
	return ncodes * (layout->states.n + 1) <= CODE_WORDS;
}

/*
 * Begin, without a group, with the keys of which only this part varies. False
 * when out of memory; then it has no groups.
 */
bool code_groups_begin(
    struct code_groups *c, const struct key_values *keys, unsigned part);
/* Are these keys of the groups that it has? */
bool code_groups_have(const struct code_groups *c,
    const struct key_values *keys, unsigned part);
/* All of these codes have a group from now on. */
void code_groups_use(
    struct code_groups *c, const uint32_t *code, size_t n);

/*
 * Put all groups into the buffers for plain and general keys, and have none. 0
 * or a negative FLOWD_E*, with err.
 */
int code_groups_flush(struct code_groups *c,
    struct group_buffers buffers[2], struct flowd_error *err);

#endif
