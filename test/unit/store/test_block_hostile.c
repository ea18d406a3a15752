/*
 * Blocks that somebody made to do harm: their checksums are right, and what is
 * in them is not. They are refused, and what that takes is bounded.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <lz4.h>
#include <zstd.h>

#include "block_reader_state.h"

enum {
	ROWS = 1000,
	SMALL = 8 * 1024 * 1024	/* octets that a refusal may take */
};

static const struct colset all_columns = { { ~UINT64_C(0), ~UINT64_C(0) } };

/* A block in the making. */
struct maker {
	struct buf entries, data;
	size_t begin;		/* of the data of the entry at hand */
	unsigned n;
	uint32_t nrows;
};

static void
maker_init(struct maker *m, uint32_t nrows)
{
	*m = (struct maker){ .nrows = nrows };
	buf_init(&m->entries, 64 * 1024);
	buf_init(&m->data, 256 * 1024 * 1024);
}

static void
maker_put(struct maker *m, uint64_t v, size_t width)
{
	for (; width > 0; width--, v >>= 8)
		buf_append_char(&m->data, (char)(v & 0xff));
}

/* What was put since the last entry is the data of this one. */
static void
maker_entry(
    struct maker *m, unsigned id, unsigned type, unsigned flags, uint32_t n)
{
	struct block_column c = { .id = (uint16_t)id, .type = (uint8_t)type,
		.flags = (uint8_t)(flags | ENTRY_DATA), .n = n };
	uint8_t *p = buf_room(&m->entries, BLOCK_ENTRY_MAX);

	c.data = (struct bytes){ m->data.ptr + m->begin,
		m->data.len - m->begin };
	c.sum = block_checksum(c.data.ptr, c.data.len);
	m->entries.len += entry_put(p, &c);
	m->begin = m->data.len;
	m->n++;
}

static struct buf
maker_finish(struct maker *m)
{
	size_t head_len = BLOCK_HEAD + m->entries.len + BLOCK_SUM;
	uint8_t head[BLOCK_HEAD] = { 0 };
	uint8_t sum[BLOCK_SUM];
	struct buf out;

	memcpy(head, block_magic, BLOCK_MAGIC);
	head[8] = BLOCK_FLOWS;
	store_le32(head + 12, (uint32_t)head_len);
	store_le32(head + 16, (uint32_t)m->data.len);
	store_le32(head + 20, m->nrows);
	store_le16(head + 40, (uint16_t)m->n);
	buf_init(&out, 512 * 1024 * 1024);
	buf_append(&out, head, sizeof(head));
	buf_append(&out, m->entries.ptr, m->entries.len);
	store_le64(sum, block_checksum(out.ptr, out.len));
	buf_append(&out, sum, sizeof(sum));
	buf_append(&out, m->data.ptr, m->data.len);
	assert_true(buf_ok(&out));
	buf_fini(&m->entries);
	buf_fini(&m->data);
	return out;
}

/* Open all columns: the octets that took, and whether they are good. */
static size_t
open_all(struct maker *m, bool *good)
{
	struct buf out = maker_finish(m);
	struct block_reader *r = block_reader_new();
	struct block *b = block_new();
	struct flowd_error err;
	size_t given;

	assert_int_equal(block_parse((struct bytes){ out.ptr, out.len }, b,
	    &err), 0);
	block_reader_begin(r, b);
	*good = block_reader_open(r, all_columns, &err) == 0;
	given = r->scratch.given;
	block_reader_free(r);
	block_free(b);
	buf_fini(&out);
	return given;
}

static void
assert_refused(struct maker *m)
{
	bool good;

	assert_true(open_all(m, &good) < SMALL);
	assert_false(good);
}

static void
put_head(struct maker *m, enum encoding_id id, uint32_t n)
{
	maker_put(m, LAYOUT_PLAIN, 1);
	maker_put(m, id, 1);
	maker_put(m, n, 4);
}

