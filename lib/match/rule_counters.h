/* What is counted about each rule of a set. */
#ifndef FLOWD_RULE_COUNTERS_H
#define FLOWD_RULE_COUNTERS_H

#include <stdint.h>

/* How often a rule was tested, matched, and decided; in flows. */
struct rule_counters {
	uint64_t evaluations;
	uint64_t matches;
	uint64_t wins;
};

#endif
