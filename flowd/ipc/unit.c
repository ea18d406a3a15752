/* Lengths of records and blocks; see unit.h. */
#include "block_head.h"
#include "unit.h"
#include "v3.h"
#include "wire_le.h"

enum { /* offsets in a block header */
	BLOCK_HEAD_LEN_AT = 12,
	BLOCK_DATA_LEN_AT = 16,
	BLOCK_FLOWS_AT = 20
};

static size_t
whole_records(struct bytes b, uint64_t *flows)
{
	size_t off = 0, n = 0, len;

	while (b.len - off >= V3_HEAD) {
		len = V3_HEAD + 4 * (size_t)b.ptr[off + 1];
		if (len > b.len - off)
			break;
		off += len;
		n++;
	}
	*flows += n;
	return off;
}

static size_t
whole_blocks(struct bytes b, uint64_t *flows)
{
	size_t off = 0;

	while (b.len - off >= BLOCK_HEAD) {
		const uint8_t *p = b.ptr + off;
		uint32_t head = load_le32(p + BLOCK_HEAD_LEN_AT);
		uint64_t len =
		    (uint64_t)head + load_le32(p + BLOCK_DATA_LEN_AT);

		if (head < BLOCK_HEAD)
			return b.len;
		if (len > b.len - off)
			break;
		off += (size_t)len;
		*flows += load_le32(p + BLOCK_FLOWS_AT);
	}
	return off;
}

size_t
unit_whole(enum unit_kind kind, struct bytes b, uint64_t *flows)
{
	return kind == UNIT_RECORDS ? whole_records(b, flows)
				    : whole_blocks(b, flows);
}
