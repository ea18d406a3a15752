/*
 * Estimates from a small sample whether compressing octets pays off, and how,
 * at a hundredth of the cost of compressing them.
 *
 * Test: test/unit/store/test_compress_estimate.c.
 */
#ifndef FLOWD_COMPRESS_ESTIMATE_H
#define FLOWD_COMPRESS_ESTIMATE_H

#include <stddef.h>
#include <stdint.h>

enum compress_gain {
	GAIN_NONE,	/* hardly any gain */
	GAIN_CODES,	/* some octets are more frequent: entropy coding */
	GAIN_MATCHES	/* strings repeat, or nearly all octets are equal */
};

enum compress_gain compress_estimate(const uint8_t *p, size_t len);

#endif
