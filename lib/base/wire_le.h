/*
 * Little-endian integers at any address, and the cursor of wire.h over them:
 * for columnar logs, whose arrays are used as they lie on most machines.
 * Test: test/unit/base/test_wire.c.
 */
#ifndef FLOWD_WIRE_LE_H
#define FLOWD_WIRE_LE_H

#include "wire.h"

static inline uint16_t
load_le16(const uint8_t *p)
{
	return (uint16_t)((uint16_t)p[1] << 8 | p[0]);
}

static inline uint32_t
load_le32(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[1] << 8 | p[0];
}

static inline uint64_t
load_le64(const uint8_t *p)
{
	return (uint64_t)p[7] << 56 | (uint64_t)p[6] << 48 |
	    (uint64_t)p[5] << 40 | (uint64_t)p[4] << 32 |
	    (uint64_t)p[3] << 24 | (uint64_t)p[2] << 16 |
	    (uint64_t)p[1] << 8 | p[0];
}

/* An unsigned integer of 0 to 8 octets. */
static inline uint64_t
load_le(const uint8_t *p, size_t len)
{
	uint64_t v = 0;

	while (len > 0)
		v = v << 8 | p[--len];
	return v;
}

static inline void
store_le16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static inline void
store_le32(uint8_t *p, uint32_t v)
{
	store_le16(p, (uint16_t)v);
	store_le16(p + 2, (uint16_t)(v >> 16));
}

static inline void
store_le64(uint8_t *p, uint64_t v)
{
	store_le32(p, (uint32_t)v);
	store_le32(p + 4, (uint32_t)(v >> 32));
}

static inline uint16_t
wire_le16(struct wire *w)
{
	const uint8_t *p = wire_take(w, 2);

	return p != NULL ? load_le16(p) : 0;
}

static inline uint32_t
wire_le32(struct wire *w)
{
	const uint8_t *p = wire_take(w, 4);

	return p != NULL ? load_le32(p) : 0;
}

static inline uint64_t
wire_le64(struct wire *w)
{
	const uint8_t *p = wire_take(w, 8);

	return p != NULL ? load_le64(p) : 0;
}

#endif
