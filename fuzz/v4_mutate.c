/* Changes to a columnar log; see v4_mutate.h. */
#include <string.h>

#include "block_head.h"
#include "v4_mutate.h"

enum {
	HEAD_LEN_AT = 12, /* in a block's head; flowd-log(5) */
	DATA_LEN_AT = 16,
	COLUMNS_AT = 40,
	ENTRY_LEN_AT = 5, /* of its data, in an entry */
	ENTRY_SUM_AT = 9,
	ENTRY_WITH_DATA = 17,
	BLOCKS = 64, /* that are looked at */
	PARTS = 256, /* of a block */
	DATA_MAX = 1 << 20 /* octets of the data of a column */
};

/* A run of octets; with entry != 0 the data of the entry there. */
struct part {
	size_t at, len;
	size_t entry;
};

/* A block that may be walked: its lengths are within what there is. */
struct place {
	size_t at, head_len, data_len;
	struct part part[PARTS];
	size_t nparts;
};

struct random {
	uint64_t state;
};

static size_t
random_pick(struct random *r, size_t below)
{
	r->state ^= r->state << 13;
	r->state ^= r->state >> 7;
	r->state ^= r->state << 17;
	return (size_t)(r->state % below);
}

static bool
find_lengths(const uint8_t *data, size_t size, size_t at, struct place *b)
{
	const uint8_t *p = data + at;
	size_t left = size - at;

	if (left < BLOCK_HEAD + BLOCK_SUM ||
	    memcmp(p, block_magic, BLOCK_MAGIC) != 0)
		return false;
	*b = (struct place) { .at = at, .head_len = load_le32(p + HEAD_LEN_AT),
		.data_len = load_le32(p + DATA_LEN_AT) };
	return b->head_len >= BLOCK_HEAD + BLOCK_SUM && b->head_len <= left &&
	    b->data_len <= left - b->head_len;
}

static void
add_part(struct place *b, size_t at, size_t len, size_t entry)
{
	if (b->nparts < PARTS)
		b->part[b->nparts++] = (struct part) { at, len, entry };
}

/* Its head, its entries and the data of each, as far as they are there. */
static void
find_parts(const uint8_t *data, struct place *b)
{
	size_t at = b->at + BLOCK_HEAD, from = b->at + b->head_len;
	size_t head_end = from - BLOCK_SUM, end = from + b->data_len;

	add_part(b, b->at + BLOCK_MAGIC, BLOCK_HEAD - BLOCK_MAGIC, 0);
	if (data[b->at + BLOCK_MAGIC] != BLOCK_FLOWS && b->data_len > BLOCK_SUM)
		add_part(b, from + BLOCK_SUM, b->data_len - BLOCK_SUM, 0);
	for (unsigned n = load_le16(data + b->at + COLUMNS_AT); n > 0; n--) {
		size_t len;

		if (at + ENTRY_WITH_DATA > head_end ||
		    data[at + 2] < BLOCK_ENTRY_HEAD ||
		    data[at + 2] > head_end - at)
			break;
		add_part(b, at, data[at + 2], 0);
		len = load_le32(data + at + ENTRY_LEN_AT);
		if ((data[at + 4] & ENTRY_DATA) && len <= end - from) {
			add_part(b, from, len, at);
			from += len;
		}
		at += data[at + 2];
	}
}

/* A block at random. */
static bool
find_block(const uint8_t *data, size_t size, struct random *r, struct place *b)
{
	static struct place found[BLOCKS];
	size_t n = 0;

	for (size_t i = 0; i < size && n < BLOCKS; i++)
		n += find_lengths(data, size, i, &found[n]);
	if (n == 0)
		return false;
	*b = found[random_pick(r, n)];
	find_parts(data, b);
	return b->nparts > 0;
}

