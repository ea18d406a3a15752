/*
 * The encoding "packed": integers less a base, divided by a scale, with as many
 * bits each as the greatest needs, the lowest bits first (bit packing); see
 * int_stream.h. For logs that are not compressed.
 */
#include "int_stream.h"

enum {
	HEAD = 11,	/* encoding, base, scale, bits */
	/* zeros at the end: the last integers need no special case */
	PAD = 8,
	BITS_MAX = 56,	/* an integer may start at any bit of an octet */
	TILE = 512,	/* integers that are packed at a time */
	GROUP = 8
};

static size_t
packed_len(size_t n, unsigned bits)
{
	return (n * bits + 7) / 8 + PAD;
}

static unsigned
bits_of(uint64_t span)
{
	return span == 0 ? 1 : 64 - (unsigned)__builtin_clzll(span);
}

/* Bits of an incomplete octet, and where it will be written. */
struct bits {
	uint8_t *at;
	uint64_t word;
	unsigned held;
};

/* At most 7 bits are pending, so that 57 more fit. */
static inline void
bits_put(struct bits *b, uint64_t x, unsigned bits)
{
	b->word |= x << b->held;
	store_le64(b->at, b->word);
	b->held += bits;
	b->at += b->held / 8;
	b->word = b->held / 8 == 8 ? 0 : b->word >> (b->held / 8 * 8);
	b->held %= 8;
}

static void
bits_pack(const struct values *v, unsigned bits, uint8_t *octets, size_t len)
{
	struct bits b = { octets, 0, 0 };
	uint32_t low[TILE], high[TILE] = { 0 };

	for (size_t at = 0; at < v->n; at += TILE) {
		size_t n = v->n - at < TILE ? v->n - at : TILE;

		values_above(v, at, n, 0, low);
		if (bits > 32)
			values_above(v, at, n, 32, high);
		for (size_t i = 0; i < n; i++)
			bits_put(&b, (uint64_t)high[i] << 32 | low[i], bits);
	}
	b.at += b.held > 0;
	memset(b.at, 0, (size_t)(octets + len - b.at));
}

void
packed_put(struct int_stream_writer *w, const struct values *v, uint64_t base,
    unsigned ten, uint64_t span)
{
	struct scratch_mark mark = scratch_mark(w->scratch);
	unsigned bits = bits_of(span);
	size_t len = packed_len(v->n, bits);
	uint8_t *octets, *p;

	if (bits > BITS_MAX) {
		planes_put(w, v, base, ten, span);
		return;
	}
	octets = scratch_take(w->scratch, len + 8);
	p = buf_room(w->out, HEAD);
	if (p == NULL || octets == NULL) {
		w->out->failed = true;
		return;
	}
	p[0] = ENCODING_PACKED;
	store_le64(p + 1, base);
	p[9] = (uint8_t)ten;
	p[10] = (uint8_t)bits;
	w->out->len += HEAD;
	bits_pack(v, bits, octets, len);
	compressor_put(w->compressor, octets, len, w->out);
	scratch_release(w->scratch, mark);
}

static bool
packed_open(struct int_stream *s, unsigned depth)
{
	struct int_stream_source *from = s->source;

	(void)depth;
	s->base = wire_le64(&from->w);
	s->scale = int_stream_scale(wire_u8(&from->w));
	s->packed.bits = wire_u8(&from->w);
	if (!wire_ok(&from->w) || s->scale == 0 || s->packed.bits == 0 ||
	    s->packed.bits > BITS_MAX)
		return false;
	s->packed.octets = decompressor_octets(from->decompressor,
	    from->scratch, &from->w, packed_len(s->n, s->packed.bits));
	return s->packed.octets != NULL;
}

/*
 * Eight integers start and end at an octet, so that all groups of eight have
 * the same layout.
 */
#define PACKED_GET(T, name) \
	static inline T name##_one(const struct int_stream *s, size_t i) \
	{ \
		size_t bit = i * s->packed.bits; \
		uint64_t mask = (UINT64_C(1) << s->packed.bits) - 1; \
\
		return (T)(load_le64(s->packed.octets + bit / 8) >> \
			   (bit % 8) & mask); \
	} \
\
	static void name##_groups(const struct int_stream *s, size_t group, \
	    size_t n, T *out) \
	{ \
		const unsigned bits = s->packed.bits; \
		const uint64_t mask = (UINT64_C(1) << bits) - 1; \
		const uint8_t *p = s->packed.octets + group * bits; \
\
		for (size_t i = 0; i < n; i++, p += bits, out += GROUP) \
			for (unsigned k = 0; k < GROUP; k++) \
				out[k] = (T)(load_le64(p + k * bits / 8) >> \
					     (k * bits % 8) & mask); \
	} \
\
	static void name(const struct int_stream *s, size_t first, size_t n, \
	    T *out) \
	{ \
		T base = (T)s->base, scale = (T)s->scale; \
		size_t i = 0, groups; \
\
		for (; i < n && (first + i) % GROUP != 0; i++) \
			out[i] = name##_one(s, first + i); \
		groups = (n - i) / GROUP; \
		name##_groups(s, (first + i) / GROUP, groups, out + i); \
		for (i += groups * GROUP; i < n; i++) \
			out[i] = name##_one(s, first + i); \
		if (scale != 1) \
			for (i = 0; i < n; i++) \
				out[i] *= scale; \
		if (base != 0) \
			for (i = 0; i < n; i++) \
				out[i] += base; \
	}

PACKED_GET(uint32_t, packed_get32)
PACKED_GET(uint64_t, packed_get64)

const struct encoding encoding_packed = { "packed", packed_open, packed_get32,
	packed_get64 };
