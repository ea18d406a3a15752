/*
 * Plans: a template compiled to loads of columns.
 *
 * plan_compile() decides, once a template, which element fills which column
 * and proves that every load stays inside of the record. plan_run() then
 * executes one load after the other over all records of a data set, column
 * first, without a check per field. A record with fields of variable length
 * is measured first: one bounded walk notes where its segments begin, and the
 * loads go by these notes. Where several elements could fill a column, which
 * does is settled for each record: choice.h.
 *
 * Called by decode.c. The slow twin is test/oracle/rowwise.c.
 * Test: test/unit/decode/test_plan.c; bench: bench/bench_decode.c.
 */
#ifndef FLOWD_PLAN_H
#define FLOWD_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "batch.h"
#include "choice.h"
#include "field.h"
#include "wire.h"

/*
 * A field that goes to the column "other"; with loads of choices only in those
 * records in which none of them was chosen.
 */
struct plan_other {
	uint32_t pen;
	uint16_t id;
	uint16_t len;		/* FIELD_VARIABLE: the field ends segment */
	uint16_t segment;
	uint16_t off;
	uint16_t choice_op;	/* the first of them */
	uint16_t nchoice_ops;
};

/* What is still to be worked out after the loads: flow_times.h, sampling.h. */
enum plan_derive {
	DERIVE_START = 1 << 0,		/* flow_start from its uptime */
	DERIVE_END = 1 << 1,		/* flow_end from its uptime */
	DERIVE_START_REST = 1 << 2,	/* the same, in rows without one */
	DERIVE_END_REST = 1 << 3,
	DERIVE_RATE_COLUMN = 1 << 4,	/* sampling_interval is loaded */
	DERIVE_RATE_PARTS = 1 << 5	/* other has elements of a rate */
};

struct plan {
	uint32_t record_len;	/* octets; the least there can be if variable */
	uint16_t nsegments;	/* 1 + fields of variable length */
	uint16_t nops;
	uint16_t nothers;
	uint16_t nstructured;	/* fields of structured data (RFC 6313) */
	uint16_t nexcess;	/* fields past the most others, passed over */
	uint32_t other_octets;	/* heads and fixed values of others */
	uint8_t derive;		/* enum plan_derive */
	uint8_t ncols;
	uint8_t cols[COL_COUNT]; /* to mark after the loads */
	uint16_t *segment_len;	/* fixed octets of each segment */
	struct plan_op *ops;
	struct plan_other *others;
	struct choices choices;
};

/* Room for what is worked out of records while they are decoded. */
struct plan_scratch {
	uint32_t start[32 * 1024];	/* the notes of one walk */
	struct choice_scratch choice;
};

/*
 * Compile fields into plan. everything_other sends all fields to "other", for
 * options data; else the first max_others of those that always go there do,
 * and the rest is passed over. The fields have been checked by
 * template_check().
 *
 * Called twice: with memory NULL it works out how much is wanted, and returns
 * so many octets; then with that memory, aligned as malloc() aligns, and the
 * plan as the first call left it.
 */
size_t plan_compile(struct plan *plan, void *memory,
    const struct field *fields, size_t nfields, bool everything_other,
    size_t max_others);

enum plan_end {
	PLAN_DONE,	/* the set is at its end; what is left is padding */
	PLAN_FULL,	/* the batch is full, or max: call again for more */
	PLAN_OVERRUN	/* a variable field runs past the set: rest is lost */
};

/*
 * Decode records of one data set until the set ends or the batch is full, at
 * most max.
 *
 * set     payload behind the set header, borrowed
 * export_ns  when the message was sent, where elements count from
 * batch   rows are appended; rows already there are untouched
 * used    octets consumed; call again with the rest after emptying the batch
 * nrows   rows appended
 *
 * Octets left that are shorter than a record are padding (RFC 7011, 3.3.1).
 */
enum plan_end plan_run(const struct plan *plan, struct plan_scratch *scratch,
    struct bytes set, int64_t export_ns, struct batch *batch, size_t max,
    size_t *used, size_t *nrows);

/* How many whole records are in what is left of a set. */
size_t plan_count(const struct plan *plan, struct plan_scratch *scratch,
    struct bytes set);

#endif
