/*
 * Version 2 flow logs, which flowd wrote before 2005; they can only be read.
 *
 * A file header of 16 octets, then records without a length: only the fields
 * determine it. Records are converted to the classic view.
 *
 * Tests: test/unit/store/test_v2.c; fuzz: fuzz/fuzz_v2.c.
 */
#ifndef FLOWD_V2_H
#define FLOWD_V2_H

#include "batch.h"
#include "classic.h"
#include "result.h"

enum {
	V2_FILE_HEAD = 16
};

/*
 * Check the head of a file. start_sec is when the file was begun, in seconds
 * since 1970. Returns 0, FLOWD_EOF when it is too short, FLOWD_EFORMAT
 * for another magic, or FLOWD_EVERSION.
 */
int v2_check_head(struct bytes in, uint32_t *start_sec,
    struct flowd_error *err);

/* As v3_decode() and v3_read(), for records of version 2. */
int v2_decode(struct bytes in, struct classic *c, struct flowd_error *err);
int v2_read(struct bytes in, struct batch *batch, size_t *used,
    struct flowd_error *err);

#endif
