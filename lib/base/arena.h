/*
 * Memory that lives and goes together: parse trees, compiled programs.
 * Nothing in an arena is freed by itself; arena_fini() frees it all.
 */
#ifndef FLOWD_ARENA_H
#define FLOWD_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *blocks;
	size_t used;		/* octets given out, padding included */
	size_t max;		/* octets that may be given out */
};

void arena_init(struct arena *arena, size_t max);
void arena_fini(struct arena *arena);

/* Zeroed memory, aligned for any type; NULL past the maximum. */
void *arena_alloc(struct arena *arena, size_t size);
/* nmemb * size with a check for overflow; NULL past the maximum. */
void *arena_calloc(struct arena *arena, size_t nmemb, size_t size);
/* A copy of len octets of text with a 0 behind them; NULL past the maximum. */
char *arena_strndup(struct arena *arena, const char *text, size_t len);

#endif
