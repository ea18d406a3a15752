/*
 * Version 3 flow logs; see v3.h. The fields of a record are in record.def,
 * what a reader may rely on is in flowd-log(5).
 */
#include <string.h>

#include "crc32.h"
#include "record.h"
#include "record_patch.h"
#include "v3.h"

size_t
v3_encode(const struct classic *c, uint32_t wanted, uint8_t *out)
{
	uint32_t fields = c->fields & wanted & CLASSIC_ALL;
	uint8_t *end = record_put_v3(out + V3_HEAD, fields, c);
	bool crc = fields & CLASSIC_CRC32;
	size_t body = (size_t)(end - out) - V3_HEAD + (crc ? RECORD_CRC : 0);

	out[0] = V3_VERSION;
	out[1] = (uint8_t)(body / 4);
	store_be16(out + 2, 0);
	store_be32(out + 4, fields);
	if (crc)
		store_be32(end, flowd_crc32(out, (size_t)(end - out)));
	return V3_HEAD + body;
}

/*
 * A decoded flow with only one address, or with addresses of different
 * families, has never been stored, and no reader of version 3 expects it. Rows
 * that come from a log are written as they are.
 */
static bool
row_storable(const struct batch *batch, const struct classic *c)
{
	return batch->from_log || c->src.family == c->dst.family;
}

/*
 * Writes the record of one row. Returns 0 if it is not storable, and counts it.
 */
static size_t
write_row(const struct batch *batch, size_t row, uint32_t wanted,
    uint8_t *out, uint64_t *unstorable)
{
	struct classic c;

	classic_load(batch, row, &c);
	if (row_storable(batch, &c))
		return v3_encode(&c, wanted, out);
	++*unstorable;
	return 0;
}

enum { STRIDE = 32 /* octets that are copied at once */ };

/*
 * Repeats the record in front of out in strides. The last stride may exceed the
 * record, where there is room.
 */
static inline void
repeat_record(uint8_t *out, size_t len)
{
	if (len < STRIDE) {
		memcpy(out, out - len, len);
		return;
	}
	for (size_t i = 0; i < len; i += STRIDE)
		memcpy(out + i, out + i - len, STRIDE);
}

/* Writes the record of a row by patching a copy of the one in front of out. */
static size_t
write_like(const struct record_patch *like, const struct batch *batch,
    size_t row, uint8_t *out, size_t len)
{
	uint32_t fields;
	uint8_t *end;

	repeat_record(out, len);
	fields = load_be32(out + 4);
	end = record_patch_put(like, out + V3_HEAD, fields, batch, row);
	if (fields & CLASSIC_CRC32)
		store_be32(end, flowd_crc32(out, (size_t)(end - out)));
	return len;
}

/*
 * Writes the selected rows of a word of the bitmaps. Returns how many; out has
 * room for all.
 */
static int
write_word(const struct batch *batch, size_t word, uint32_t wanted,
    struct buf *out, uint64_t *unstorable)
{
	struct record_patch like;
	uint64_t rows = batch->selected[word];
	size_t last = 0, len = 0;
	int n = 0;

	record_patch_look(&like, batch, word);
	for (; rows != 0; rows &= rows - 1) {
		size_t row = 64 * word + bitmap_lowest(rows);
		uint8_t *p = out->ptr + out->len;

		if (len > 0 && like.usable &&
		    record_patch_is(&like, batch, row, last))
			len = write_like(&like, batch, row, p, len);
		else
			len = write_row(batch, row, wanted, p, unstorable);
		last = row;
		out->len += len;
		n += len > 0;
	}
	return n;
}

int
v3_write(const struct batch *batch, uint32_t wanted, struct buf *out,
    uint64_t *unstorable)
{
	size_t before = out->len;
	int n = 0;

	for (size_t w = 0; w < bitmap_words(batch->nrows); w++) {
		size_t most = bitmap_count(&batch->selected[w], 64);

		/* buf_room() of 0 octets may be NULL in an empty buffer. */
		if (most == 0)
			continue;
		if (buf_room(out, most * V3_RECORD_MAX) == NULL) {
			out->len = before;
			return FLOWD_ENOMEM;
		}
		n += write_word(batch, w, wanted, out, unstorable);
	}
	return n;
}

/* Fields that only a newer minor version may have. */
static int
check_fields(unsigned minor, uint32_t fields, struct flowd_error *err)
{
	uint32_t unknown = fields & ~(uint32_t)CLASSIC_ALL;

	if (minor == 0 && unknown != 0)
		return flowd_fail(err, FLOWD_EFORMAT,
		    "flow has unknown fields (%08x)", unknown);
	return record_check_families(fields, err);
}

/*
 * Checks a record whose body of len octets is complete, and sets crc_at to its
 * checksum, or NULL. Afterwards the known fields lie within the body.
 *
 * The checksum covers the head and the known fields. Unknown fields stand
 * between these and the checksum, which then is at the end of the record.
 */
static int
check_record(const uint8_t *rec, size_t len, const uint8_t **crc_at,
    struct flowd_error *err)
{
	uint32_t fields = load_be32(rec + 4);
	size_t known = record_len_v3(fields), at = known;
	size_t crc = fields & CLASSIC_CRC32 ? RECORD_CRC : 0;
	int bad;

	*crc_at = NULL;
	if (rec[0] >> 5 != V3_MAJOR)
		return flowd_fail(err, FLOWD_EVERSION,
		    "version %u is not supported", rec[0] >> 5);
	if ((bad = check_fields(rec[0] & 0x1f, fields, err)) != 0)
		return bad;
	if (known + crc > len)
		return flowd_fail(err, FLOWD_EFORMAT,
		    "flow of %zu octets is shorter than its fields", len);
	if (crc == 0)
		return 0;
	if ((fields & ~(uint32_t)CLASSIC_ALL) != 0)
		at = len - RECORD_CRC;
	*crc_at = rec + V3_HEAD + at;
	if (flowd_crc32(rec, V3_HEAD + known) != load_be32(*crc_at))
		return flowd_fail(
		    err, FLOWD_ECHECKSUM, "flow does not match its checksum");
	return 0;
}

int
v3_decode(struct bytes in, struct classic *c, struct flowd_error *err)
{
	const uint8_t *crc_at;
	size_t len;
	int bad;

	if (in.len < V3_HEAD)
		return FLOWD_EOF;
	len = (size_t)in.ptr[1] * 4;
	/* Checked first, as the old flowd does: garbage fails here. */
	if (len > V3_BODY_MAX)
		return flowd_fail(
		    err, FLOWD_EFORMAT, "flow of %zu octets is too long", len);
	if (in.len - V3_HEAD < len)
		return FLOWD_EOF;
	if ((bad = check_record(in.ptr, len, &crc_at, err)) != 0)
		return bad;
	(void)record_get_v3(
	    in.ptr + V3_HEAD, load_be32(in.ptr + 4) & CLASSIC_ALL, c);
	if (crc_at != NULL)
		c->crc32 = load_be32(crc_at);
	return (int)(V3_HEAD + len);
}

int
v3_read(
    struct bytes in, struct batch *batch, size_t *used, struct flowd_error *err)
{
	return record_read(v3_decode, in, batch, used, err);
}
