/* The time of a flow; see flow_time.h. */
#include "flow_time.h"

/* The columns that tell the time of a flow, the best first. */
static const uint8_t time_columns[] = { COL_recv_time, COL_flow_end,
	COL_flow_start, COL_event_time, COL_agent_time };

bool
flow_time(const struct batch *batch, size_t row, int64_t *ns)
{
	for (size_t i = 0; i < sizeof(time_columns); i++)
		if (batch_has(batch, time_columns[i], row)) {
			*ns = batch->col[time_columns[i]].ns[row];
			return true;
		}
	return false;
}

struct colset
flow_time_columns(void)
{
	struct colset set = { { 0, 0 } };

	for (size_t i = 0; i < sizeof(time_columns); i++)
		colset_add(&set, time_columns[i]);
	return set;
}
