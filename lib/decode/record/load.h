/*
 * Loads: the inner loops of decoding. Each converts the octets of a field into
 * the values of a column, for many records. plan_compile() selects them and
 * plan_run() runs them. They check no bounds: plan_compile() has proved them.
 * Test: test/unit/decode/test_load.c; test_plan.c compares with a slow
 * reference.
 */
#ifndef FLOWD_LOAD_H
#define FLOWD_LOAD_H

#include "batch.h"
#include "element.h"

/*
 * Where records lie. Segment s of record r starts at base + start[s * chunk +
 * r] or, if no field has variable length, record r starts at base + r * stride.
 */
struct records {
	const uint8_t *base;
	size_t stride;
	const uint32_t *start;
	size_t chunk;
	size_t n;
	int64_t export_ns;	/* of their message */
};

struct plan_op;

/*
 * Loads one field of n records into rows first, first + 1, ... of a column.
 * plan_run() marks these rows unless op->partial is set.
 */
typedef void plan_load(const struct plan_op *op, const struct records *recs,
    struct batch *batch, size_t first);

struct plan_op {
	plan_load *load;	/* NULL: flow_times.c derives it */
	uint16_t segment;
	uint16_t off;		/* from the start of the segment */
	uint16_t len;
	uint8_t col;
	bool partial;		/* the load marks the rows it sets */
};

/*
 * Returns the loop that loads an element of len octets into its column, or NULL
 * if there is none: the element goes to "other". indexed: records have an index
 * (struct records.start) instead of a stride. Sets partial if the loop marks
 * the rows it sets; else it sets all rows, and plan_run() marks them.
 */
plan_load *load_find(const struct element *e, uint16_t len, bool indexed,
    bool *partial);

/* Where the field of record r lies. */
static inline const uint8_t *
field_at(const struct plan_op *op, const struct records *recs, size_t r,
    bool indexed)
{
	size_t at = indexed ? recs->start[op->segment * recs->chunk + r]
			  : r * recs->stride;

	return recs->base + at + op->off;
}

/* The loop for one octet into a U8 column: ICMP type and code are two. */
plan_load *load_octet(bool indexed);

#endif