static void
block_refuses_counts_that_are_too_large(void **unused)
{
	static const uint32_t counts[] = { 0, ROWS + 1, 65536, 1 << 30,
		UINT32_MAX };
	static const enum encoding_id ids[] = { ENCODING_DICTIONARY,
		ENCODING_RUNS };
	struct maker m;

	(void)unused;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		for (size_t k = 0; k < sizeof(ids) / sizeof(ids[0]); k++) {
			maker_init(&m, ROWS);
			put_head(&m, ids[k], counts[i]);
			maker_put(&m, ENCODING_CONSTANT, 1);
			maker_put(&m, 1, 8);
			maker_entry(&m, 20, COLUMN_U64, 0, 0);
			assert_refused(&m);
		}
		/* A table of so many addresses, of which all are of IPv4. */
		maker_init(&m, ROWS);
		maker_put(&m, LAYOUT_PLAIN, 1);
		maker_put(&m, ENCODING_CONSTANT, 1);
		maker_put(&m, counts[i], 8);
		maker_entry(&m, 11, COLUMN_ADDR, ENTRY_V4, 0);
		maker_put(&m, counts[i], 4);
		maker_put(&m, ENCODING_PACKED, 1);
		maker_entry(
		    &m, BLOCK_TABLE_ADDRESSES, COLUMN_ADDR, 0, counts[i]);
		assert_refused(&m);
	}
}

static void
block_refuses_places_that_are_none(void **unused)
{
	struct maker m;

	(void)unused;
	/* The place of an address is not below their number. */
	maker_init(&m, ROWS);
	maker_put(&m, LAYOUT_PLAIN, 1);
	maker_put(&m, ENCODING_CONSTANT, 1);
	maker_put(&m, 2, 8);
	maker_entry(&m, 11, COLUMN_ADDR, ENTRY_V4, 0);
	maker_put(&m, 2, 4);
	maker_put(&m, ENCODING_CONSTANT, 1);
	maker_put(&m, 0x0a000001, 8);
	maker_entry(&m, BLOCK_TABLE_ADDRESSES, COLUMN_ADDR, 0, 2);
	assert_refused(&m);
	/* Columns that are looked up by each other. */
	maker_init(&m, ROWS);
	for (unsigned id = 11; id <= 12; id++) {
		maker_put(&m, LAYOUT_LOOKUP, 1);
		maker_put(&m, BLOCK_TABLE_FIRST + 1, 2);
		maker_put(&m, 23 - id, 2);
		maker_put(&m, 0, 4);
		maker_entry(&m, id, COLUMN_ADDR, ENTRY_V4, 0);
	}
	maker_put(&m, 0, 1);
	maker_entry(&m, BLOCK_TABLE_FIRST + 1, COLUMN_ADDR, 0, 1);
	assert_refused(&m);
}

/*
 * An address that is in the table thrice: that a row has another number does
 * not say that it has another address.
 */
static void
block_does_not_take_one_of_many_numbers_for_all(void **unused)
{
	struct addr a = addr_from_v4(0x0a000001), b = addr_from_v4(0x0a000002);
	struct block_reader *r = block_reader_new();
	struct block *block = block_new();
	struct maker m;
	struct buf out;

	(void)unused;
	maker_init(&m, ROWS);
	maker_put(&m, LAYOUT_PLAIN, 1);
	maker_put(&m, ENCODING_CONSTANT, 1);
	maker_put(&m, 1, 8);
	maker_entry(&m, 11, COLUMN_ADDR, ENTRY_V4, 0);
	maker_put(&m, 3, 4);
	maker_put(&m, ENCODING_CONSTANT, 1);
	maker_put(&m, a.v4, 8);
	maker_entry(&m, BLOCK_TABLE_ADDRESSES, COLUMN_ADDR, 0, 3);
	out = maker_finish(&m);
	assert_int_equal(block_parse((struct bytes){ out.ptr, out.len }, block,
	    NULL), 0);
	block_reader_begin(r, block);
	assert_int_equal(block_reader_open(r, all_columns, NULL), 0);
	assert_int_equal(column_info[COL_src_addr].id, 11);
	assert_false(block_reader_lacks(r, &a));
	assert_false(block_reader_run_lacks(r, COL_src_addr, 0, ROWS, &a));
	assert_true(block_reader_lacks(r, &b));
	assert_true(block_reader_run_lacks(r, COL_src_addr, 0, ROWS, &b));
	block_reader_free(r);
	block_free(block);
	buf_fini(&out);
}

