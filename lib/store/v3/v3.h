/*
 * Version 3 flow logs: records one behind the other, no file header.
 *
 * A record has a head of eight octets (version, length, fields) and then the
 * fields that are present, big-endian, in the order of their bits; the layout
 * is in flowd-log(5). Every record stands by itself: logs may be concatenated
 * and cut at any record.
 *
 * Tests: test/unit/store/test_v3.c; fuzz: fuzz/fuzz_v3.c.
 */
#ifndef FLOWD_V3_H
#define FLOWD_V3_H

#include "batch.h"
#include "buf.h"
#include "classic.h"
#include "result.h"

enum {
	V3_MAJOR = 3,
	V3_VERSION = V3_MAJOR << 5, /* first octet; minor version 0 */
	V3_HEAD = 8,
	V3_BODY_MAX = 504, /* octets behind the head that readers take */
	V3_RECORD_MAX = V3_HEAD + V3_BODY_MAX
};

/*
 * Write one flow as a record with those of its fields that are in wanted
 * (enum classic_field). An address of a family that is not wanted is left
 * out. The checksum is computed anew.
 * out has room for V3_RECORD_MAX octets. Returns those written, a multiple
 * of 4.
 */
size_t v3_encode(const struct classic *c, uint32_t wanted, uint8_t *out);

/*
 * Append the selected rows of a batch to out as records. unstorable is
 * increased by the flows that are left out: decoded flows with only one
 * address, or with addresses of different families. Returns the number of
 * records written, or FLOWD_ENOMEM when out is at its maximum; then out holds
 * what it held before.
 */
int v3_write(const struct batch *batch, uint32_t wanted, struct buf *out,
    uint64_t *unstorable);

/*
 * Decode the record at the start of in.
 *
 * Returns its size; FLOWD_EOF when the record is incomplete (also for an empty
 * in), FLOWD_EVERSION, FLOWD_ECHECKSUM, or FLOWD_EFORMAT with the reason in
 * err: unknown fields, both families in one place, a body that is shorter than
 * its fields or longer than V3_BODY_MAX. A record of a newer minor version may
 * have unknown fields behind the known ones; they are passed over. Only members
 * of c whose field is in c->fields are set, and all the families.
 */
int v3_decode(struct bytes in, struct classic *c, struct flowd_error *err);

/*
 * Decode records from in into the batch until in ends, the batch is full, or
 * a record is bad. used is set to the octets consumed: on an error it is the
 * offset of the bad record. Returns the number of rows appended, or, when the
 * first record already fails, what v3_decode() returned for it.
 */
int v3_read(struct bytes in, struct batch *batch, size_t *used,
    struct flowd_error *err);

#endif
