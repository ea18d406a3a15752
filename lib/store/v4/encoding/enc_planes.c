/*
 * The encoding "planes": integers less a base, divided by a scale, as planes of
 * octets: all lowest octets, all second ones, and so on, each plane compressed
 * by itself; see int_stream.h. Octets of a plane are alike, so they compress
 * well.
 */
#include "int_stream.h"
#include "vectorize.h"

enum {
	HEAD = 11,	/* encoding, base, scale, planes */
	TILE = 1024	/* integers that are split at a time */
};

static unsigned
octets_of(uint64_t span)
{
	unsigned n = 0;

	for (; span != 0; span >>= 8)
		n++;
	return n;
}

/*
 * Writes planes of n words, the lowest first, len octets apart. The loops stay
 * in the L1 cache and are vectorized.
 */
VECTORIZE static void
planes_split(const uint32_t *words, size_t n, unsigned planes, uint8_t *out,
    size_t len)
{
	for (unsigned k = 0; k < planes; k++, out += len)
		for (size_t i = 0; i < n; i++)
			out[i] = (uint8_t)(words[i] >> 8 * k);
}

static void
make_planes(const struct values *v, unsigned planes, uint8_t *octets)
{
	uint32_t words[TILE];

	for (size_t at = 0; at < v->n; at += TILE) {
		size_t n = v->n - at < TILE ? v->n - at : TILE;

		values_above(v, at, n, 0, words);
		planes_split(
		    words, n, planes < 4 ? planes : 4, octets + at, v->n);
		if (planes <= 4)
			continue;
		values_above(v, at, n, 32, words);
		planes_split(
		    words, n, planes - 4, octets + 4 * v->n + at, v->n);
	}
}

void
planes_put(struct int_stream_writer *w, const struct values *v, uint64_t base,
    unsigned ten, uint64_t span)
{
	struct scratch_mark mark = scratch_mark(w->scratch);
	unsigned planes = octets_of(span);
	bool ready = v->width == 1 && v->min == 0;
	uint8_t *made = ready ? NULL
			      : scratch_take(w->scratch, planes * v->n);
	const uint8_t *octets = ready ? v->u8 : made;
	uint8_t *p = buf_room(w->out, HEAD);

	if (p == NULL || octets == NULL) {
		w->out->failed = true;
		return;
	}
	p[0] = ENCODING_PLANES;
	store_le64(p + 1, base);
	p[9] = (uint8_t)ten;
	p[10] = (uint8_t)planes;
	w->out->len += HEAD;
	if (!ready)
		make_planes(v, planes, made);
	for (unsigned i = 0; i < planes; i++)
		compressor_put(w->compressor, octets + i * v->n, v->n, w->out);
	scratch_release(w->scratch, mark);
}

bool
planes_complete(
    struct int_stream *s, struct int_stream_source *source, unsigned k)
{
	struct decompressed plane;

	if (!(s->planes.pending >> k & 1))
		return true;
	if (!decompressor_run(source->decompressor, source->scratch,
		&s->planes.compressed[k], s->n, &plane))
		return false;
	s->planes.octet[k] = plane.data;
	s->planes.pending &= ~(1u << k);
	return true;
}

/* A plane of one repeated octet is added to the base. */
static bool
planes_open(struct int_stream *s, unsigned depth)
{
	struct int_stream_source *from = s->source;
	unsigned planes;

	s->planes.pending = 0;
	s->base = wire_le64(&from->w);
	s->scale = int_stream_scale(wire_u8(&from->w));
	planes = wire_u8(&from->w);
	if (!wire_ok(&from->w) || planes > 8 || s->scale == 0)
		return false;
	for (unsigned i = 0; i < 8; i++) {
		struct compressed *c = &s->planes.compressed[i];

		s->planes.octet[i] = NULL;
		if (i >= planes)
			continue;
		if (!compressed_take(&from->w, s->n, c))
			return false;
		s->base += ((uint64_t)c->fill << (8 * i)) * s->scale;
		s->planes.pending |= (unsigned)(c->method != METHOD_FILL) << i;
		/* Within another stream all are needed to open that. */
		if ((!from->on_demand || depth > 0) &&
		    !planes_complete(s, from, i))
			return false;
	}
	return true;
}

/*
 * One pass per plane: short loops over cached data, which compilers vectorize.
 * The first planes, which are all that most streams have, take one pass.
 */
#define PLANES_GET(T, name, NPLANES) \
	static void name(const struct int_stream *s, size_t first, size_t n, \
	    T *out) \
	{ \
		const uint8_t *low = s->planes.octet[0]; \
		const uint8_t *high = s->planes.octet[1]; \
		T base = (T)s->base, scale = (T)s->scale; \
\
		if (low != NULL && high != NULL) \
			for (size_t i = 0; i < n; i++) \
				out[i] = (T)((T)low[first + i] | \
				    (T)high[first + i] << 8); \
		else if (low != NULL) \
			for (size_t i = 0; i < n; i++) \
				out[i] = low[first + i]; \
		else if (high != NULL) \
			for (size_t i = 0; i < n; i++) \
				out[i] = (T)((T)high[first + i] << 8); \
		else \
			memset(out, 0, n * sizeof(*out)); \
		for (unsigned k = 2; k < (NPLANES); k++) { \
			const uint8_t *plane = s->planes.octet[k]; \
\
			if (plane == NULL) \
				continue; \
			for (size_t i = 0; i < n; i++) \
				out[i] |= (T)plane[first + i] << (8 * k); \
		} \
		if (scale != 1) \
			for (size_t i = 0; i < n; i++) \
				out[i] *= scale; \
		if (base != 0) \
			for (size_t i = 0; i < n; i++) \
				out[i] += base; \
	}

PLANES_GET(uint32_t, planes_get32, 4)
PLANES_GET(uint64_t, planes_get64, 8)

const struct encoding encoding_planes = { "planes", planes_open, planes_get32,
	planes_get64 };
