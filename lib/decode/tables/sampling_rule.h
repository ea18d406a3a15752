#ifndef FLOWD_SAMPLING_RULE_H
#define FLOWD_SAMPLING_RULE_H

#include "addr.h"

/* A sampling rate that the configuration sets for exporters. */
struct decoder_rate {
	struct prefix exporters; /* the longest matching prefix applies */
	uint32_t interval;		/* one of so many packets is sampled */
};

#endif
