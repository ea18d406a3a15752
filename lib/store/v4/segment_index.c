/* Reading indexes; see segment_index.h. */
#include "block_head.h"
#include "segment_index.h"
#include "segment_index_layout.h"

const uint8_t segment_index_end[INDEX_MAGIC] = { 'f', 'l', 'o', 'w', 'e', 'n',
	'd', '\n' };

static uint64_t
offset_of(const struct segment_index *ix, uint32_t i)
{
	return load_le64(ix->blocks + (size_t)i * INDEX_ENTRY);
}

/* Each block lies behind the one before it and in front of the index. */
static bool
check_entries(const struct segment_index *ix)
{
	uint64_t at = 0;

	for (uint32_t i = 0; i < ix->nblocks; i++) {
		struct segment_index_entry e = segment_index_entry(ix, i);

		if (e.offset < at || e.offset > ix->covered ||
		    e.len > ix->covered - e.offset)
			return false;
		at = e.offset + e.len;
	}
	return true;
}

static struct addr_bloom
take_filter(struct wire *w)
{
	struct addr_bloom set = { .n = wire_le32(w) };

	set.bucket = wire_take(w, (size_t)set.n * BLOOM_BUCKET);
	return set;
}

/* Every group has a filter. */
static bool
check_groups(const struct segment_index *ix, struct wire *w)
{
	uint32_t n = (uint32_t)(((uint64_t)ix->nblocks + ix->group - 1) /
	    ix->group);

	for (uint32_t i = 0; i < n && wire_ok(w); i++)
		(void)take_filter(w);
	return wire_ok(w);
}

int
segment_index_parse(
    const struct block *b, struct segment_index *ix, struct flowd_error *err)
{
	struct wire w;
	uint64_t sum;

	wire_init(&w, b->data);
	sum = wire_le64(&w);
	ix->covered = wire_le64(&w);
	ix->nrows = wire_le64(&w);
	ix->nblocks = wire_le32(&w);
	ix->group = wire_le32(&w);
	if (!wire_ok(&w) || sum != block_checksum(b->data.ptr + INDEX_SUM,
	    b->data.len - INDEX_SUM))
		return flowd_fail(err, FLOWD_ECHECKSUM,
		    "the index does not match its checksum");
	ix->blocks = wire_take(&w, (size_t)ix->nblocks * INDEX_ENTRY);
	ix->all = take_filter(&w);
	ix->groups = (struct bytes){ w.at, wire_left(&w) };
	if (!wire_ok(&w) || ix->group == 0 || !check_entries(ix) ||
	    !check_groups(ix, &w) || wire_left(&w) != INDEX_TAIL)
		return flowd_fail(err, FLOWD_EFORMAT,
		    "the index is invalid");
	return 0;
}

bool
segment_index_ends(const uint8_t tail[INDEX_TAIL])
{
	return memcmp(tail + INDEX_TAIL - INDEX_MAGIC, segment_index_end,
	    INDEX_MAGIC) == 0;
}

int
segment_index_find(
    struct bytes file, struct segment_index *ix, struct flowd_error *err)
{
	struct block *b = NULL;
	const uint8_t *tail;
	uint32_t len;
	int bad;

	if (file.len < INDEX_TAIL)
		return flowd_fail(err, FLOWD_EOF, "no index");
	tail = file.ptr + file.len - INDEX_TAIL;
	len = load_le32(tail);
	if (!segment_index_ends(tail) || len > file.len)
		return flowd_fail(err, FLOWD_EOF, "no index");
	b = block_new();
	if (b == NULL)
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	bad = block_parse((struct bytes){ file.ptr + file.len - len, len }, b,
	    err);
	if (bad == 0 && (b->kind != BLOCK_INDEX || b->all.len != len))
		bad = flowd_fail(err, FLOWD_EFORMAT,
		    "the index is invalid");
	if (bad == 0)
		bad = segment_index_parse(b, ix, err);
	block_free(b);
	if (bad == 0 && ix->covered != file.len - len)
		return flowd_fail(err, FLOWD_EOF,
		    "the index is for a part of the file");
	return bad;
}

struct segment_index_entry
segment_index_entry(const struct segment_index *ix, uint32_t i)
{
	const uint8_t *p = ix->blocks + (size_t)i * INDEX_ENTRY;

	return (struct segment_index_entry){
		.offset = offset_of(ix, i),
		.len = load_le32(p + 8),
		.nrows = load_le32(p + 12),
		.min_ns = (int64_t)load_le64(p + 16),
		.max_ns = (int64_t)load_le64(p + 24),
	};
}

struct addr_bloom
segment_index_group(const struct segment_index *ix, uint32_t block)
{
	struct addr_bloom set = { NULL, 0 };
	struct wire w;

	wire_init(&w, ix->groups);
	for (uint32_t i = 0; i <= block / ix->group; i++)
		set = take_filter(&w);
	return set;
}
