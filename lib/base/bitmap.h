/*
 * Bitmaps over the rows of a batch: bit r of word r / 64 belongs to row r.
 * Bits past the last row are zero; every function here keeps that.
 */
#ifndef FLOWD_BITMAP_H
#define FLOWD_BITMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "wire_le.h"

static inline size_t
bitmap_words(size_t nbits)
{
	return (nbits + 63) / 64;
}

static inline bool
bitmap_test(const uint64_t *map, size_t i)
{
	return map[i / 64] >> (i % 64) & 1;
}

static inline void
bitmap_set(uint64_t *map, size_t i)
{
	map[i / 64] |= UINT64_C(1) << (i % 64);
}

static inline void
bitmap_clear(uint64_t *map, size_t i)
{
	map[i / 64] &= ~(UINT64_C(1) << (i % 64));
}

/* The number of the lowest bit that is set; some bit is. */
static inline unsigned
bitmap_lowest(uint64_t word)
{
	return (unsigned)__builtin_ctzll(word);
}

/* The lowest n bits of a word, n from 0 to 64. */
static inline uint64_t
bitmap_low(size_t n)
{
	return n >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << n) - 1;
}

/* A word of the bits in 64 octets, each 0 or 1, the first one lowest. */
static inline uint64_t
bitmap_pack(const uint8_t *is)
{
	uint64_t word = 0;

	/*
	 * The multiplication moves each of eight octets to a bit of the top
	 * octet.
	 */
	for (unsigned i = 0; i < 64; i += 8)
		word |= (load_le64(is + i) * UINT64_C(0x0102040810204080) >>
			    56) << i;
	return word;
}

/*
 * Copy n bits from first on to a bitmap of its own. The word behind those that
 * hold them is read, too.
 */
static inline void
bitmap_copy_range(uint64_t *to, const uint64_t *from, size_t first, size_t n)
{
	const uint64_t *at = from + first / 64;
	unsigned shift = first % 64;

	for (size_t w = 0; w < bitmap_words(n); w++)
		to[w] = shift == 0
		    ? at[w]
		    : at[w] >> shift | at[w + 1] << (64 - shift);
	if (n % 64 != 0)
		to[n / 64] &= bitmap_low(n % 64);
}

/* Set the n bits from first on. */
static inline void
bitmap_set_range(uint64_t *map, size_t first, size_t n)
{
	while (n > 0) {
		size_t bit = first % 64;
		size_t take = 64 - bit < n ? 64 - bit : n;

		map[first / 64] |= bitmap_low(take) << bit;
		first += take;
		n -= take;
	}
}

/* Clear the n bits from first on. */
static inline void
bitmap_clear_range(uint64_t *map, size_t first, size_t n)
{
	while (n > 0) {
		size_t bit = first % 64;
		size_t take = 64 - bit < n ? 64 - bit : n;

		map[first / 64] &= ~(bitmap_low(take) << bit);
		first += take;
		n -= take;
	}
}

/* Set those of the n bits from first on that are set in from. */
static inline void
bitmap_or_range(uint64_t *map, const uint64_t *from, size_t first, size_t n)
{
	while (n > 0) {
		size_t bit = first % 64;
		size_t take = 64 - bit < n ? 64 - bit : n;

		map[first / 64] |= from[first / 64] & bitmap_low(take) << bit;
		first += take;
		n -= take;
	}
}

/* Are all of the n bits from first on set? */
static inline bool
bitmap_full_range(const uint64_t *map, size_t first, size_t n)
{
	while (n > 0) {
		size_t bit = first % 64;
		size_t take = 64 - bit < n ? 64 - bit : n;
		uint64_t all = bitmap_low(take) << bit;

		if ((map[first / 64] & all) != all)
			return false;
		first += take;
		n -= take;
	}
	return true;
}

/* How many of the first nbits are set. */
static inline size_t
bitmap_count(const uint64_t *map, size_t nbits)
{
	size_t n = 0;

	for (size_t w = 0; w < bitmap_words(nbits); w++)
		n += (size_t)__builtin_popcountll(map[w]);
	return n;
}

/* Is one of the first nbits set? */
static inline bool
bitmap_any(const uint64_t *map, size_t nbits)
{
	uint64_t any = 0;

	for (size_t w = 0; w < bitmap_words(nbits); w++)
		any |= map[w];
	return any != 0;
}

/* The first set bit at or after i, or nbits when there is none. */
static inline size_t
bitmap_next(const uint64_t *map, size_t i, size_t nbits)
{
	while (i < nbits) {
		uint64_t word = map[i / 64] >> (i % 64);

		if (word != 0)
			return i + bitmap_lowest(word);
		i = (i / 64 + 1) * 64;
	}
	return nbits;
}

/*
 * For each bit that is set from first to before end; the body may clear it.
 */
#define BITMAP_FOREACH(i, map, first, end) \
	for (size_t i = bitmap_next(map, first, end); i < (end); \
	    i = bitmap_next(map, i + 1, end))

#endif
