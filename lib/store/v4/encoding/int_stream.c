/* Streams; see int_stream.h. */
#include "int_stream.h"
#include "vectorize.h"

static const struct encoding *const encodings[ENCODING_COUNT] = {
	[ENCODING_CONSTANT] = &encoding_constant,
	[ENCODING_PLANES] = &encoding_planes,
	[ENCODING_PACKED] = &encoding_packed,
	[ENCODING_DICTIONARY] = &encoding_dictionary,
	[ENCODING_RUNS] = &encoding_runs,
	[ENCODING_DELTA] = &encoding_delta,
};

bool
int_stream_open_inner(struct int_stream *s, struct int_stream_source *source,
    size_t n, unsigned depth)
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
int_stream_open(
    struct int_stream *s, struct int_stream_source *source, size_t n)
{
	return int_stream_open_inner(s, source, n, 0);
}

bool
int_stream_complete(struct int_stream *s, struct int_stream_source *source)
{
	for (unsigned k = 0; k < 8 && s->encoding == &encoding_planes; k++)
		if (!planes_complete(s, source, k))
			return false;
	return true;
}

uint64_t *
int_stream_all_inner(struct int_stream_source *source, size_t n, unsigned depth)
{
	uint64_t *all = scratch_take(source->scratch, n * sizeof(*all));
	struct int_stream s;

	if (all == NULL || !int_stream_open_inner(&s, source, n, depth))
		return NULL;
	int_stream_get64(&s, 0, n, all);
	return all;
}

uint64_t *
int_stream_all64(struct int_stream_source *source, size_t n)
{
	return int_stream_all_inner(source, n, 0);
}

uint32_t *
int_stream_all32(struct int_stream_source *source, size_t n)
{
	uint32_t *all = scratch_take(source->scratch, n * sizeof(*all));
	struct int_stream s;

	if (all == NULL || !int_stream_open(&s, source, n))
		return NULL;
	int_stream_get32(&s, 0, n, all);
	return all;
}

/*
 * SSE2 compares signed words only: flipping the sign bit gives unsigned order.
 */
#define RANGE(T, name, flip) \
	VECTORIZE static void name( \
	    const void *array, size_t n, struct values *v) \
	{ \
		const T *p = array; \
		T lo = (T)(p[0] ^ (flip)), hi = lo; \
\
		for (size_t i = 0; i < n; i++) { \
			T at = (T)(p[i] ^ (flip)); \
\
			lo = at < lo ? at : lo; \
			hi = at > hi ? at : hi; \
		} \
		v->min = (uint64_t)(lo ^ (flip)); \
		v->max = (uint64_t)(hi ^ (flip)); \
	}

RANGE(uint8_t, range8, 0)
RANGE(int16_t, range16, INT16_MIN)
RANGE(int32_t, range32, 0)
RANGE(int32_t, range_u32, INT32_MIN)

/*
 * Several minima and maxima at a time, because each comparison depends on the
 * one before.
 */
VECTORIZE static void
values_range64(const void *array, size_t n, uint64_t flip, struct values *v)
{
	const uint64_t *p = array;
	int64_t lo[4], hi[4];
	size_t i;

	for (unsigned k = 0; k < 4; k++)
		lo[k] = hi[k] = (int64_t)(p[0] ^ flip);
	for (i = 0; i + 4 <= n; i += 4)
		for (unsigned k = 0; k < 4; k++) {
			int64_t at = (int64_t)(p[i + k] ^ flip);

			lo[k] = at < lo[k] ? at : lo[k];
			hi[k] = at > hi[k] ? at : hi[k];
		}
	for (; i < n; i++) {
		int64_t at = (int64_t)(p[i] ^ flip);

		lo[0] = at < lo[0] ? at : lo[0];
		hi[0] = at > hi[0] ? at : hi[0];
	}
	for (unsigned k = 1; k < 4; k++) {
		lo[0] = lo[k] < lo[0] ? lo[k] : lo[0];
		hi[0] = hi[k] > hi[0] ? hi[k] : hi[0];
	}
	v->min = (uint64_t)lo[0] ^ flip;
	v->max = (uint64_t)hi[0] ^ flip;
}

void
values_range(struct values *v)
{
	if (v->ranged || v->n == 0)
		return;
	v->ranged = true;
	if (v->width == 1)
		range8(v->any, v->n, v);
	else if (v->width == 2)
		range16(v->any, v->n, v);
	else if (v->width == 4 && v->is_signed)
		range32(v->any, v->n, v);
	else if (v->width == 4)
		range_u32(v->any, v->n, v);
	else
		values_range64(
		    v->any, v->n, v->is_signed ? 0 : (uint64_t)INT64_MIN, v);
	if (v->width == 2) {
		v->min = (uint16_t)v->min;
		v->max = (uint16_t)v->max;
	} else if (v->width == 4) {
		v->min = (uint32_t)v->min;
		v->max = (uint32_t)v->max;
	}
}

uint64_t
values_span(struct values *v)
{
	values_range(v);
	return v->width == 4 ? (uint32_t)(v->max - v->min) : v->max - v->min;
}

