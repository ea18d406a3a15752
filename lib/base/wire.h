/*
 * A cursor over foreign bytes with a sticky error: read ten fields, check
 * once. After the first read past the end every read gives zero and moves
 * nothing, and wire_ok() is false.
 *
 * Used for headers and templates. Records are not read through it: their
 * plans are proved once (lib/decode/record/plan.h).
 */
#ifndef FLOWD_WIRE_H
#define FLOWD_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "endian_be.h"

/* Borrowed bytes. */
struct bytes {
	const uint8_t *ptr;
	size_t len;
};

/* Without the first n, of which there are so many. C adds nothing to NULL. */
static inline struct bytes
bytes_behind(struct bytes b, size_t n)
{
	return n > 0 ? (struct bytes){ b.ptr + n, b.len - n } : b;
}

/* Nothing but zeros? */
static inline bool
bytes_zero(struct bytes b)
{
	for (size_t i = 0; i < b.len; i++)
		if (b.ptr[i] != 0)
			return false;
	return true;
}

struct wire {
	const uint8_t *at;
	const uint8_t *end;
	bool failed;
};

static inline void
wire_init(struct wire *w, struct bytes b)
{
	w->at = b.ptr;
	w->end = bytes_behind(b, b.len).ptr;
	w->failed = false;
}

static inline bool
wire_ok(const struct wire *w)
{
	return !w->failed;
}

/* Octets that are left to read. */
static inline size_t
wire_left(const struct wire *w)
{
	return (size_t)(w->end - w->at);
}

/* Pointer to the next len octets and past them, or NULL and failed. */
static inline const uint8_t *
wire_take(struct wire *w, size_t len)
{
	const uint8_t *p = w->at;

	if (w->failed || len > wire_left(w)) {
		w->failed = true;
		return NULL;
	}
	w->at += len;
	return p;
}

static inline uint8_t
wire_u8(struct wire *w)
{
	const uint8_t *p = wire_take(w, 1);

	return p != NULL ? p[0] : 0;
}

static inline uint16_t
wire_u16(struct wire *w)
{
	const uint8_t *p = wire_take(w, 2);

	return p != NULL ? load_be16(p) : 0;
}

static inline uint32_t
wire_u32(struct wire *w)
{
	const uint8_t *p = wire_take(w, 4);

	return p != NULL ? load_be32(p) : 0;
}

static inline uint64_t
wire_u64(struct wire *w)
{
	const uint8_t *p = wire_take(w, 8);

	return p != NULL ? load_be64(p) : 0;
}

/* The next len octets as borrowed bytes; empty when they are not there. */
static inline struct bytes
wire_bytes(struct wire *w, size_t len)
{
	const uint8_t *p = wire_take(w, len);

	return (struct bytes) { p, p != NULL ? len : 0 };
}

#endif