static void
block_refuses_streams_too_deep_within_streams(void **unused)
{
	struct maker m;

	(void)unused;
	for (unsigned depth = STREAM_DEPTH; depth < 1000; depth += 99) {
		maker_init(&m, ROWS);
		maker_put(&m, LAYOUT_PLAIN, 1);
		for (unsigned i = 0; i < depth; i++) {
			maker_put(&m, ENCODING_DELTA, 1);
			maker_put(&m, 0, 8);
		}
		maker_put(&m, ENCODING_CONSTANT, 1);
		maker_put(&m, 0, 8);
		maker_entry(&m, 20, COLUMN_U64, 0, 0);
		assert_refused(&m);
	}
}

/* A gigabyte of zeros as a frame; it decompresses to more than it may. */
static void
put_bomb(struct maker *m, enum compression_method method, size_t size)
{
	char *zeros = calloc(1, size);
	size_t room = ZSTD_compressBound(size) + size / 255 + 64, n;
	char *packed = malloc(room);

	assert_true(zeros != NULL && packed != NULL);
	n = method == METHOD_ZSTD ? ZSTD_compress(packed, room, zeros, size, 1)
				 : (size_t)LZ4_compress_default(zeros, packed,
				       (int)size, (int)room);
	assert_true(n > 0 && n < size);
	maker_put(m, method, 1);
	maker_put(m, n, 4);
	buf_append(&m->data, packed, n);
	free(zeros);
	free(packed);
}

static void
block_refuses_data_that_grow(void **unused)
{
	static const enum compression_method methods[] = { METHOD_ZSTD,
		METHOD_LZ4 };
	struct maker m;

	(void)unused;
	for (unsigned i = 0; i < 2; i++) {
		maker_init(&m, BLOCK_ROWS);
		maker_put(&m, LAYOUT_PLAIN, 1);
		maker_put(&m, ENCODING_PLANES, 1);
		maker_put(&m, 0, 8);
		maker_put(&m, 0, 1);
		maker_put(&m, 1, 1);
		put_bomb(&m, methods[i], 64 * 1024 * 1024);
		maker_entry(&m, 20, COLUMN_U64, 0, 0);
		assert_refused(&m);
	}
}

/* Of these no block has more, and a reader takes no more for them. */
static void
block_refuses_too_many_octets(void **unused)
{
	struct maker m;

	(void)unused;
	maker_init(&m, BLOCK_ROWS);
	maker_put(&m, LAYOUT_OCTETS, 1);
	maker_put(&m, ENCODING_CONSTANT, 1);
	maker_put(&m, BLOCK_OCTETS_MAX / BLOCK_ROWS + 1, 8);
	maker_put(&m, METHOD_FILL, 1);
	maker_put(&m, 0, 1);
	maker_entry(&m, 56, COLUMN_BYTES, 0, 0);
	assert_refused(&m);
	maker_init(&m, BLOCK_ROWS);
	maker_put(&m, LAYOUT_TRANSPOSED, 1);
	maker_put(&m, BLOCK_OCTETS_MAX / BLOCK_ROWS + 1, 4);
	maker_put(&m, METHOD_FILL, 1);
	maker_put(&m, 0, 1);
	maker_entry(&m, 56, COLUMN_BYTES, 0, 0);
	assert_refused(&m);
	/* One value is not larger than a batch has room for. */
	maker_init(&m, 1);
	maker_put(&m, LAYOUT_TRANSPOSED, 1);
	maker_put(&m, BATCH_HEAP + 1, 4);
	maker_put(&m, METHOD_FILL, 1);
	maker_put(&m, 0, 1);
	maker_entry(&m, 56, COLUMN_BYTES, 0, 0);
	assert_refused(&m);
}

/* Every column as large as it can be, made of a few octets. */
static void
block_takes_no_more_memory_than_it_may(void **unused)
{
	struct maker m;
	size_t given;
	bool good;

	(void)unused;
	maker_init(&m, BLOCK_ROWS);
	for (unsigned i = 0; i < COL_COUNT; i++) {
		unsigned type = column_info[i].type;

		if (type == COLUMN_ADDR)
			continue;
		if (type == COLUMN_BYTES) {
			maker_put(&m, LAYOUT_TRANSPOSED, 1);
			maker_put(&m, BLOCK_OCTETS_MAX / BLOCK_ROWS, 4);
			maker_put(&m, METHOD_FILL, 1);
			maker_put(&m, 0, 1);
			maker_entry(&m, column_info[i].id, type, 0, 0);
			continue;
		}
		maker_put(&m, LAYOUT_PLAIN, 1);
		for (unsigned k = 1; k < STREAM_DEPTH; k++) {
			maker_put(&m, ENCODING_DELTA, 1);
			maker_put(&m, 0, 8);
		}
		maker_put(&m, ENCODING_PLANES, 1);
		maker_put(&m, 0, 8);
		maker_put(&m, 0, 1);
		maker_put(&m, 8, 1);
		for (unsigned k = 0; k < 8; k++)
			put_bomb(&m, METHOD_ZSTD, BLOCK_ROWS);
		maker_entry(&m, column_info[i].id, type, 0, 0);
	}
	assert_true(m.data.len < 64 * 1024);
	given = open_all(&m, &good);
	assert_true(good);
	assert_true(given > BLOCK_MEMORY_MAX / 4);
	assert_true(given <= BLOCK_MEMORY_MAX);
}

