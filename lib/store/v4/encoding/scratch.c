/* Memory for one block; see scratch.h. */
#include <stdint.h>
#include <stdlib.h>

#include "scratch.h"

enum {
	CHUNK = 1024 * 1024,
	LINE = 64
};

struct scratch_chunk {
	struct scratch_chunk *next;
	size_t size;
	uint8_t *data;
};

void
scratch_init(struct scratch *s, size_t max)
{
	*s = (struct scratch){ .max = max };
}

void
scratch_fini(struct scratch *s)
{
	struct scratch_chunk *next;

	for (struct scratch_chunk *c = s->first; c != NULL; c = next) {
		next = c->next;
		free(c->data);
		free(c);
	}
	s->first = s->at = NULL;
}

void
scratch_reset(struct scratch *s)
{
	s->at = s->first;
	s->used = 0;
	s->given = 0;
}

struct scratch_mark
scratch_mark(const struct scratch *s)
{
	return (struct scratch_mark){ s->at, s->used, s->given };
}

void
scratch_release(struct scratch *s, struct scratch_mark mark)
{
	s->at = mark.at;
	s->used = mark.used;
	s->given = mark.given;
}

static struct scratch_chunk *
chunk_new(size_t size)
{
	struct scratch_chunk *c = malloc(sizeof(*c));

	if (c == NULL)
		return NULL;
	c->next = NULL;
	c->size = size;
	c->data = aligned_alloc(LINE, size);
	if (c->data != NULL)
		return c;
	free(c);
	return NULL;
}

/* Finds or allocates a chunk with room for size. */
static struct scratch_chunk *
chunk_for(struct scratch *s, size_t size)
{
	struct scratch_chunk **at = s->at != NULL ? &s->at->next : &s->first;

	while (*at != NULL && (*at)->size < size)
		at = &(*at)->next;
	if (*at == NULL)
		*at = chunk_new(size > CHUNK ? size : CHUNK);
	if (*at == NULL)
		return NULL;
	s->at = *at;
	s->used = 0;
	return s->at;
}

void *
scratch_take(struct scratch *s, size_t size)
{
	void *p;

	if (size > s->max)
		return NULL;
	size = (size + LINE - 1) / LINE * LINE + LINE;
	if (size > s->max - s->given)
		return NULL;
	if (s->at == NULL || s->at->size - s->used < size)
		if (chunk_for(s, size) == NULL)
			return NULL;
	p = s->at->data + s->used;
	s->used += size;
	s->given += size;
	return p;
}
