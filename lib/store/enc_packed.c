/*
 * The encoding "packed": what integers have above a base, divided by a scale,
 * with as many bits each as the greatest needs, the lowest bits first; see
 * stream.h. For logs that no entropy coder compresses.
 */
#include "stream.h"

enum {
	HEAD = 11,	/* encoding, base, scale, bits */
	PAD = 8,	/* zeros behind, so that the last are read as all are */
	BITS_MAX = 56	/* and any bit of an octet may be the first */
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

void
packed_put(struct stream_writer *w, const struct values *v, uint64_t base,
    unsigned ten, uint64_t span)
{
	unsigned bits = bits_of(span), held = 0;
	size_t len = packed_len(v->n, bits);
	uint8_t *octets = scratch_take(w->scratch, len + 8);
	uint8_t *p = buf_room(w->out, HEAD), *at = octets;
	uint64_t word = 0;

	if (bits > BITS_MAX) {
		planes_put(w, v, base, ten, span);
		return;
	}
	if (p == NULL || octets == NULL) {
		w->out->failed = true;
		return;
	}
	p[0] = ENCODING_PACKED;
	store_le64(p + 1, base);
	p[9] = (uint8_t)ten;
	p[10] = (uint8_t)bits;
	w->out->len += HEAD;
	for (size_t i = 0; i < v->n; i++) {
		uint64_t x = v->u32 != NULL
		    ? (uint32_t)(v->u32[i] - (uint32_t)v->min)
		    : v->u64[i] - v->min;

		word |= x << held;
		store_le64(at, word);
		/* At most 7 bits are held: the word has room for 57. */
		held += bits;
		at += held / 8;
		word = held / 8 == 8 ? 0 : word >> (held / 8 * 8);
		held %= 8;
	}
	memset(at + (held > 0), 0,
	    (size_t)(octets + len - at) - (held > 0));
	piece_put(w->packer, octets, len, w->out);
}

static bool
packed_open(struct stream *s, unsigned depth)
{
	struct stream_source *from = s->source;

	(void)depth;
	s->base = wire_le64(&from->w);
	s->scale = stream_scale(wire_u8(&from->w));
	s->packed.bits = wire_u8(&from->w);
	if (!wire_ok(&from->w) || s->scale == 0 || s->packed.bits == 0 ||
	    s->packed.bits > BITS_MAX)
		return false;
	s->packed.octets = piece_octets(from->unpacker, from->scratch,
	    &from->w, packed_len(s->n, s->packed.bits));
	return s->packed.octets != NULL;
}

#define PACKED_GET(T, name) \
	static void name(const struct stream *s, size_t first, size_t n, \
	    T *out) \
	{ \
		const uint8_t *octets = s->packed.octets; \
		unsigned bits = s->packed.bits; \
		uint64_t mask = (UINT64_C(1) << bits) - 1; \
		size_t bit = first * bits; \
		T base = (T)s->base, scale = (T)s->scale; \
\
		for (size_t i = 0; i < n; i++, bit += bits) \
			out[i] = (T)(load_le64(octets + bit / 8) >> \
				     (bit % 8) & mask); \
		if (scale != 1) \
			for (size_t i = 0; i < n; i++) \
				out[i] *= scale; \
		for (size_t i = 0; i < n; i++) \
			out[i] += base; \
	}

PACKED_GET(uint32_t, packed_get32)
PACKED_GET(uint64_t, packed_get64)

const struct encoding encoding_packed = { "packed", packed_open, packed_get32,
	packed_get64 };
