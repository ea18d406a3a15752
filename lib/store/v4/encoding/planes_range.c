/*
 * Ranges of integers that are stored as planes: they are compared octet by
 * octet, the highest first, and planes below the first one that decides every
 * row are not looked at; see int_stream.h.
 */
#include "bitmap.h"
#include "int_stream.h"
#include "vectorize.h"

enum {
	TILE = 1024	/* integers that are compared at a time */
};

/* Integers of a tile, one octet each: 0 or 1. */
struct tile {
	size_t first, n;	/* in the stream */
	uint8_t reach[TILE];	/* it is not below the bound */
	uint8_t tie[TILE];	/* it equals the bound so far */
};

/* The greatest sum of the planes. */
static uint64_t
planes_span(const struct int_stream *s)
{
	uint64_t span = 0;

	for (unsigned k = 0; k < 8; k++)
		if (s->planes.octet[k] != NULL || (s->planes.pending >> k & 1))
			span |= UINT64_C(0xff) << (8 * k);
	return span;
}

bool
int_stream_has_range(const struct int_stream *s, uint64_t max)
{
	return s->encoding == &encoding_planes && s->scale == 1 &&
	    s->base <= max && planes_span(s) <= max - s->base;
}

/* Compares the next plane. Are there ties? */
VECTORIZE static bool
tile_compare(struct tile *t, const uint8_t *plane, uint8_t flip, uint8_t bound)
{
	const uint8_t *octets = plane + t->first;
	const size_t n = t->n;
	uint8_t ties = 0;

	for (size_t i = 0; i < n; i++) {
		uint8_t at = octets[i] ^ flip;

		t->reach[i] |= t->tie[i] & (at > bound);
		t->tie[i] &= at == bound;
		ties |= t->tie[i];
	}
	return ties != 0;
}

/*
 * Which integers of the tile, all bits of which are flipped if flip is 0xff,
 * are not below the bound? False when a plane is damaged.
 */
static bool
tile_reach(struct tile *t, struct int_stream *s,
    struct int_stream_source *source, uint8_t flip, uint64_t bound)
{
	bool ties = true;

	memset(t->reach, 0, t->n);
	memset(t->tie, 1, t->n);
	for (unsigned k = 8; k-- > 0 && ties;) {
		uint8_t octet = (uint8_t)(bound >> (8 * k));

		if (!planes_complete(s, source, k))
			return false;
		if (s->planes.octet[k] != NULL) {
			ties = tile_compare(
			    t, s->planes.octet[k], flip, octet);
		} else if (flip != octet) {
			/* All zero: one octet decides all. */
			ties = false;
			if (flip < octet)
				memset(t->tie, 0, t->n);
		}
	}
	for (size_t i = 0; i < t->n; i++)
		t->reach[i] |= t->tie[i];
	return true;
}

/* As bitmap_pack(); often all 64 octets are 0. */
static uint64_t
word_pack(const uint8_t *is)
{
	uint64_t any = 0;

	for (unsigned i = 0; i < 64; i += 8)
		any |= load_le64(is + i);
	return any == 0 ? 0 : bitmap_pack(is);
}

/* Clears the rows whose integers do not reach the bound; false as above. */
static bool
tile_keep(struct tile *t, struct int_stream *s,
    struct int_stream_source *source, uint8_t flip, uint64_t bound,
    uint64_t *rows)
{
	size_t words = bitmap_words(t->n);

	if (!tile_reach(t, s, source, flip, bound))
		return false;
	memset(t->reach + t->n, 0, 64 * words - t->n);
	for (size_t w = 0; w < words; w++)
		rows[w] &= word_pack(t->reach + 64 * w);
	return true;
}

bool
int_stream_range(struct int_stream *s, struct int_stream_source *source,
    size_t first, size_t n, uint64_t lo, uint64_t hi, uint64_t *rows)
{
	const uint64_t base = s->base, span = planes_span(s);
	struct tile t;

	memset(rows, 0, bitmap_words(n) * sizeof(*rows));
	if (hi < base || lo > hi || (lo > base && lo - base > span))
		return true;
	lo = lo > base ? lo - base : 0;
	hi = hi - base < span ? hi - base : span;
	bitmap_set_range(rows, 0, n);
	for (size_t at = 0; at < n; at += TILE, rows += TILE / 64) {
		t.first = first + at;
		t.n = n - at < TILE ? n - at : TILE;
		if (lo > 0 && !tile_keep(&t, s, source, 0, lo, rows))
			return false;
		/* x <= hi where the complement of x reaches that of hi. */
		if (hi < span && !tile_keep(&t, s, source, 0xff, ~hi, rows))
			return false;
	}
	return true;
}
