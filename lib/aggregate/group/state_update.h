/*
 * Updates of states: what parts of flows add to the states of their groups.
 *
 * Used by local_groups.c. Test: test/unit/aggregate/
 * test_aggregate_run.c.
 */
#ifndef FLOWD_STATE_UPDATE_H
#define FLOWD_STATE_UPDATE_H

#include "flow_parts.h"
#include "measure_state.h"

/* Where the states are. All is borrowed. */
struct states_update {
	const struct states *states;
	uint64_t secret; /* of hashes of values that are counted once */
	uint64_t *state; /* of group 0; the next one is step words on */
	size_t step;
	const uint32_t *group; /* of each part */
	bool one; /* all parts are of the group of the first */
};

/*
 * The parts are those of a batch of which in has the columns. False when out of
 * memory.
 */
bool states_update(const struct states_update *u, const struct inputs *in,
    const struct flow_parts *parts);

#endif
