/*
 * A glance at octets that may be compressed: a small sample says which way of
 * it pays, if any, for a hundredth of what trying costs.
 *
 * Used by piece.c. Test: test/unit/store/test_glance.c.
 */
#ifndef FLOWD_GLANCE_H
#define FLOWD_GLANCE_H

#include <stddef.h>
#include <stdint.h>

enum glance {
	GLANCE_RANDOM,	/* hardly anything is to be won */
	GLANCE_UNEVEN,	/* some octets come more often than others */
	GLANCE_REPEATS	/* so do strings of them, or nearly all are one */
};

enum glance glance(const uint8_t *p, size_t len);

#endif