/* An array of equal values equals itself shifted by one. */
bool
values_constant(const struct values *v)
{
	return v->n < 2 ||
	    memcmp(v->u8, v->u8 + v->width, (v->n - 1) * v->width) == 0;
}

#define CHANGES(array) \
	do { \
		for (size_t i = first; i < end; i++) \
			n += (array)[i] != (array)[i - 1]; \
	} while (0)

VECTORIZE static size_t
values_changes_in(const struct values *v, size_t first, size_t end)
{
	unsigned n = 0;

	switch (v->width) {
	case 1:
		CHANGES(v->u8);
		break;
	case 2:
		CHANGES(v->u16);
		break;
	case 4:
		CHANGES(v->u32);
		break;
	default:
		CHANGES(v->u64);
		break;
	}
	return n;
}

size_t
values_changes(const struct values *v, size_t first, size_t end)
{
	return values_changes_in(v, first, end);
}

VECTORIZE static void
above_min(const struct values *v, size_t first, size_t n, unsigned shift,
    uint32_t *out)
{
	uint32_t min = (uint32_t)v->min;

	if (v->width == 1)
		for (size_t i = 0; i < n; i++)
			out[i] = v->u8[first + i] - min;
	else if (v->width == 2)
		for (size_t i = 0; i < n; i++)
			out[i] = v->u16[first + i] - min;
	else if (v->width == 4)
		for (size_t i = 0; i < n; i++)
			out[i] = v->u32[first + i] - min;
	else
		for (size_t i = 0; i < n; i++)
			out[i] = (uint32_t)((v->u64[first + i] - v->min) >>
			    shift);
}

void
values_above(const struct values *v, size_t first, size_t n, unsigned shift,
    uint32_t *out)
{
	above_min(v, first, n, shift, out);
}

uint64_t
int_stream_scale(unsigned ten)
{
	static const uint64_t scale[SCALES] = { 1, 10, 100, 1000, 10000,
		100000, 1000000, 10000000, 100000000, 1000000000 };

	return ten < SCALES ? scale[ten] : 0;
}

enum {
	SCALE_SAMPLES = 32
};

/* Are a few of the integers multiples of the scale? */
static bool
seems_scaled(const struct values *v, uint64_t unit)
{
	size_t step = v->n / SCALE_SAMPLES + 1;

	for (size_t i = 0; i < v->n; i += step)
		if ((v->u64[i] - v->min) % unit != 0)
			return false;
	return true;
}

/*
 * Divides all values; false if there is a remainder. With a constant unit this
 * needs no division instruction.
 */
static inline bool
values_divide(const struct values *v, uint64_t unit, uint64_t *out)
{
	uint64_t rest = 0;

	for (size_t i = 0; i < v->n; i++) {
		uint64_t above = v->u64[i] - v->min;

		out[i] = above / unit;
		rest |= above - out[i] * unit;
	}
	return rest == 0;
}

/*
 * Times are often whole seconds, milliseconds or microseconds. Computes how far
 * they are above the least one in that unit; returns its power of ten, or 0.
 */
static unsigned
values_scaled(
    struct int_stream_writer *w, const struct values *v, struct values *above)
{
	uint64_t *out;

	if (!v->scaled || v->width != 8 || !seems_scaled(v, 1000))
		return 0;
	out = scratch_take(w->scratch, v->n * sizeof(*out));
	if (out == NULL)
		return 0;
	*above = values_u64(out, v->n);
	if (seems_scaled(v, 1000000000) && values_divide(v, 1000000000, out))
		return 9;
	if (seems_scaled(v, 1000000) && values_divide(v, 1000000, out))
		return 6;
	return values_divide(v, 1000, out) ? 3 : 0;
}

/*
 * Does subtracting the base save no octets? Then the integers stay as they are,
 * which is less work for writer and reader.
 */
static bool
fills_octets(const struct values *v, uint64_t span)
{
	unsigned n = 0;

	if (v->is_signed)
		return false;
	while (n < 64 && v->max >> n >> 7 >> 1 != 0)
		n += 8;
	return span >> n != 0;
}

/*
 * Tries a constant, then encodings made of other streams if they pay off, then
 * plain integers: planes if an entropy coder follows, otherwise packed bits.
 */
void
int_stream_put(struct int_stream_writer *w, struct values *v)
{
	struct scratch_mark mark = scratch_mark(w->scratch);
	uint64_t span = values_span(v), base = v->min;
	struct values above = *v;
	unsigned ten;

	if (span == 0) {
		constant_put(w, v->min);
		return;
	}
	if (w->depth + 2 < STREAM_DEPTH &&
	    (runs_put(w, v) || dictionary_put(w, v, span)))
		return;
	ten = values_scaled(w, v, &above);
	if (ten > 0)
		span /= int_stream_scale(ten);
	else
		above = *v;
	if (compressor_compression(w->compressor) != COMPRESS_ZSTD) {
		packed_put(w, &above, base, ten, span);
	} else {
		if (ten == 0 && fills_octets(v, span))
			above.min = base = 0;
		planes_put(w, &above, base, ten, span);
	}
	scratch_release(w->scratch, mark);
}
