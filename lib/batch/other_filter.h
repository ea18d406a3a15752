/*
 * Which of the elements in the column "other" are wanted.
 *
 * Made of lines "store ie" (flowd/conf/conf_store.c), asked by those who write
 * logs (lib/store/v4/block_builder.c). Test:
 * test/unit/batch/test_other_filter.c.
 */
#ifndef FLOWD_OTHER_FILTER_H
#define FLOWD_OTHER_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct other_id {
	uint32_t pen;
	uint16_t id;
};

struct other_filter {
	bool all;
	size_t n; /* of those that are wanted, when it is not all */
	const struct other_id *ids; /* sorted: other_filter_sort() */
};

/* In their order; what stands twice stays once. Returns how many. */
size_t other_filter_sort(struct other_id *ids, size_t n);

bool other_filter_has(
    const struct other_filter *filter, uint32_t pen, uint16_t id);

#endif
