/*
 * Templates of NetFlow 9 and IPFIX on the sending side: which columns a row
 * has, as a list of fields, and its values stored behind one another.
 *
 * Called by encode.c. Test: test/unit/send/test_encode.c.
 */
#ifndef FLOWD_SEND_TEMPLATE_H
#define FLOWD_SEND_TEMPLATE_H

#include "batch.h"

enum {
	TEMPLATE_FIELDS = 48,	/* no fewer than fields.def has */
	TEMPLATE_ROOM = 4 + 4 * TEMPLATE_FIELDS /* octets of one at most */
};

/* Which fields a row has, a bit each, and the families of its addresses. */
typedef uint64_t template_key;

struct template_field {
	uint8_t column;
	uint8_t kind;
	uint8_t len;
	uint16_t element;
};

struct template
{
	template_key key;
	uint16_t id;
	uint16_t record_len;
	bool announced;	/* the receiver knows it */
	unsigned nfields;
	struct template_field field[TEMPLATE_FIELDS];
};

/* Fields whose columns have a value in some row of the batch. */
template_key template_fields_used(const struct batch *batch);
/* Those of them that this row has, with its families. */
template_key template_key_of(
    const struct batch *batch, size_t row, template_key used);

/* Fill in the fields for a key, as NetFlow 9 or as IPFIX says them. */
void template_init(
    struct template *t, template_key key, uint16_t id, bool ipfix);

/* Store the template record (RFC 7011, 3.4.1). Returns where it ends. */
uint8_t *template_store(const struct template *t, uint8_t *p);

/*
 * Store the values of a row, whose key is t's: t->record_len octets at p.
 * boot_ms is the time at which the uptime of the exporter was 0.
 */
void template_store_row(const struct template *t, const struct batch *batch,
    size_t row, int64_t boot_ms, uint8_t *p);

#endif
