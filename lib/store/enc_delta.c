/*
 * The encoding "delta": each integer less the one before it, where the first
 * stands behind 0; differences are folded, 0 -1 1 -2 2 to 0 1 2 3 4; see
 * stream.h. For sorted dictionaries and for times of runs.
 */
#include "stream.h"

static uint64_t
fold(uint64_t d)
{
	return d << 1 ^ (0 - (d >> 63));
}

static uint64_t
unfold(uint64_t d)
{
	return d >> 1 ^ (0 - (d & 1));
}

/* The first integer may be large: it is left out of what is measured. */
bool
delta_put(struct stream_writer *w, const struct values *v)
{
	struct values d = { .n = v->n, .scaled = v->scaled };
	uint64_t *all = scratch_take(w->scratch, (v->n + 1) * sizeof(*all));
	uint8_t *p = buf_room(w->out, 1 + 8);
	uint64_t before;

	if (p == NULL || all == NULL || v->n == 0)
		return false;
	before = values_at(v, 0);
	for (size_t i = 0; i < v->n; i++) {
		uint64_t at = values_at(v, i);

		all[i] = fold(at - before);
		before = at;
	}
	p[0] = ENCODING_DELTA;
	store_le64(p + 1, values_at(v, 0));
	w->out->len += 1 + 8;
	d.u64 = all;
	w->depth++;
	stream_put(w, &d);
	w->depth--;
	return true;
}

static bool
delta_open(struct stream *s, unsigned depth)
{
	uint64_t at = wire_le64(&s->source->w);
	uint64_t *all = stream_all_inner(s->source, s->n, depth + 1);

	if (all == NULL)
		return false;
	for (size_t i = 0; i < s->n; i++)
		all[i] = at += unfold(all[i]);
	s->all = all;
	return true;
}

static void
delta_get32(const struct stream *s, size_t first, size_t n, uint32_t *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (uint32_t)s->all[first + i];
}

static void
delta_get64(const struct stream *s, size_t first, size_t n, uint64_t *out)
{
	memcpy(out, s->all + first, n * sizeof(*out));
}

const struct encoding encoding_delta = { "delta", delta_open, delta_get32,
	delta_get64 };
