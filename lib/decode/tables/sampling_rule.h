#ifndef FLOWD_SAMPLING_RULE_H
#define FLOWD_SAMPLING_RULE_H

#include "addr.h"

/* What the configuration says of how exporters sample. */
struct decoder_rate {
	struct prefix exporters;	/* the longest prefix counts */
	uint32_t interval;		/* one packet in so many */
};

#endif
