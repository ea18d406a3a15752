/*
 * Records that are like the one before: rows of one datagram differ in what
 * the flow is, and not in what the datagram was. The record of such a row is
 * that of the row before with the members written anew that may differ, which
 * takes a fraction of what classic_load() and record_put_v3() take together.
 *
 * Those two stay the slow twin: whatever is out of the ordinary is theirs, and
 * the test compares them.
 *
 * Test: test/unit/store/test_record_patch.c.
 */
#ifndef FLOWD_RECORD_PATCH_H
#define FLOWD_RECORD_PATCH_H

#include "batch.h"

/*
 * What 64 rows of a batch, a word of its bitmaps, have in common. All of them
 * have a column, or none has.
 */
struct record_patch {
	bool usable;		/* all of this is so */
	struct colset have;	/* columns that the rows have */
	struct colset six;	/* of these, addresses that are IPv6 */
};

/* Look at a word of the bitmaps. */
void record_patch_look(struct record_patch *like, const struct batch *batch,
    size_t word);

/*
 * Is the record of a row like that of another one of the same word, but for
 * what record_patch_put() writes?
 */
bool record_patch_is(const struct record_patch *like, const struct batch *batch,
    size_t row, size_t other);

/*
 * At p are the fields of a record, as record_put_v3() wrote them for a row
 * that this one is like: write what may differ. Returns the end.
 */
uint8_t *record_patch_put(const struct record_patch *like, uint8_t *p,
    uint32_t fields, const struct batch *batch, size_t row);

#endif
