/*
 * Makes the record of a row by patching that of the row before: rows of one
 * datagram differ in the flow, not in the datagram. Only members that may
 * differ are written again, which takes a fraction of the time of
 * classic_load() and record_put_v3().
 *
 * These two remain for all unusual rows, and as the slow twin in the test.
 *
 * Test: test/unit/store/test_record_patch.c.
 */
#ifndef FLOWD_RECORD_PATCH_H
#define FLOWD_RECORD_PATCH_H

#include "batch.h"

/*
 * What 64 rows of a batch, a word of its bitmaps, have in common: a column is
 * present in all of them or in none.
 */
struct record_patch {
	bool usable;		/* the rows meet the conditions */
	struct colset have;	/* columns that the rows have */
	struct colset six;	/* address columns that are IPv6 */
};

/* Examine a word of the bitmaps. */
void record_patch_look(struct record_patch *like, const struct batch *batch,
    size_t word);

/*
 * Does the record of a row differ from that of another one of the same word
 * only in what record_patch_put() writes?
 */
bool record_patch_is(const struct record_patch *like, const struct batch *batch,
    size_t row, size_t other);

/*
 * At p are the fields of a record that record_put_v3() wrote for a similar row:
 * write what may differ. Returns the end.
 */
uint8_t *record_patch_put(const struct record_patch *like, uint8_t *p,
    uint32_t fields, const struct batch *batch, size_t row);

#endif
