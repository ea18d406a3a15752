/*
 * The values of one column on their way into a block, those of rows that have
 * none left out. As long as all are the same, or stay for some rows as what a
 * datagram's head says does, they are not written out: what is not written
 * need not be read again, and memory is what encoding waits for.
 *
 * Used by gather.c and block_write.c. Test: test/unit/store/test_gathered.c.
 */
#ifndef FLOWD_GATHERED_H
#define FLOWD_GATHERED_H

#include "stream.h"

enum {
	GATHER_ROWS = 65536,
	GATHERED_RUN = 8,	/* rows of a run, on the average, or more */
	GATHERED_RUNS_MAX = GATHER_ROWS / GATHERED_RUN
};

enum gathered_as {
	GATHERED_SAME,		/* all have the first */
	GATHERED_RUNS,
	GATHERED_LOOKUP,	/* they follow from addresses; see lookup.h */
	GATHERED_UPTIME,	/* or from uptimes: all but a constant */
	GATHERED_SPREAD		/* in the array */
};

struct gathered {
	size_t n;		/* rows that have a value */
	uint8_t as;		/* enum gathered_as */
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
void gathered_init(struct gathered *c, unsigned width, bool is_time,
    bool is_number);
void gathered_fini(struct gathered *c);
/* Forget the values, for the next block. */
void gathered_reset(struct gathered *c);

/* Add values to a column that follows nothing. False when out of memory. */
bool gathered_add(struct gathered *c, struct values *v);

/* Let the range of a column have that of some more values. */
void gathered_widen(struct gathered *c, struct values *v);

/*
 * Room for values in the array, which has all of them from now on: the same
 * and runs are written out, for others it is the caller's part. False when out
 * of memory.
 */
bool gathered_spread(struct gathered *c);

/* Values of an array, or of those that are the same. */
struct values gathered_values(const struct gathered *c);

#endif
