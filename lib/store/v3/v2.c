/*
 * Version 2 flow logs; see v2.h. The fields of a record are in record.def;
 * the head of a file is in flowd-log(5).
 */
#include "crc32.h"
#include "record.h"
#include "v2.h"

enum {
	V2_VERSION = 2,
	V2_HEAD = 4 /* octets of a record in front of its fields */
};

#define V2_MAGIC UINT32_C(0x012cf047)

int
v2_check_head(struct bytes in, uint32_t *start_sec, struct flowd_error *err)
{
	struct wire w;
	uint32_t magic, version;

	wire_init(&w, in);
	magic = wire_u32(&w);
	version = wire_u32(&w);
	*start_sec = wire_u32(&w);
	(void)wire_u32(&w); /* flags, always 0 */
	if (!wire_ok(&w))
		return flowd_fail(
		    err, FLOWD_EOF, "shorter than the head of a version 2 log");
	if (magic != V2_MAGIC)
		return flowd_fail(err, FLOWD_EFORMAT,
		    "not a version 2 log: it begins with %08x", magic);
	if (version != V2_VERSION)
		return flowd_fail(err, FLOWD_EVERSION,
		    "version %u is not supported", version);
	return 0;
}

int
v2_decode(struct bytes in, struct classic *c, struct flowd_error *err)
{
	const uint8_t *end;
	uint32_t fields;
	size_t len;
	int bad;

	if (in.len < V2_HEAD)
		return FLOWD_EOF;
	fields = load_be32(in.ptr);
	/*
	 * Only the fields give the length of the record, so all must be known.
	 */
	if ((fields & ~(uint32_t)CLASSIC_ALL) != 0)
		return flowd_fail(err, FLOWD_EFORMAT,
		    "flow has unknown fields (%08x)",
		    fields & ~(uint32_t)CLASSIC_ALL);
	if ((bad = record_check_families(fields, err)) != 0)
		return bad;
	len = V2_HEAD + record_len_v2(fields);
	if (fields & CLASSIC_CRC32)
		len += RECORD_CRC;
	if (in.len < len)
		return FLOWD_EOF;
	end = record_get_v2(in.ptr + V2_HEAD, fields, c);
	if (fields & CLASSIC_CRC32)
		c->crc32 = load_be32(end);
	if ((fields & CLASSIC_CRC32) &&
	    flowd_crc32(in.ptr, len - RECORD_CRC) != c->crc32)
		return flowd_fail(
		    err, FLOWD_ECHECKSUM, "flow does not match its checksum");
	return (int)len;
}

int
v2_read(
    struct bytes in, struct batch *batch, size_t *used, struct flowd_error *err)
{
	return record_read(v2_decode, in, batch, used, err);
}
