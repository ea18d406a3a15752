/*
 * The members of classic flows as the fields of records: a table for each
 * version. Members have the size and the byte order that they have in a
 * record, but for addresses.
 *
 * Called by compat_flow.c and compat_v2.c. Test:
 * test/unit/compat/test_compat_flow.c.
 */
#ifndef FLOWD_COMPAT_FIELDS_H
#define FLOWD_COMPAT_FIELDS_H

#include <stdbool.h>

#include "flowd/compat.h"

enum {
	COMPAT_FIELDS = 19, /* of a version, without the checksum */
	COMPAT_CRC = 4 /* octets */
};

struct compat_field {
	uint32_t bit; /* STORE_FIELD_* */
	uint16_t offset; /* of the member */
	uint8_t size; /* octets in a record */
	uint8_t af; /* AF_INET, AF_INET6: an address; 0: it is none */
};

struct compat_layout {
	struct compat_field field[COMPAT_FIELDS]; /* as they lie in a record */
	uint16_t crc_offset;
	uint16_t head; /* octets in front of the fields */
};

extern const struct compat_layout compat_v2_layout, compat_v3_layout;

/* Octets of the fields, with the checksum; -1: some are unknown. */
int compat_fields_len(const struct compat_layout *layout, uint32_t fields);
/*
 * The fields of a flow that has these, which are wanted: of addresses the bit
 * of the family that they have. False: one that is wanted has none, and is not
 * among the fields.
 */
bool compat_fields_choose(const struct compat_layout *layout,
    const void *flow, uint32_t has, uint32_t wanted, uint32_t *fields);
/* Write fields without the checksum. Returns the end. */
uint8_t *compat_fields_put(const struct compat_layout *layout,
    const void *flow, uint32_t fields, uint8_t *p);
/* Read known fields without the checksum into the members. Returns the end. */
const uint8_t *compat_fields_get(const struct compat_layout *layout,
    const uint8_t *p, uint32_t fields, void *flow);

#endif
