/*
 * The encoding "delta": the differences of consecutive integers, zigzag encoded
 * (0 -1 1 -2 2 become 0 1 2 3 4); the first difference is to 0; see
 * int_stream.h. For sorted dictionaries and for times of runs.
 */
#include "int_stream.h"

static uint64_t
zigzag_encode(uint64_t d)
{
	return d << 1 ^ (0 - (d >> 63));
}

static uint64_t
zigzag_decode(uint64_t d)
{
	return d >> 1 ^ (0 - (d & 1));
}

#define DIFFERENCES(T, array) \
	do { \
		const T *in = (array); \
\
		out[0] = 0; \
		for (size_t i = 1; i < v->n; i++) \
			out[i] = zigzag_encode((uint64_t)in[i] - in[i - 1]); \
	} while (0)

static void
delta_values(const struct values *v, uint64_t *out)
{
	switch (v->width) {
	case 1:
		DIFFERENCES(uint8_t, v->u8);
		break;
	case 2:
		DIFFERENCES(uint16_t, v->u16);
		break;
	case 4:
		DIFFERENCES(uint32_t, v->u32);
		break;
	default:
		DIFFERENCES(uint64_t, v->u64);
		break;
	}
}

/* The first integer may be large, so that the estimate ignores it. */
bool
delta_put(struct int_stream_writer *w, const struct values *v)
{
	struct scratch_mark mark = scratch_mark(w->scratch);
	uint64_t *all = scratch_take(w->scratch, (v->n + 1) * sizeof(*all));
	uint8_t *p = buf_room(w->out, 1 + 8);
	struct values d = values_u64(all, v->n);

	if (p == NULL || all == NULL || v->n == 0)
		return false;
	delta_values(v, all);
	p[0] = ENCODING_DELTA;
	store_le64(p + 1, values_at(v, 0));
	w->out->len += 1 + 8;
	d.scaled = v->scaled;
	w->depth++;
	int_stream_put(w, &d);
	w->depth--;
	scratch_release(w->scratch, mark);
	return true;
}

static bool
delta_open(struct int_stream *s, unsigned depth)
{
	uint64_t at = wire_le64(&s->source->w);
	uint64_t *all = int_stream_all_inner(s->source, s->n, depth + 1);

	if (all == NULL)
		return false;
	for (size_t i = 0; i < s->n; i++)
		all[i] = at += zigzag_decode(all[i]);
	s->all = all;
	return true;
}

static void
delta_get32(const struct int_stream *s, size_t first, size_t n, uint32_t *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (uint32_t)s->all[first + i];
}

static void
delta_get64(const struct int_stream *s, size_t first, size_t n, uint64_t *out)
{
	memcpy(out, s->all + first, n * sizeof(*out));
}

const struct encoding encoding_delta = { "delta", delta_open, delta_get32,
	delta_get64 };
