/*
 * Scopes of options data: the flows that a statement applies to (RFC 7011,
 * 3.4.2.1; RFC 3954, 6.1).
 *
 * A scope is a list of elements and values. It contains the flows that have all
 * these values; without elements it contains all flows of the exporter. A scope
 * with an unsupported element contains no flows.
 *
 * Elements are normalised: scopes of NetFlow 9 become IPFIX elements, and a
 * sampler becomes a selector. option_record.c, scoped_store.c and sampling.c
 * use it.
 * Test: test/unit/decode/test_scope.c.
 */
#ifndef FLOWD_SCOPE_H
#define FLOWD_SCOPE_H

#include <stdbool.h>
#include <stdint.h>

#include "addr.h"
#include "batch.h"
#include "buf.h"
#include "wire.h"

enum {
	SCOPE_MAX = 4,		/* elements of a scope */
	SCOPE_ROWS = 64
};

struct scope_element {
	uint32_t pen;
	uint16_t id;
};

struct scope {
	uint8_t n;
	bool unsupported;	/* has elements that flows cannot match */
	struct scope_element element[SCOPE_MAX]; /* sorted */
	uint64_t value[SCOPE_MAX];
};

/* Flows of one data set to match against scopes. */
struct scope_flows {
	const struct batch *batch; /* NULL: only values common to the set */
	size_t first, n;	/* rows: up to SCOPE_ROWS */
	uint32_t domain;
	uint16_t template_id;
};

/*
 * Adds an element of an options record. is_scope: it is a scope field. A few
 * elements are part of the scope wherever they stand; others are ignored
 * outside of scope fields.
 */
void scope_add_field(struct scope *s, uint32_t pen, uint16_t id,
    struct bytes value, bool is_scope, const struct addr *exporter);
/*
 * Adds an element by its normalised number. Returns false if there is no room.
 */
bool scope_add(struct scope *s, uint32_t pen, uint16_t id, uint64_t value);

/*
 * The values of the element in the flows: value[0] for the first row, and so
 * on. Returns a bit for each row that has one.
 */
uint64_t scope_values(const struct scope_element *e,
    const struct scope_flows *flows, uint64_t value[SCOPE_ROWS]);
/* Whether all flows of a data set have the same value. */
bool scope_is_per_set(const struct scope_element *e);
/*
 * Whether it has a different meaning in each observation domain, as a template
 * id, without naming the domain.
 */
bool scope_is_local(const struct scope *s);
/* Higher for elements whose scopes contain fewer flows. */
unsigned scope_specificity(const struct scope_element *e);

/* Appends it as text: "template 256, interface 3"; "exporter" for all flows. */
void scope_put(const struct scope *s, struct buf *out);

#endif
