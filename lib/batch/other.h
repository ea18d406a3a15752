/*
 * Elements that have no column: the value of the column "other".
 *
 * It is a list of entries, one behind the other, each with a head of eight
 * octets in big-endian order and then the octets of the value as they were on
 * the wire:
 *
 *	pen	4	enterprise number; 0 for IANA's elements
 *	id	2	number of the element, without the enterprise bit
 *	len	2	octets of the value
 *
 * The reverse direction of a biflow (RFC 5103) has PEN 29305; elements of a
 * vendor in NetFlow 9 have PEN 0 and a number of 32768 and more.
 * The type and name of a value come from the registry (lib/decode) or
 * from a lookup that the caller hands to the printer.
 */
#ifndef FLOWD_OTHER_H
#define FLOWD_OTHER_H

#include <stdbool.h>
#include <stdint.h>

#include "wire.h"

enum {
	OTHER_HEAD = 8,
	PEN_IANA = 0,
	PEN_REVERSE = 29305	/* RFC 5103, 6.1 */
};

/* Scope fields of NetFlow 9 are a numbering of their own (RFC 3954, 6.1). */
#define PEN_V9_SCOPE UINT32_C(0xfffffff9)

struct other {
	uint32_t pen;
	uint16_t id;
	struct bytes value;
};

/* Write the head of an entry. */
static inline void
other_put_head(uint8_t *p, uint32_t pen, uint16_t id, uint16_t len)
{
	store_be32(p, pen);
	store_be16(p + 4, id);
	store_be16(p + 6, len);
}

/* Abstract types of elements (RFC 7011, 6.1), as far as printing goes. */
enum element_type {
	ELEMENT_OCTETS,		/* octetArray, lists, unknown: hexadecimal */
	ELEMENT_UNSIGNED,
	ELEMENT_SIGNED,
	ELEMENT_FLOAT,
	ELEMENT_BOOLEAN,	/* 1 true, 2 false (RFC 7011, 6.1.5) */
	ELEMENT_STRING,
	ELEMENT_ADDR4,
	ELEMENT_ADDR6,
	ELEMENT_MAC,
	ELEMENT_SECONDS,
	ELEMENT_MILLISECONDS,
	ELEMENT_MICROSECONDS,	/* NTP timestamp */
	ELEMENT_NANOSECONDS	/* NTP timestamp */
};

/*
 * How to print an element. name is NULL for one that has none: then its
 * number stands for it, "33000" or, with an enterprise, "6871.40".
 */
struct element_text {
	const char *name;
	uint8_t type;		/* enum element_type */
	bool reverse; /* print as "reverse" and the capitalised name */
};

/*
 * Finds how to print an element. Always fills text: an unknown element is
 * ELEMENT_OCTETS without a name. The decoder's registry has one to hand out.
 */
typedef void element_lookup(uint32_t pen, uint16_t id,
    struct element_text *text);

/*
 * Take the next entry off the list. Returns false at the end, and at an
 * entry that is cut short, with w failed.
 */
static inline bool
other_next(struct wire *w, struct other *o)
{
	if (wire_left(w) == 0)
		return false;
	o->pen = wire_u32(w);
	o->id = wire_u16(w);
	o->value = wire_bytes(w, wire_u16(w));
	return wire_ok(w);
}

#endif
