/*
 * Loads: the inner loops of decoding, one for each way in which octets of a
 * record become a value of a column. Chosen by plan_compile(), run by
 * plan_run(). None of them checks bounds: the plan has been proved.
 * Test: test/unit/decode/test_plan.c compares them with the oracle.
 */
#ifndef FLOWD_LOAD_H
#define FLOWD_LOAD_H

#include "element.h"
#include "plan.h"

/*
 * The loop that brings len octets of the element into its column, or NULL
 * when there is none: then the element goes to "other". noted says that
 * records are found by notes (struct records), not by a stride. partial is set
 * to whether the loop marks the rows that it gave a value; else it gives one
 * to all, and plan_run() marks them.
 */
plan_load *load_find(const struct element *e, uint16_t len, bool noted,
    bool *partial);

/* Where the field of record r lies. */
static inline const uint8_t *
field_at(const struct plan_op *op, const struct records *recs, size_t r,
    bool noted)
{
	size_t at = noted ? recs->start[op->segment * recs->chunk + r]
			  : r * recs->stride;

	return recs->base + at + op->off;
}

/* The loop of one octet into a U8 column: ICMP type and code are two. */
plan_load *load_octet(bool noted);

#endif
