/*
 * What records of versions 3 and 2 have in common: a mask of the fields that
 * are present. The layout is the table record.def, from which everything here
 * is generated.
 */
#ifndef FLOWD_RECORD_H
#define FLOWD_RECORD_H

#include "batch.h"
#include "classic.h"
#include "result.h"

enum {
	RECORD_CRC = 4 /* octets of the field CRC32 */
};

/* The size of these fields without CRC32. Unknown ones count as 0. */
size_t record_len_v3(uint32_t fields);
size_t record_len_v2(uint32_t fields);

/*
 * Read the fields at p, which holds record_len_*(fields) octets, into the
 * members of c; those of other fields are left as they are, but addresses
 * that are not there are ADDR_NONE. Sets c->fields. Returns the end.
 */
const uint8_t *record_get_v3(
    const uint8_t *p, uint32_t fields, struct classic *c);
const uint8_t *record_get_v2(
    const uint8_t *p, uint32_t fields, struct classic *c);

/* Write fields of c at p, which has room for them. Returns the end. */
uint8_t *record_put_v3(uint8_t *p, uint32_t fields, const struct classic *c);

/* Write an integer of so many octets; constant where this is called. */
static inline uint8_t *
record_store(uint8_t *p, uint64_t v, size_t len)
{
	switch (len) {
	case 1:
		*p = (uint8_t)v;
		break;
	case 2:
		store_be16(p, (uint16_t)v);
		break;
	case 4:
		store_be32(p, (uint32_t)v);
		break;
	default:
		store_be64(p, v);
		break;
	}
	return p + len;
}

/* FLOWD_EFORMAT when a place has addresses of both families. */
int record_check_families(uint32_t fields, struct flowd_error *err);

/*
 * Decodes one record: v3_decode(), v2_decode(). Returns the octets it
 * occupies or a negative FLOWD_E*.
 */
typedef int record_decode(
    struct bytes in, struct classic *c, struct flowd_error *err);

/* Fill the batch with records from in; see v3_read(). */
int record_read(record_decode *decode, struct bytes in, struct batch *batch,
    size_t *used, struct flowd_error *err);

#endif
