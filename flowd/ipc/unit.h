/*
 * Units, of which a log is a sequence: records of version 3 or blocks of
 * version 4. A log is only ever cut between units.
 *
 * Called by ring.c, sink.c and logfile.c. Test:
 * test/unit/flowd/ipc/test_ring.c.
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
 * Length in octets of the complete units at the front of b; adds their flows to
 * flows. The lengths in the units are untrusted: when one makes no sense, all
 * the rest counts as one unit without flows.
 */
size_t unit_whole(enum unit_kind kind, struct bytes b, uint64_t *flows);

/* The number of flows in complete units. */
static inline uint64_t
unit_flows(enum unit_kind kind, struct bytes units)
{
	uint64_t flows = 0;

	(void)unit_whole(kind, units, &flows);
	return flows;
}

/* In place of a number of flows: not counted yet. */
#define UNIT_UNKNOWN UINT64_MAX

#endif
