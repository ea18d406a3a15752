/*
 * Scopes: which flows something is about that options data say
 * (RFC 7011, 3.4.2.1; RFC 3954, 6.1).
 *
 * A scope is a list of elements and their values. A flow is in it when it has
 * each of these elements with this value; without any element, all flows of
 * the exporter are. So a scope that is not understood has no flows.
 *
 * Elements are kept by one number each: scopes of NetFlow 9 become those of
 * IPFIX that mean the same, and a sampler is a selector.
 * Called by options_data.c, scoped_store.c and sampling.c.
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
	bool unsupported;	/* has what flows cannot be compared with */
	struct scope_element element[SCOPE_MAX]; /* in their order */
	uint64_t value[SCOPE_MAX];
};

/* Flows of one data set, as scopes look at them. */
struct scope_flows {
	const struct batch *batch; /* NULL: what all have alike is known only */
	size_t first, n;	/* rows: up to SCOPE_ROWS */
	uint32_t domain;
	uint16_t template_id;
};

/*
 * Take an element of an options record. is_scope: it is a scope field;
 * a few are a scope wherever they stand, and others are passed over then.
 */
void scope_add_field(struct scope *s, uint32_t pen, uint16_t id,
    struct bytes value, bool is_scope, const struct addr *exporter);
/* Add an element by its own number, once; false when there is no room. */
bool scope_add(struct scope *s, uint32_t pen, uint16_t id, uint64_t value);

/*
 * The values of the element that flows have: value[0] of the first row, and
 * so on. Returns a bit for each that has one.
 */
uint64_t scope_values(const struct scope_element *e,
    const struct scope_flows *flows, uint64_t value[SCOPE_ROWS]);
/* Have all flows of a data set the same value? */
bool scope_is_per_set(const struct scope_element *e);
/*
 * Does it mean another thing in each observation domain, as the number of a
 * template, and not say in which?
 */
bool scope_is_local(const struct scope *s);
/* The larger, the fewer flows are in scopes of this element. */
unsigned scope_specificity(const struct scope_element *e);

/* As text: "template 256, interface 3"; "exporter" for all of its flows. */
void scope_put(const struct scope *s, struct buf *out);

#endif
