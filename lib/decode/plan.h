/*
 * Plans: a template compiled to loads of columns.
 *
 * plan_compile() decides, once a template, which element fills which column
 * and proves that every load stays inside of the record. plan_run() then
 * executes one load after the other over all records of a data set, column
 * first, without a check per field. A record with fields of variable length
 * is measured first: one bounded walk notes where its segments begin, and the
 * loads go by these notes.
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
#include "wire.h"

enum {
	FIELD_VARIABLE = 65535	/* field.len: RFC 7011, 7 */
};

/* A field specifier: RFC 7011, 3.2. */
struct field {
	uint32_t pen;
	uint16_t id;
	uint16_t len;
};

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
};

struct plan_op;

/*
 * Load one field of n records into rows first, first + 1, ... of a column,
 * which plan_run() marks afterwards; see load.h for those that do it.
 */
typedef void plan_load(const struct plan_op *op, const struct records *recs,
    struct batch *batch, size_t first);

struct plan_op {
	plan_load *load;
	uint16_t segment;
	uint16_t off;		/* from the start of the segment */
	uint16_t len;
	uint16_t col;
};

/* A field that goes to the column "other". */
struct plan_other {
	uint32_t pen;
	uint16_t id;
	uint16_t len;		/* FIELD_VARIABLE: the field ends segment */
	uint16_t segment;
	uint16_t off;
};

/* What is still to be worked out after the loads; see finish.h. */
enum plan_derive {
	DERIVE_START = 1 << 0,		/* flow_start from its uptime */
	DERIVE_END = 1 << 1,		/* flow_end from its uptime */
	DERIVE_START_DELTA = 1 << 2,	/* flow_start: time before export */
	DERIVE_END_DELTA = 1 << 3,
	DERIVE_SAMPLING = 1 << 4	/* no interval in the record */
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
};

/* Room for the notes of one walk; one for a decoder. */
struct plan_scratch {
	uint32_t start[32 * 1024];
};

/* How many octets plan_compile() wants behind plan for nfields. */
size_t plan_memory(size_t nfields);

/*
 * Compile fields into plan, using memory (plan_memory() octets, aligned as
 * malloc() aligns). everything_other sends all fields to "other", for options
 * data; else the first max_others of those that go there do, and the rest is
 * passed over. The fields have been checked by template_check().
 */
void plan_compile(struct plan *plan, void *memory, const struct field *fields,
    size_t nfields, bool everything_other, size_t max_others);

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
 * batch   rows are appended; rows already there are untouched
 * used    octets consumed; call again with the rest after emptying the batch
 * nrows   rows appended
 *
 * Octets left that are shorter than a record are padding (RFC 7011, 3.3.1).
 */
enum plan_end plan_run(const struct plan *plan, struct plan_scratch *scratch,
    struct bytes set, struct batch *batch, size_t max, size_t *used,
    size_t *nrows);

/* How many whole records are in what is left of a set. */
size_t plan_count(const struct plan *plan, struct plan_scratch *scratch,
    struct bytes set);

#endif
