/* Fields of a template. */
#ifndef FLOWD_FIELD_H
#define FLOWD_FIELD_H

#include <stdint.h>

enum {
	FIELD_VARIABLE = 65535,	/* field.len: RFC 7011, 7 */
	/* What fits into a datagram, at 4 octets a field. */
	TEMPLATE_FIELDS_MAX = 65535 / 4
};

/* A field specifier: RFC 7011, 3.2. */
struct field {
	uint32_t pen;
	uint16_t id;
	uint16_t len;
};

#endif
