/*
 * The values of one column of the next block, without the rows that have none.
 * While all are equal, or constant over runs of rows, as header fields of a
 * datagram are, they are not written out, because memory traffic dominates the
 * cost of encoding.
 *
 * Test: test/unit/store/test_column_builder.c.
 */
#ifndef FLOWD_COLUMN_BUILDER_H
#define FLOWD_COLUMN_BUILDER_H

#include "int_stream.h"

enum {
	COLUMN_ROWS = 65536,
	COLUMN_RUN = 8,	/* rows of a run on average, or more */
	COLUMN_RUNS_MAX = COLUMN_ROWS / COLUMN_RUN
};

enum column_form {
	COLUMN_CONSTANT,		/* every value is first */
	COLUMN_RUNS,
	COLUMN_LOOKUP,	/* looked up by an address; see lookup.h */
	COLUMN_UPTIME,	/* predicted from uptimes; see predictor.h */
	COLUMN_ARRAY		/* in the array */
};

struct column_builder {
	size_t n;		/* rows that have a value */
	uint8_t as;		/* enum column_form */
	uint8_t natural;	/* octets of a value */
	uint8_t width;		/* in the array: counters are mostly narrow */
	bool is_time;
	/* number of an address, or a length: no range */
	bool is_number;
	bool some;		/* some rows have no value: valid is filled */
	uint8_t shuns;		/* blocks until following is tried again */
	uint64_t first;		/* CONSTANT: the value; UPTIME: the residual */
	uint64_t min, max;	/* compared as the type says */
	union {
		void *any;
		uint8_t *u8;
		uint16_t *u16;
		uint32_t *u32;
		uint64_t *u64;
	};
	uint64_t *run;		/* the integers of runs */
	uint32_t *begin;	/* and their first rows */
	size_t nruns;
	uint64_t *valid;	/* a bit for each row of the block */
};

/* width: octets of a value. */
void column_builder_init(struct column_builder *c, unsigned width, bool is_time,
    bool is_number);
void column_builder_fini(struct column_builder *c);
/* Forget the values, for the next block. */
void column_builder_reset(struct column_builder *c);

/*
 * Add values to a column that is neither looked up nor predicted. False when
 * out of memory.
 */
bool column_builder_add(struct column_builder *c, struct values *v);

/* Extend the range of a column by that of more values. */
void column_builder_widen(struct column_builder *c, struct values *v);

/*
 * Allocate the array, which has all values from now on. Constants and runs are
 * written out; for other forms this is up to the caller. False when out of
 * memory.
 */
bool column_builder_materialize(struct column_builder *c);

/* The values of an array or of a constant. */
struct values column_builder_values(const struct column_builder *c);

#endif
