/*
 * Writing indexes; see segment_index.h. The addresses of a group and of the
 * segment are collected, each once, so that filters are made as large as they
 * need.
 */
#include <stdlib.h>

#include "addr_dictionary.h"
#include "block_reader.h"
#include "segment_index.h"
#include "segment_index_layout.h"

enum {
	/* addresses of a segment that gets a filter */
	ADDRS_MAX = 8 * 1024 * 1024,
	OUT_MAX = 256 * 1024 * 1024
};

struct segment_index_writer {
	struct block_reader *reader;
	struct block *block;
	struct addr_dictionary group, all;
	struct buf entries, filters;
	uint64_t covered, nrows;
	uint32_t nblocks;
	/* too many addresses for a filter of the segment */
	bool too_many;
	bool failed;
};

struct segment_index_writer *
segment_index_writer_new(uint64_t seed)
{
	struct segment_index_writer *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	buf_init(&w->entries, OUT_MAX);
	buf_init(&w->filters, OUT_MAX);
	w->reader = block_reader_new();
	w->block = block_new();
	if (addr_dictionary_init(&w->group, seed) &&
	    addr_dictionary_init(&w->all, seed) && w->reader != NULL &&
	    w->block != NULL)
		return w;
	segment_index_writer_free(w);
	return NULL;
}

void
segment_index_writer_free(struct segment_index_writer *w)
{
	if (w == NULL)
		return;
	block_reader_free(w->reader);
	block_free(w->block);
	addr_dictionary_fini(&w->group);
	addr_dictionary_fini(&w->all);
	buf_fini(&w->entries);
	buf_fini(&w->filters);
	free(w);
}

static void
addr_dictionary_put(struct addr_dictionary *pool, const struct addr *a)
{
	if (a->family == ADDR_V4)
		(void)addr_dictionary_put4(pool, a->v4);
	else
		(void)addr_dictionary_put6(pool, a->v6);
}

static void
note_address(void *arg, const struct addr *a)
{
	struct segment_index_writer *w = arg;

	if (addr_dictionary_reserve(&w->group, 1))
		addr_dictionary_put(&w->group, a);
	else
		w->failed = true;
}

/* The addresses of a group are fewer than those of its blocks. */
static void
note_group(struct segment_index_writer *w)
{
	const struct addr_dictionary *g = &w->group;

	if (w->nblocks < INDEX_GROUP)
		return; /* no other group follows */
	w->too_many |=
	    addr_dictionary_count(&w->all) + addr_dictionary_count(g) >
	    ADDRS_MAX;
	if (w->too_many)
		return;
	if (!addr_dictionary_reserve(&w->all, addr_dictionary_count(g))) {
		w->failed = true;
		return;
	}
	addr_dictionary_put4_run(&w->all, g->addr4, g->v4.n, NULL);
	addr_dictionary_put6_run(&w->all, g->addr6, g->v6.n, NULL);
}

static uint8_t *
buckets_of(struct buf *out, uint32_t n)
{
	size_t len = (size_t)n * BLOOM_BUCKET;
	uint8_t *p = buf_room(out, 4 + len);

	if (p == NULL)
		return NULL;
	store_le32(p, n);
	memset(p + 4, 0, len);
	out->len += 4 + len;
	return p + 4;
}

/* A filter of all addresses in the pool. */
static void
put_filter(const struct addr_dictionary *pool, struct buf *out)
{
	uint32_t n = addr_bloom_buckets(addr_dictionary_count(pool));
	uint8_t *bucket = buckets_of(out, n);
	struct addr a;

	for (size_t i = 0; bucket != NULL && i < pool->v4.n; i++) {
		a = addr_from_v4(pool->addr4[i]);
		addr_bloom_put(bucket, n, &a);
	}
	for (size_t i = 0; bucket != NULL && i < pool->v6.n; i++) {
		a = addr_from_v6(pool->addr6[i]);
		addr_bloom_put(bucket, n, &a);
	}
}

static void
end_group(struct segment_index_writer *w)
{
	put_filter(&w->group, &w->filters);
	note_group(w);
	addr_dictionary_reset(&w->group);
}

int
segment_index_writer_add(struct segment_index_writer *w, struct bytes block,
    struct flowd_error *err)
{
	struct block *b = w->block;
	int bad = block_parse(block, b, err);
	uint8_t *p;

	if (bad != 0)
		return bad;
	block_reader_begin(w->reader, b);
	bad = block_reader_addresses(w->reader, note_address, w, err);
	p = buf_room(&w->entries, INDEX_ENTRY);
	if (bad != 0)
		return bad;
	if (p == NULL || w->failed)
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	store_le64(p, w->covered);
	store_le32(p + 8, (uint32_t)b->all.len);
	store_le32(p + 12, b->nrows);
	store_le64(p + 16, (uint64_t)b->min_ns);
	store_le64(p + 24, (uint64_t)b->max_ns);
	w->entries.len += INDEX_ENTRY;
	w->covered += b->all.len;
	w->nrows += b->nrows;
	if (++w->nblocks % INDEX_GROUP == 0)
		end_group(w);
	return 0;
}

/* The data, with room for their checksum in front. */
static void
put_data(struct segment_index_writer *w, struct buf *out)
{
	uint8_t *p = buf_room(out, INDEX_HEAD);

	if (p == NULL)
		return;
	store_le64(p + 8, w->covered);
	store_le64(p + 16, w->nrows);
	store_le32(p + 24, w->nblocks);
	store_le32(p + 28, INDEX_GROUP);
	out->len += INDEX_HEAD;
	buf_append(out, w->entries.ptr, w->entries.len);
	/* The filter of a single group would be the same again. */
	if (w->too_many || w->nblocks <= INDEX_GROUP)
		(void)buckets_of(out, 0);
	else
		put_filter(&w->all, out);
	buf_append(out, w->filters.ptr, w->filters.len);
}

static void
put_head(uint8_t *p, size_t head_len, size_t data_len)
{
	memset(p, 0, head_len);
	memcpy(p, block_magic, BLOCK_MAGIC);
	p[8] = BLOCK_INDEX;
	store_le32(p + 12, (uint32_t)head_len);
	store_le32(p + 16, (uint32_t)data_len);
	store_le64(p + head_len - BLOCK_SUM,
	    block_checksum(p, head_len - BLOCK_SUM));
}

int
segment_index_writer_finish(struct segment_index_writer *w, struct buf *out)
{
	const size_t head_len = BLOCK_HEAD + BLOCK_SUM;
	size_t before = out->len, data_len;
	uint8_t *p;

	if (w->nblocks % INDEX_GROUP != 0)
		end_group(w);
	if (buf_room(out, head_len) != NULL)
		out->len += head_len;
	put_data(w, out);
	p = buf_room(out, INDEX_TAIL);
	if (p == NULL || !buf_ok(&w->filters) || w->failed) {
		out->len = before;
		return FLOWD_ENOMEM;
	}
	out->len += INDEX_TAIL;
	store_le32(p, (uint32_t)(out->len - before));
	memcpy(p + 4, segment_index_end, INDEX_MAGIC);
	data_len = out->len - before - head_len;
	p = out->ptr + before;
	put_head(p, head_len, data_len);
	store_le64(p + head_len, block_checksum(p + head_len + INDEX_SUM,
	    data_len - INDEX_SUM));
	return 0;
}
