/* The encoding "constant": one integer, repeated; see int_stream.h. */
#include "int_stream.h"

void
constant_put(struct int_stream_writer *w, uint64_t value)
{
	uint8_t *p = buf_room(w->out, 9);

	if (p == NULL)
		return;
	p[0] = ENCODING_CONSTANT;
	store_le64(p + 1, value);
	w->out->len += 9;
}

static bool
constant_open(struct int_stream *s, unsigned depth)
{
	(void)depth;
	s->base = wire_le64(&s->source->w);
	return wire_ok(&s->source->w);
}

static void
constant_get32(
    const struct int_stream *s, size_t first, size_t n, uint32_t *out)
{
	(void)first;
	for (size_t i = 0; i < n; i++)
		out[i] = (uint32_t)s->base;
}

static void
constant_get64(
    const struct int_stream *s, size_t first, size_t n, uint64_t *out)
{
	(void)first;
	for (size_t i = 0; i < n; i++)
		out[i] = s->base;
}

const struct encoding encoding_constant = { "constant", constant_open,
	constant_get32, constant_get64 };
