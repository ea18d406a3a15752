/*
 * What a log is made of: records of version 3 or blocks of version 4, one
 * behind the other. Whoever cuts octets on their way to a log cuts them here.
 *
 * Called by ring.c and logfile.c. Test: test/unit/flowd/test_ring.c.
 */
#ifndef FLOWD_UNIT_H
#define FLOWD_UNIT_H

#include <stdint.h>

#include "wire.h"

enum unit_kind {
	UNIT_RECORDS, /* flowd-log(5), version 3: a flow each */
	UNIT_BLOCKS /* version 4: many flows each */
};

/*
 * Octets of the units at the front of b that are whole; flows is raised by
 * the flows in them. Lengths are taken from the units, which may be nonsense:
 * then all that is left counts as one unit without flows.
 */
size_t unit_whole(enum unit_kind kind, struct bytes b, uint64_t *flows);

/* The flows in units that are whole. */
static inline uint64_t
unit_flows(enum unit_kind kind, struct bytes units)
{
	uint64_t flows = 0;

	(void)unit_whole(kind, units, &flows);
	return flows;
}

/* Instead of a number of flows: nobody has counted them. */
#define UNIT_UNKNOWN UINT64_MAX

#endif
