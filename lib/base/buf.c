/* Growing octets; see buf.h. Test: test/unit/base/test_buf.c. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "buf.h"

void
buf_init(struct buf *b, size_t max)
{
	*b = (struct buf) { .max = max };
}

void
buf_fini(struct buf *b)
{
	free(b->ptr);
	*b = (struct buf) { 0 };
}

bool
buf_grow(struct buf *b, size_t n)
{
	size_t cap = b->cap;
	uint8_t *ptr;

	if (b->failed || n > b->max - b->len) {
		b->failed = true;
		return false;
	}
	while (cap - b->len < n)
		cap = cap == 0 ? 256 : cap > b->max / 2 ? b->max : cap * 2;
	if (cap > b->max)
		cap = b->max;
	ptr = realloc(b->ptr, cap);
	if (ptr == NULL) {
		b->failed = true;
		return false;
	}
	b->ptr = ptr;
	b->cap = cap;
	return true;
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n >= 0 && buf_room(b, (size_t)n + 1) != NULL) {
		(void)vsnprintf((char *)b->ptr + b->len, (size_t)n + 1, fmt,
		    again);
		b->len += (size_t)n;
	}
	va_end(again);
}