/* Planes whose first one is damaged; the second one decides most ranges. */
static struct buf
make_damaged_planes(void)
{
	static uint8_t plane[ROWS];
	struct compressor *c = compressor_new(COMPRESS_ZSTD, 0);
	struct maker m;
	size_t first;

	maker_init(&m, ROWS);
	maker_put(&m, LAYOUT_PLAIN, 1);
	maker_put(&m, ENCODING_PLANES, 1);
	maker_put(&m, 0, 8); /* base */
	maker_put(&m, 0, 1); /* scale */
	maker_put(&m, 2, 1);
	for (size_t i = 0; i < ROWS; i++)
		plane[i] = i % 2;
	first = m.data.len;
	compressor_put(c, plane, ROWS, &m.data);
	assert_int_equal(m.data.ptr[first], METHOD_ZSTD);
	m.data.ptr[first + 5] ^= 0xff; /* the magic of the frame */
	/* Only the last row ties with 256 to 511. */
	for (size_t i = 0; i < ROWS; i++)
		plane[i] = i == ROWS - 1 ? 1 : 2 + i % 2 * 2;
	compressor_put(c, plane, ROWS, &m.data);
	compressor_free(c);
	maker_entry(&m, 20, COLUMN_U64, 0, 0);
	return maker_finish(&m);
}

/*
 * Damage that a range needs to see is found in the first batch, wherever in the
 * block it matters: before any row of the block is used.
 */
static void
block_finds_damage_of_packed_columns_at_once(void **unused)
{
	struct buf out = make_damaged_planes();
	struct block_reader *r = block_reader_new();
	struct batch *batch = batch_new(64);
	struct block *b = block_new();
	struct colset octets = { { 0, 0 } }, packed;
	struct flowd_error err;
	uint64_t rows[1];

	(void)unused;
	colset_add(&octets, COL_octets);
	assert_int_equal(block_parse((struct bytes){ out.ptr, out.len }, b,
	    &err), 0);
	block_reader_begin(r, b);
	assert_int_equal(
	    block_reader_open_packed(r, octets, &packed, &err), 0);
	assert_true(colset_has(&packed, COL_octets));
	assert_int_equal(block_reader_rows(r, 0, 64,
	    (struct colset){ { 0, 0 } }, batch), 64);
	block_reader_pack(r, packed, batch);
	batch->packed.range(
	    batch->packed.arg, COL_octets, 0x300, UINT64_MAX, rows);
	assert_int_equal(block_reader_tested(r, &err), 0);
	assert_true(rows[0] == UINT64_C(0xaaaaaaaaaaaaaaaa));
	batch->packed.range(
	    batch->packed.arg, COL_octets, 0x101, UINT64_MAX, rows);
	assert_true(block_reader_tested(r, &err) < 0);
	assert_non_null(strstr(err.text, "octets"));
	assert_true(block_reader_open(r, octets, &err) < 0);
	assert_true(
	    block_reader_open_packed(r, octets, &packed, &err) < 0);
	block_reader_free(r);
	batch_free(batch);
	block_free(b);
	buf_fini(&out);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(block_refuses_counts_that_are_too_large),
		cmocka_unit_test(
		    block_does_not_take_one_of_many_numbers_for_all),
		cmocka_unit_test(block_refuses_places_that_are_none),
		cmocka_unit_test(block_refuses_streams_too_deep_within_streams),
		cmocka_unit_test(block_refuses_data_that_grow),
		cmocka_unit_test(block_refuses_too_many_octets),
		cmocka_unit_test(block_finds_damage_of_packed_columns_at_once),
		cmocka_unit_test(block_takes_no_more_memory_than_it_may),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
