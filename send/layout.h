/*
 * The layout of rows as records of NetFlow 9 and IPFIX: the columns that a row
 * has as a list of fields, which is what a template says of it.
 *
 * Called by encode.c. Test: test/unit/send/test_encode.c.
 */
#ifndef FLOWD_SEND_LAYOUT_H
#define FLOWD_SEND_LAYOUT_H

#include "batch.h"

enum {
	LAYOUT_FIELDS = 48,	/* at least as many as in fields.def */
	/* maximum octets of a template record */
	LAYOUT_ROOM = 4 + 4 * LAYOUT_FIELDS
};

/* Which fields a row has, a bit each, and the families of its addresses. */
typedef uint64_t layout_key;

struct layout_field {
	uint8_t column;
	uint8_t kind;
	uint8_t len;
	uint16_t element;
};

struct layout {
	layout_key key;
	uint16_t id;	/* of the template */
	uint16_t record_len;
	bool announced;	/* the receiver knows it */
	unsigned nfields;
	struct layout_field field[LAYOUT_FIELDS];
};

/* The columns that are fields. */
struct colset layout_columns(void);
/* Fields whose columns have a value in some row of the batch. */
layout_key layout_fields_used(const struct batch *batch);
/* Those of them that this row has, with its families. */
layout_key
layout_key_of(const struct batch *batch, size_t row, layout_key used);

/* Fill in the fields for a key, in the form of NetFlow 9 or IPFIX. */
void layout_init(struct layout *t, layout_key key, uint16_t id, bool ipfix);

/* Store the template record (RFC 7011, 3.4.1). Returns where it ends. */
uint8_t *layout_store(const struct layout *t, uint8_t *p);

/*
 * Store the values of a row, whose key is t's: t->record_len octets at p.
 * boot_ms is the time at which the uptime of the exporter was 0.
 */
void layout_store_row(const struct layout *t, const struct batch *batch,
    size_t row, int64_t boot_ms, uint8_t *p);

#endif
