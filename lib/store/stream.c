/* Streams; see stream.h. */
#include "stream.h"

static const struct encoding *const encodings[ENCODING_COUNT] = {
	[ENCODING_CONSTANT] = &encoding_constant,
	[ENCODING_PLANES] = &encoding_planes,
	[ENCODING_PACKED] = &encoding_packed,
	[ENCODING_DICTIONARY] = &encoding_dictionary,
	[ENCODING_RUNS] = &encoding_runs,
	[ENCODING_DELTA] = &encoding_delta,
};

bool
stream_open_inner(struct stream *s, struct stream_source *source, size_t n,
    unsigned depth)
{
	unsigned id = wire_u8(&source->w);

	if (!wire_ok(&source->w) || id >= ENCODING_COUNT ||
	    depth >= STREAM_DEPTH || n > STREAM_MAX)
		return false;
	s->encoding = encodings[id];
	s->source = source;
	s->n = n;
	return s->encoding->open(s, depth);
}

bool
stream_open(struct stream *s, struct stream_source *source, size_t n)
{
	return stream_open_inner(s, source, n, 0);
}

uint64_t *
stream_all_inner(struct stream_source *source, size_t n, unsigned depth)
{
	uint64_t *all = scratch_take(source->scratch, n * sizeof(*all));
	struct stream s;

	if (all == NULL || !stream_open_inner(&s, source, n, depth))
		return NULL;
	stream_get64(&s, 0, n, all);
	return all;
}

uint64_t *
stream_all64(struct stream_source *source, size_t n)
{
	return stream_all_inner(source, n, 0);
}

uint32_t *
stream_all32(struct stream_source *source, size_t n)
{
	uint32_t *all = scratch_take(source->scratch, n * sizeof(*all));
	struct stream s;

	if (all == NULL || !stream_open(&s, source, n))
		return NULL;
	stream_get32(&s, 0, n, all);
	return all;
}

static void
range32(const uint32_t *v, size_t n, uint32_t flip, uint64_t *min,
    uint64_t *max)
{
	uint32_t lo = UINT32_MAX, hi = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t at = v[i] ^ flip;

		lo = at < lo ? at : lo;
		hi = at > hi ? at : hi;
	}
	*min = lo ^ flip;
	*max = hi ^ flip;
}

static void
range64(const uint64_t *v, size_t n, uint64_t flip, uint64_t *min,
    uint64_t *max)
{
	uint64_t lo = UINT64_MAX, hi = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t at = v[i] ^ flip;

		lo = at < lo ? at : lo;
		hi = at > hi ? at : hi;
	}
	*min = lo ^ flip;
	*max = hi ^ flip;
}

/* Signed order is the unsigned one with the sign turned over. */
void
values_range(const struct values *v, uint64_t *min, uint64_t *max)
{
	uint64_t flip = v->is_signed ? UINT64_C(1) << 63 : 0;

	if (v->u32 != NULL)
		range32(v->u32, v->n, (uint32_t)(flip >> 32), min, max);
	else
		range64(v->u64, v->n, flip, min, max);
}

static bool
all_multiples(const struct values *v, uint64_t base, uint64_t unit)
{
	for (size_t i = 0; i < v->n; i++)
		if ((v->u64[i] - base) % unit != 0)
			return false;
	return true;
}

/* Times are kept to the second, to the milli- or to the microsecond. */
static unsigned
find_scale(const struct values *v, uint64_t base)
{
	if (!v->scaled || v->u32 != NULL)
		return 0;
	for (unsigned ten = 9; ten > 0; ten -= 3)
		if (all_multiples(v, base, stream_scale(ten)))
			return ten;
	return 0;
}

uint64_t
stream_scale(unsigned ten)
{
	static const uint64_t scale[SCALES] = { 1, 10, 100, 1000, 10000,
		100000, 1000000, 10000000, 100000000, 1000000000 };

	return ten < SCALES ? scale[ten] : 0;
}

/*
 * A constant, else what is made of other streams when it pays, else the plain
 * integers: planes where a compressor with an entropy coder follows, packed
 * bits where none does.
 */
void
stream_put(struct stream_writer *w, const struct values *v)
{
	uint64_t min, max, span;
	unsigned ten;

	if (v->n == 0) {
		constant_put(w, 0);
		return;
	}
	values_range(v, &min, &max);
	span = v->u32 != NULL ? (uint32_t)(max - min) : max - min;
	if (span == 0) {
		constant_put(w, min);
		return;
	}
	if (w->depth + 2 < STREAM_DEPTH &&
	    (runs_put(w, v) || dictionary_put(w, v, span)))
		return;
	ten = find_scale(v, min);
	span /= stream_scale(ten);
	if (packer_compression(w->packer) == COMPRESS_ZSTD)
		planes_put(w, v, min, ten, span);
	else
		packed_put(w, v, min, ten, span);
}
