/*
 * A growing run of octets with a maximum, for output that is built in memory.
 * The first failure sticks: append freely, look at buf_ok() once.
 */
#ifndef FLOWD_BUF_H
#define FLOWD_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buf {
	uint8_t *ptr;
	size_t len;
	size_t cap;
	size_t max;
	bool failed;
};

void buf_init(struct buf *b, size_t max);
void buf_fini(struct buf *b);

/* Make room for n octets behind len; false past the maximum. */
bool buf_grow(struct buf *b, size_t n);

static inline bool
buf_ok(const struct buf *b)
{
	return !b->failed;
}

/* Empty it, keep its memory. */
static inline void
buf_reset(struct buf *b)
{
	b->len = 0;
	b->failed = false;
}

/*
 * Room for n octets, or NULL and failed. The caller writes up to n octets
 * there and adds what it wrote to b->len.
 */
static inline uint8_t *
buf_room(struct buf *b, size_t n)
{
	if (b->cap - b->len < n && !buf_grow(b, n))
		return NULL;
	/* C adds nothing to NULL, not even 0. */
	return b->len > 0 ? b->ptr + b->len : b->ptr;
}

static inline void
buf_append(struct buf *b, const void *data, size_t n)
{
	/* data may be NULL when there is nothing of it. */
	uint8_t *p = n > 0 ? buf_room(b, n) : NULL;

	if (p == NULL)
		return;
	memcpy(p, data, n);
	b->len += n;
}

static inline void
buf_append_text(struct buf *b, const char *text)
{
	buf_append(b, text, strlen(text));
}

static inline void
buf_append_char(struct buf *b, char c)
{
	buf_append(b, &c, 1);
}

void buf_printf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
