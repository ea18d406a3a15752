/* Arena allocator; see arena.h. Test: test/unit/base/test_arena.c. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

enum {
	ARENA_BLOCK = 16 * 1024,
	ARENA_ALIGN = sizeof(max_align_t)
};

struct arena_block {
	struct arena_block *next;
	size_t used;
	size_t size;
	max_align_t data[];
};

void
arena_init(struct arena *arena, size_t max)
{
	*arena = (struct arena) { .max = max };
}

void
arena_fini(struct arena *arena)
{
	struct arena_block *next;

	for (struct arena_block *b = arena->blocks; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	arena->blocks = NULL;
	arena->used = 0;
}

static struct arena_block *
arena_grow(struct arena *arena, size_t size)
{
	size_t want = size > ARENA_BLOCK ? size : ARENA_BLOCK;
	struct arena_block *b;

	if (want > SIZE_MAX - sizeof(*b))
		return NULL;
	b = calloc(1, sizeof(*b) + want);
	if (b == NULL)
		return NULL;
	b->size = want;
	b->next = arena->blocks;
	arena->blocks = b;
	return b;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	struct arena_block *b = arena->blocks;
	void *p;

	if (size > SIZE_MAX - ARENA_ALIGN)
		return NULL;
	size = (size + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
	if (size > arena->max - arena->used)
		return NULL;
	if (b == NULL || size > b->size - b->used)
		b = arena_grow(arena, size);
	if (b == NULL)
		return NULL;
	p = (char *)b->data + b->used;
	b->used += size;
	arena->used += size;
	return p;
}

void *
arena_calloc(struct arena *arena, size_t nmemb, size_t size)
{
	if (size != 0 && nmemb > SIZE_MAX / size)
		return NULL;
	return arena_alloc(arena, nmemb * size);
}

char *
arena_strndup(struct arena *arena, const char *text, size_t len)
{
	char *copy;

	if (len == SIZE_MAX)
		return NULL;
	copy = arena_alloc(arena, len + 1);
	if (copy != NULL)
		memcpy(copy, text, len);
	return copy;
}
