/*
 * The values of one column on their way into a block, those of rows that have
 * none left out. As long as all are the same, or stay for some rows as what a
 * datagram's head says does, they are not written out: what is not written need
 * not be read again, and memory is what encoding waits for.
 *
 * Test: test/unit/store/test_column_builder.c.
 */
#ifndef FLOWD_COLUMN_BUILDER_H
#define FLOWD_COLUMN_BUILDER_H

#include "int_stream.h"

enum {
	COLUMN_ROWS = 65536,
	COLUMN_RUN = 8,	/* rows of a run, on the average, or more */
	COLUMN_RUNS_MAX = COLUMN_ROWS / COLUMN_RUN
};

enum column_form {
	COLUMN_CONSTANT,		/* all have the first */
	COLUMN_RUNS,
	COLUMN_LOOKUP,	/* they follow from addresses; see lookup.h */
	COLUMN_UPTIME,	/* or from uptimes: all but a constant */
	COLUMN_ARRAY		/* in the array */
};

struct column_builder {
	size_t n;		/* rows that have a value */
	uint8_t as;		/* enum column_form */
	uint8_t natural;	/* octets of a value */
	uint8_t width;		/* in the array: counters are mostly narrow */
	bool is_time;
	bool is_number;		/* of an address, or a length: no range */
	bool some;		/* there are rows without: valid is filled */
	uint8_t shuns;		/* blocks for which nothing is followed */
	uint64_t first;		/* SAME; UPTIME: what is left */
	uint64_t min, max;	/* in the sense of the type */
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
	uint64_t *valid;	/* over rows of the block */
};

/* width: octets of a value. */
void column_builder_init(struct column_builder *c, unsigned width, bool is_time,
    bool is_number);
void column_builder_fini(struct column_builder *c);
/* Forget the values, for the next block. */
void column_builder_reset(struct column_builder *c);

/* Add values to a column that follows nothing. False when out of memory. */
bool column_builder_add(struct column_builder *c, struct values *v);

/* Let the range of a column have that of some more values. */
void column_builder_widen(struct column_builder *c, struct values *v);

/*
 * Room for values in the array, which has all of them from now on: the same
 * and runs are written out, for others it is the caller's part. False when out
 * of memory.
 */
bool column_builder_materialize(struct column_builder *c);

/* Values of an array, or of those that are the same. */
struct values column_builder_values(const struct column_builder *c);

#endif
