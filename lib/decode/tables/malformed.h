/*
 * What can be wrong with a datagram; malformed.def is the table. Functions that
 * validate return the negated enum.
 */
#ifndef FLOWD_MALFORMED_H
#define FLOWD_MALFORMED_H

/* MALFORMED_SHORT_HEADER and so on; 0 is none. */
enum malformed {
	MALFORMED_NONE,
#define MALFORMED(name, word, text) MALFORMED_##name,
#include "malformed.def"
#undef MALFORMED
	MALFORMED_COUNT
};

struct malformed_info {
	const char *word;	/* "short-header": for counters and metrics */
	const char *text;	/* for people */
};

extern const struct malformed_info malformed_info[MALFORMED_COUNT];

#endif
