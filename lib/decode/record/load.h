/*
 * Loads: the inner loops of decoding, one for each way in which octets of a
 * record become a value of a column. Chosen by plan_compile(), run by
 * plan_run(). None of them checks bounds: the plan has been proved.
 * Test: test/unit/decode/test_plan.c compares them with the oracle.
 */
#ifndef FLOWD_LOAD_H
#define FLOWD_LOAD_H

#include "batch.h"
#include "element.h"

/*
 * Where records lie while loads run. Record r begins its segment s at
 * base + start[s * chunk + r] or, when no field has a variable length, at
 * base + r * stride.
 */
struct records {
	const uint8_t *base;
	size_t stride;
	const uint32_t *start;
	size_t chunk;
	size_t n;
	int64_t export_ns;	/* of the message they came in */
};

struct plan_op;

/*
 * Load one field of n records into rows first, first + 1, ... of a column,
 * which plan_run() marks afterwards; see load.h for those that do it.
 */
typedef void plan_load(const struct plan_op *op, const struct records *recs,
    struct batch *batch, size_t first);

struct plan_op {
	plan_load *load;	/* NULL: nothing is to load, flow_times.c derives */
	uint16_t segment;
	uint16_t off;		/* from the start of the segment */
	uint16_t len;
	uint8_t col;
	bool partial;		/* load marks by itself the rows it sets */
};

/*
 * The loop that brings len octets of the element into its column, or NULL
 * when there is none: then the element goes to "other". noted says that
 * records are found by notes (struct records), not by a stride. partial is set
 * to whether the loop marks the rows that it gave a value; else it gives one
 * to all, and plan_run() marks them.
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

/* The loop of one octet into a U8 column: ICMP type and code are two. */
plan_load *load_octet(bool indexed);

#endif
