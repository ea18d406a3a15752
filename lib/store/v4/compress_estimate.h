/*
 * A glance at octets that may be compressed: a small sample says which way of
 * it pays, if any, for a hundredth of what trying costs.
 *
 * Test: test/unit/store/test_compress_estimate.c.
 */
#ifndef FLOWD_COMPRESS_ESTIMATE_H
#define FLOWD_COMPRESS_ESTIMATE_H

#include <stddef.h>
#include <stdint.h>

enum compress_gain {
	GAIN_NONE,	/* hardly anything is to be won */
	GAIN_CODES,	/* some octets come more often than others */
	GAIN_MATCHES	/* so do strings of them, or nearly all are one */
};

enum compress_gain compress_estimate(const uint8_t *p, size_t len);

#endif
