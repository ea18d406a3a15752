/*
 * Information elements: the registry elements.def as C.
 *
 * Templates are compiled with it, and other elements printed.
 * Test: test/unit/decode/test_element.c.
 */
#ifndef FLOWD_ELEMENT_H
#define FLOWD_ELEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "columns.h"
#include "other.h"
#include "other_filter.h"

enum {
	/*
	 * The rank of an element that fills its column only if no other does.
	 */
	RANK_ALONE = 9,
	/* ipVersion, the IP family of a record. */
	ELEMENT_IP_VERSION = 60,
	/* paddingOctets (RFC 7011, 3.3.1). */
	ELEMENT_PADDING_OCTETS = 210
};

enum element_transform {
	TRANSFORM_NONE,
	TRANSFORM_ICMP,		/* type and code: icmp_type and icmp_code */
	TRANSFORM_DELTA_US	/* microseconds before the export time */
};

/* The records an element applies to; see element_choice.h. */
enum element_only {
	ONLY_ANY,
	ONLY_IPV4,
	ONLY_IPV6,
	ONLY_ICMP,
	ONLY_ICMPV6,
	ONLY_TCP,
	ONLY_UDP,
	ONLY_COUNT
};

struct element {
	const char *name;
	uint32_t pen;
	uint16_t id;
	int16_t column;		/* enum column_index, or -1 */
	uint8_t type;		/* enum element_type */
	uint8_t rank;		/* 1 is best */
	uint8_t only;		/* enum element_only */
	uint8_t transform;	/* enum element_transform */
	bool named;		/* outputs print the name, not the number */
	bool list;		/* structured data: RFC 6313 */
};

enum element_index {
#define ELEMENT(pen, id, name, type, column, rank, only, transform, ref) \
	ELEMENT_INDEX_##name,
#define ELEMENT_NUMBER ELEMENT
#include "elements.def"
#undef ELEMENT
#undef ELEMENT_NUMBER
	ELEMENT_COUNT
};

extern const struct element elements[ELEMENT_COUNT];

static inline size_t
element_index(const struct element *e)
{
	return (size_t)(e - elements);
}

/*
 * Returns the element with this number, or NULL. NetFlow 9 has no enterprises:
 * numbers without one may stand for a vendor's element, as element_v9() tells.
 */
const struct element *element_find(uint32_t pen, uint16_t id);
/* Returns the element with this name, or NULL. */
const struct element *element_by_name(const char *name);
/* Its number in NetFlow 9. Returns false if that is not different. */
bool element_v9(const struct element *e, struct other_id *id);
/*
 * Its number for the reverse direction of a biflow. Returns false if it has
 * none.
 */
bool element_reverse(const struct element *e, struct other_id *id);

/* Names and types of elements, to print "other"; see other.h. */
element_lookup element_text;

#endif
