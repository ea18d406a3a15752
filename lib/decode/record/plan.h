/*
 * Plans: templates compiled to loads of columns.
 *
 * plan_compile() decides once for each template which element fills which
 * column, and proves that every load stays inside the record. plan_run() runs
 * one load after the other over all records of a data set, without checks for
 * each field. Records with fields of variable length are measured first: a
 * bounded walk indexes their segments. If several elements can fill a column,
 * each record decides: element_choice.h.
 *
 * decode.c uses it. test/oracle/rowwise.c is the slow reference.
 * Test: test/unit/decode/test_plan.c; bench: bench/bench_decode.c.
 */
#ifndef FLOWD_PLAN_H
#define FLOWD_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "batch.h"
#include "element_choice.h"
#include "field.h"
#include "wire.h"

/*
 * A field that goes to the column "other". If it has loads of choices, it goes
 * there only for records in which none of them was chosen.
 */
struct plan_other {
	uint32_t pen;
	uint16_t id;
	uint16_t len;		/* FIELD_VARIABLE: the field ends segment */
	uint16_t segment;
	uint16_t off;
	uint16_t choice_op;	/* the first of its loads */
	uint16_t nchoice_ops;
};

/* What remains to be done after the loads: flow_times.h, sampling.h. */
enum plan_derive {
	DERIVE_START = 1 << 0,		/* flow_start from its uptime */
	DERIVE_END = 1 << 1,		/* flow_end from its uptime */
	DERIVE_START_REST = 1 << 2,	/* the same, in rows without one */
	DERIVE_END_REST = 1 << 3,
	DERIVE_RATE_COLUMN = 1 << 4,	/* sampling_interval is loaded */
	DERIVE_RATE_PARTS = 1 << 5	/* other has elements of a rate */
};

struct plan {
	uint32_t record_len;	/* octets; the minimum, if variable */
	uint16_t nsegments;	/* 1 + fields of variable length */
	uint16_t nops;
	uint16_t nothers;
	uint16_t nstructured;	/* fields of structured data (RFC 6313) */
	uint16_t nexcess;	/* fields dropped by max_others */
	uint32_t other_octets;	/* heads and fixed values of others */
	uint8_t derive;		/* enum plan_derive */
	uint8_t ncols;
	uint8_t cols[COL_COUNT]; /* to mark after the loads */
	uint16_t *segment_len;	/* fixed octets of each segment */
	struct plan_op *ops;
	struct plan_other *others;
	struct element_choices choices;
};

/* Scratch space for plan_run(). */
struct plan_scratch {
	uint32_t start[32 * 1024];	/* the index of segments */
	struct element_choice_scratch choice;
};

/*
 * Compiles fields, which template_check() has accepted, into plan.
 * everything_other sends all fields to "other", for options data. Otherwise at
 * most max_others fields that no load handles go there, and the rest is
 * dropped.
 *
 * Call it twice: first with memory NULL, which returns the octets needed; then
 * with that memory, aligned as by malloc(), and the same plan.
 */
size_t plan_compile(struct plan *plan, void *memory,
    const struct field *fields, size_t nfields, bool everything_other,
    size_t max_others);

enum plan_end {
	PLAN_DONE,	/* the end of the set; the rest is padding */
	PLAN_FULL,	/* the batch or max is full: call again */
	PLAN_OVERRUN /* a variable field runs past the set: the rest is lost */
};

/*
 * Decodes records of one data set until the set ends or the batch is full, at
 * most max.
 *
 *	set		payload after the set header, borrowed
 *	export_ns	export time of the message
 *	batch		rows are appended; existing rows stay
 *	used		octets consumed; call again with the rest
 *	nrows		rows appended
 *
 * Octets at the end shorter than a record are padding (RFC 7011, 3.3.1).
 */
enum plan_end plan_run(const struct plan *plan, struct plan_scratch *scratch,
    struct bytes set, int64_t export_ns, struct batch *batch, size_t max,
    size_t *used, size_t *nrows);

/* How many whole records the rest of a set holds. */
size_t plan_count(const struct plan *plan, struct plan_scratch *scratch,
    struct bytes set);

#endif
