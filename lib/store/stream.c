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

/*
 * Several minima and maxima at a time, as each comparison waits for the one
 * before it; and signed, as SSE2 compares. Unsigned order is the signed one
 * with the sign turned over.
 */
#define RANGE(T, name) \
	static void name(const T *v, size_t n, T flip, T *min, T *max) \
	{ \
		T lo[4], hi[4]; \
		size_t i; \
\
		for (unsigned k = 0; k < 4; k++) \
			lo[k] = hi[k] = v[0] ^ flip; \
		for (i = 0; i + 4 <= n; i += 4) \
			for (unsigned k = 0; k < 4; k++) { \
				T at = v[i + k] ^ flip; \
\
				lo[k] = at < lo[k] ? at : lo[k]; \
				hi[k] = at > hi[k] ? at : hi[k]; \
			} \
		for (; i < n; i++) { \
			T at = v[i] ^ flip; \
\
			lo[0] = at < lo[0] ? at : lo[0]; \
			hi[0] = at > hi[0] ? at : hi[0]; \
		} \
		for (unsigned k = 1; k < 4; k++) { \
			lo[0] = lo[k] < lo[0] ? lo[k] : lo[0]; \
			hi[0] = hi[k] > hi[0] ? hi[k] : hi[0]; \
		} \
		*min = lo[0] ^ flip; \
		*max = hi[0] ^ flip; \
	}

RANGE(int32_t, range32)
RANGE(int64_t, range64)

void
values_range(struct values *v)
{
	int32_t min32, max32;
	int64_t min64, max64;

	if (v->ranged || v->n == 0)
		return;
	v->ranged = true;
	if (v->u32 != NULL) {
		range32((const int32_t *)v->u32, v->n,
		    v->is_signed ? 0 : INT32_MIN, &min32, &max32);
		v->min = (uint32_t)min32;
		v->max = (uint32_t)max32;
	} else {
		range64((const int64_t *)v->u64, v->n,
		    v->is_signed ? 0 : INT64_MIN, &min64, &max64);
		v->min = (uint64_t)min64;
		v->max = (uint64_t)max64;
	}
}

uint64_t
values_span(struct values *v)
{
	values_range(v);
	return v->u32 != NULL ? (uint32_t)(v->max - v->min) : v->max - v->min;
}

/* The unit is known where this is inlined: then it costs no division. */
static inline bool
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
	if (all_multiples(v, base, 1000000000))
		return 9;
	if (all_multiples(v, base, 1000000))
		return 6;
	return all_multiples(v, base, 1000) ? 3 : 0;
}

/* What is above the base, in units of the scale. */
static uint64_t *
scaled(struct stream_writer *w, const struct values *v, unsigned ten)
{
	uint64_t *out = scratch_take(w->scratch, v->n * sizeof(*out));

	for (size_t i = 0; out != NULL && i < v->n; i++) {
		uint64_t above = v->u64[i] - v->min;

		out[i] = ten == 9 ? above / 1000000000
		    : ten == 6	  ? above / 1000000
				  : above / 1000;
	}
	return out;
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
stream_put(struct stream_writer *w, struct values *v)
{
	uint64_t span = values_span(v);
	struct values above;
	unsigned ten;

	if (span == 0) {
		constant_put(w, v->min);
		return;
	}
	if (w->depth + 2 < STREAM_DEPTH &&
	    (runs_put(w, v) || dictionary_put(w, v, span)))
		return;
	above = *v;
	ten = find_scale(v, v->min);
	if (ten > 0) {
		above.u64 = scaled(w, v, ten);
		above.min = 0;
		span /= stream_scale(ten);
	}
	if (ten > 0 && above.u64 == NULL)
		w->out->failed = true;
	else if (packer_compression(w->packer) == COMPRESS_ZSTD)
		planes_put(w, &above, v->min, ten, span);
	else
		packed_put(w, &above, v->min, ten, span);
}
