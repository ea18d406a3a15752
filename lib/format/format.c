/* What all outputs share; see format.h. */
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
