/*
 * Dimensions: the values of one column, divided into classes that no test of
 * any rule distinguishes. A value is looked up once, whatever the number of
 * rules.
 *
 * Test: test/unit/filter/test_ruleset.c.
 */
#ifndef FLOWD_DIMENSION_H
#define FLOWD_DIMENSION_H

#include "leaf.h"
#include "trie4.h"

/*
 * Called for each class, 0 first, with the truth of the leaves in it, one bit
 * each. False aborts dimension_init().
 */
typedef bool (*class_fn)(void *arg, uint32_t cls, const uint64_t *truth);

struct dimension {
	uint8_t col;
	const struct expr **leaves; /* distinct; borrowed */
	size_t nleaves;
	uint32_t nclasses;
	uint32_t missing; /* class of rows without a value */
	uint32_t *small; /* classes of the values below nsmall */
	size_t nsmall;
	uint64_t *at; /* numbers: boundaries of classes, from 0 on */
	uint32_t *at_class;
	size_t nat;
	struct boundaries4 v4; /* addresses: the same, for each family */
	struct boundaries6 v6;
	uint32_t *class4, *class6;
	struct trie4 trie; /* v4 and class4 as a trie, if it is not too large */
	/* for one leaf, which is looked up in its own set */
	const struct prefix_set *set;
};

/*
 * Compute the classes of the leaves, which test column col. False when out of
 * memory, when fn returns false, or when it would take more than about a
 * second.
 */
bool dimension_init(struct dimension *d, unsigned col,
    const struct expr **leaves, size_t nleaves, class_fn fn, void *arg);
void dimension_fini(struct dimension *d);

/* Does the leaf test a set so large that it gets a dimension of its own? */
bool dimension_wants_own(const struct expr *leaf);

/*
 * Add the class of every row of the match, shifted, to keys[row * stride].
 */
void dimension_run(const struct dimension *d, struct match_batch *match,
    uint64_t *keys, size_t stride, unsigned shift);

#endif