/* The checksums of the data of a head's entries, as far as they are there. */
static void
mend_entries(uint8_t *p, size_t size, size_t head_len)
{
	size_t at = BLOCK_HEAD, data = head_len;

	for (unsigned n = load_le16(p + COLUMNS_AT); n > 0; n--) {
		size_t len;

		if (at + ENTRY_WITH_DATA > head_len)
			break;
		len = load_le32(p + at + ENTRY_LEN_AT);
		if ((p[at + 4] & ENTRY_DATA) && len <= size - data) {
			store_le64(p + at + ENTRY_SUM_AT,
			    block_checksum(p + data, len));
			data += len;
		}
		at += p[at + 2];
	}
}

void
v4_mend(uint8_t *data, size_t size)
{
	for (size_t i = 0; i + BLOCK_HEAD < size; i++) {
		uint8_t *p = data + i;
		size_t left = size - i, head_len, len;

		if (memcmp(p, block_magic, BLOCK_MAGIC) != 0)
			continue;
		head_len = load_le32(p + HEAD_LEN_AT);
		if (head_len < BLOCK_HEAD + BLOCK_SUM || head_len > left)
			continue;
		len = load_le32(p + DATA_LEN_AT);
		if (p[BLOCK_MAGIC] == BLOCK_FLOWS)
			mend_entries(p, left, head_len);
		else if (len >= BLOCK_SUM && len <= left - head_len)
			store_le64(p + head_len,
			    block_checksum(
				p + head_len + BLOCK_SUM, len - BLOCK_SUM));
		store_le64(p + head_len - BLOCK_SUM,
		    block_checksum(p, head_len - BLOCK_SUM));
	}
}

/* These octets in the place of the data of a column. Returns the size. */
static size_t
data_replace(uint8_t *data, size_t size, const struct place *b,
    const struct part *part, const uint8_t *octets, size_t len)
{
	size_t end = part->at + part->len;

	memmove(data + part->at + len, data + end, size - end);
	memcpy(data + part->at, octets, len);
	store_le32(data + part->entry + ENTRY_LEN_AT, (uint32_t)len);
	store_le32(data + b->at + DATA_LEN_AT,
	    (uint32_t)(b->data_len - part->len + len));
	return size - part->len + len;
}

/* The data of a column: changed, or those of another one. */
static size_t
change_data(uint8_t *data, size_t size, size_t max_size, struct random *r,
    v4_mutator *mutate, const struct place *b, const struct part *part)
{
	static uint8_t octets[DATA_MAX];
	const struct part *from = part;
	size_t len, room = max_size - size + part->len;

	if (random_pick(r, 8) == 0)
		from = &b->part[random_pick(r, b->nparts)];
	len = from->len;
	room = room < DATA_MAX ? room : DATA_MAX;
	if (len > room)
		return size;
	memcpy(octets, data + from->at, len);
	if (from == part && room > 0)
		len = mutate(octets, len, room);
	return data_replace(data, size, b, part, octets, len);
}

/* What has to stay as long as it is. */
static void
change_fixed(uint8_t *data, v4_mutator *mutate, const struct part *part)
{
	static uint8_t octets[DATA_MAX];
	size_t len = part->len < DATA_MAX ? part->len : DATA_MAX;

	memcpy(octets, data + part->at, len);
	(void)mutate(octets, len, len);
	memcpy(data + part->at, octets, len);
}

size_t
v4_mutate(uint8_t *data, size_t size, size_t max_size, unsigned seed,
    v4_mutator *mutate)
{
	struct random r = { ((uint64_t)seed << 1 | 1) *
		UINT64_C(0x9e3779b97f4a7c15) };
	static struct place b;
	const struct part *part;

	if (random_pick(&r, 16) == 0)
		return mutate(data, size, max_size);
	if (random_pick(&r, 16) == 0 || !find_block(data, size, &r, &b)) {
		size = mutate(data, size, max_size);
	} else {
		part = &b.part[random_pick(&r, b.nparts)];
		if (part->entry != 0)
			size = change_data(
			    data, size, max_size, &r, mutate, &b, part);
		else
			change_fixed(data, mutate, part);
	}
	v4_mend(data, size);
	return size;
}
