/* What all outputs share; see format.h. */
#include "flow_time.h"
#include "format.h"

void
formatter_init(struct formatter *f, element_lookup *lookup)
{
	*f = (struct formatter) {
		.classic = CLASSIC_BRIEF,
		.cols = colset_outputs(),
		.lookup = lookup,
	};
	clock_init(&f->clock, false);
	clock_init(&f->utc, true);
}

/* Flow times are computed from all the times that there are. */
static struct colset
classic_columns(uint32_t fields)
{
	struct colset set = { { 0, 0 } };

	if (fields & (CLASSIC_AGENT_INFO | CLASSIC_FLOW_TIMES)) {
		fields |= CLASSIC_AGENT_INFO | CLASSIC_FLOW_TIMES;
		set = flow_time_columns();
	}
	for (unsigned i = 0; i < COL_COUNT; i++)
		if (column_info[i].classic & fields)
			colset_add(&set, i);
	return set;
}

struct colset
format_columns(const struct format *format, const struct formatter *f)
{
	struct colset set = { { 0, 0 } };

	if (format == &format_text)
		return classic_columns(f->classic);
	if (format == &format_flowtools)
		return classic_columns(CLASSIC_ALL);
	for (size_t i = 0; i < f->norder; i++)
		colset_add(&set, f->order[i]);
	return f->order != NULL ? set : f->cols;
}
