/* Records and blocks by their lengths; see unit.h. */
#include "block.h"
#include "unit.h"
#include "v3.h"
#include "wire_le.h"

enum { /* places in the head of a block: flowd-log(5) */
	BLOCK_HEAD_LEN_AT = 12,
	BLOCK_DATA_LEN_AT = 16,
	BLOCK_FLOWS_AT = 20
};

/* The length of the unit at p, of which least octets are there. */
struct measure {
	size_t least;
	uint64_t (*length)(const uint8_t *p, uint32_t *flows);
};

static uint64_t
record_length(const uint8_t *p, uint32_t *flows)
{
	*flows = 1;
	return V3_HEAD + 4 * (uint64_t)p[1];
}

static uint64_t
block_length(const uint8_t *p, uint32_t *flows)
{
	uint32_t head = load_le32(p + BLOCK_HEAD_LEN_AT);

	*flows = load_le32(p + BLOCK_FLOWS_AT);
	return head < BLOCK_HEAD
	    ? 0
	    : (uint64_t)head + load_le32(p + BLOCK_DATA_LEN_AT);
}

static const struct measure measures[] = {
	[UNIT_RECORDS] = { V3_HEAD, record_length },
	[UNIT_BLOCKS] = { BLOCK_HEAD, block_length },
};

size_t
unit_whole(enum unit_kind kind, struct bytes b, uint64_t *flows)
{
	const struct measure *m = &measures[kind];
	size_t off = 0;
	uint32_t n;

	while (b.len - off >= m->least) {
		uint64_t len = m->length(b.ptr + off, &n);

		if (len == 0)
			return b.len;
		if (len > b.len - off)
			break;
		off += (size_t)len;
		*flows += n;
	}
	return off;
}
