/*
 * Segments: every block but the damaged one comes back, whatever happened to
 * the file: octets changed, cut, zeroed, put together.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "block_head.h"
#include "columnar.h"

enum {
	BLOCKS = 8,
	ROWS = 50
};

struct log {
	struct buf buf;
	size_t end[BLOCKS];	/* of each block */
};

static void
make_log(struct log *log)
{
	buf_init(&log->buf, 1024 * 1024);
	for (unsigned i = 0; i < BLOCKS; i++) {
		columnar_block(&log->buf, i * ROWS, ROWS,
		    (enum compression)(i % 3));
		log->end[i] = log->buf.len;
	}
}

static size_t
begin_of(const struct log *log, unsigned block)
{
	return block == 0 ? 0 : log->end[block - 1];
}

/* All rows in their order, but for those of the blocks in without. */
static void
assert_rows(const struct columnar_seen *seen, unsigned without)
{
	size_t at = 0;

	for (unsigned i = 0; i < BLOCKS; i++)
		for (unsigned k = 0; k < ROWS && !(without >> i & 1); k++) {
			assert_true(at < seen->n);
			assert_int_equal(seen->octets[at++], i * ROWS + k);
		}
	assert_int_equal(seen->n, at);
}

static void
segment_is_read_from_block_to_block(void **unused)
{
	static struct columnar_seen seen;
	struct log log;

	(void)unused;
	make_log(&log);
	columnar_read((struct bytes){ log.buf.ptr, log.buf.len }, &seen);
	assert_rows(&seen, 0);
	assert_int_equal(seen.damages, 0);
	buf_fini(&log.buf);
}

static void
segment_loses_only_the_block_that_was_changed(void **unused)
{
	static struct columnar_seen seen;
	struct random r = { 1 };
	struct log log;

	(void)unused;
	make_log(&log);
	for (unsigned i = 0; i < 1000; i++) {
		size_t at = random_u32(&r) % log.buf.len;
		uint8_t bit = (uint8_t)(1 << random_u32(&r) % 8);
		unsigned block = 0;

		while (at >= log.end[block])
			block++;
		log.buf.ptr[at] ^= bit;
		columnar_read((struct bytes){ log.buf.ptr, log.buf.len },
		    &seen);
		log.buf.ptr[at] ^= bit;
		assert_rows(&seen, 1u << block);
		assert_int_equal(seen.damages, block == BLOCKS - 1 && seen.cut
		    ? 0 : 1);
	}
	buf_fini(&log.buf);
}

static void
segment_loses_only_the_block_that_is_cut_at_its_end(void **unused)
{
	static struct columnar_seen seen;
	struct log log;

	(void)unused;
	make_log(&log);
	for (size_t len = 0; len <= log.buf.len; len += 7) {
		uint8_t *exact = malloc(len + 1);
		unsigned whole = 0;

		assert_non_null(exact);
		memcpy(exact, log.buf.ptr, len);
		while (whole < BLOCKS && log.end[whole] <= len)
			whole++;
		columnar_read((struct bytes){ exact, len }, &seen);
		assert_int_equal(seen.n, whole * ROWS);
		assert_int_equal(seen.cut, len != begin_of(&log, whole));
		free(exact);
	}
	buf_fini(&log.buf);
}

static void
segment_goes_on_behind_a_piece_that_is_missing(void **unused)
{
	static struct columnar_seen seen;
	struct random r = { 2 };
	struct log log;
	uint8_t *copy;

	(void)unused;
	make_log(&log);
	copy = calloc(2, log.buf.len);
	assert_non_null(copy);
	for (unsigned i = 0; i < 500; i++) {
		/* The tail of one block and the front of another are gone. */
		size_t from = random_u32(&r) % log.buf.len;
		size_t to = from + 1 +
		    random_u32(&r) % (log.buf.len - from);
		size_t len = log.buf.len - (to - from);
		unsigned without = 0;

		memcpy(copy, log.buf.ptr, from);
		memcpy(copy + from, log.buf.ptr + to, log.buf.len - to);
		/* What takes its place may be the same: zeros. */
		for (unsigned k = 0; k < BLOCKS; k++)
			if (from < log.end[k] && to > begin_of(&log, k) &&
			    (begin_of(&log, k) > from ||
				log.end[k] > len ||
				memcmp(copy, log.buf.ptr, log.end[k]) != 0))
				without |= 1u << k;
		columnar_read((struct bytes){ copy, len }, &seen);
		assert_rows(&seen, without);
	}
	free(copy);
	buf_fini(&log.buf);
}

static void
segment_goes_on_behind_zeros(void **unused)
{
	static struct columnar_seen seen;
	struct random r = { 3 };
	struct log log;
	uint8_t *copy;

	(void)unused;
	make_log(&log);
	copy = malloc(log.buf.len + 4096);
	assert_non_null(copy);
	for (unsigned i = 0; i < 500; i++) {
		size_t from = random_u32(&r) % log.buf.len;
		size_t len = 512, without = 0;

		memset(copy, 0, log.buf.len + 4096);
		memcpy(copy, log.buf.ptr, log.buf.len);
		memset(copy + from, 0, len);
		for (unsigned k = 0; k < BLOCKS; k++)
			if (memcmp(copy + begin_of(&log, k),
				log.buf.ptr + begin_of(&log, k),
				log.end[k] - begin_of(&log, k)) != 0)
				without |= 1u << k;
		columnar_read((struct bytes){ copy,
			log.buf.len + (i % 2 != 0 ? 4096 : 0) }, &seen);
		assert_rows(&seen, (unsigned)without);
		assert_true(without == 0 || seen.damages > 0 || seen.cut);
	}
	free(copy);
	buf_fini(&log.buf);
}

static void
segment_of_anything_ends(void **unused)
{
	static struct columnar_seen seen;
	struct random r = { 4 };
	uint8_t any[600];

	(void)unused;
	for (unsigned i = 0; i < 300; i++) {
		for (size_t k = 0; k < sizeof(any); k++)
			any[k] = (uint8_t)random_u32(&r);
		memcpy(any + 100, block_magic, BLOCK_MAGIC);
		columnar_read((struct bytes){ any, sizeof(any) }, &seen);
		assert_int_equal(seen.n, 0);
	}
}

/* A block of a row with these data, which nobody knows. */
static void
put_unknown(struct buf *out, struct bytes data, uint64_t sum)
{
	struct block_column c = { .id = 0xe000, .flags = ENTRY_DATA,
		.data = data, .sum = sum };
	uint8_t head[BLOCK_HEAD + BLOCK_ENTRY_MAX + BLOCK_SUM] = { 0 };
	size_t len = BLOCK_HEAD + entry_put(head + BLOCK_HEAD, &c);

	memcpy(head, block_magic, BLOCK_MAGIC);
	head[8] = BLOCK_FLOWS;
	store_le32(head + 12, (uint32_t)(len + BLOCK_SUM));
	store_le32(head + 16, (uint32_t)data.len);
	store_le32(head + 20, 1);
	store_le16(head + 40, 1);
	store_le64(head + len, block_checksum(head, len));
	buf_append(out, head, len + BLOCK_SUM);
}

/* Exporters choose what is in the values of a block. */
static void
segment_does_not_look_for_blocks_in_one_that_is_whole(void **unused)
{
	static const uint8_t garbage[100] = { 1 };
	static struct columnar_seen seen;
	struct buf out, within;

	(void)unused;
	buf_init(&within, 1024 * 1024);
	buf_init(&out, 1024 * 1024);
	columnar_block(&within, 1, ROWS, COMPRESS_NONE);
	put_unknown(&out, (struct bytes){ within.ptr, within.len },
	    block_checksum(within.ptr, within.len));
	buf_append(&out, within.ptr, within.len);
	buf_append(&out, garbage, sizeof(garbage));
	columnar_block(&out, 1000, ROWS, COMPRESS_NONE);
	columnar_read((struct bytes){ out.ptr, out.len }, &seen);
	assert_int_equal(seen.damages, 1);
	assert_int_equal(seen.n, 1 + ROWS);
	assert_int_equal(seen.octets[1], 1000);
	buf_fini(&within);
	buf_fini(&out);
}

/* Heads, each of which claims all octets behind it, and then a block. */
static void
put_heads(struct buf *out, size_t n, size_t garbage)
{
	static const uint8_t octets[100] = { 1 };
	struct bytes data = { octets, 0 };
	size_t len;

	buf_init(out, 1024 * 1024);
	put_unknown(out, data, 0);
	len = out->len;
	buf_reset(out);
	for (; n > 0; n--) {
		data.len = (n - 1) * len;
		put_unknown(out, data, 0);
	}
	buf_append(out, octets, garbage);
	columnar_block(out, 1, ROWS, COMPRESS_NONE);
}

/* To see that a block is damaged takes as long as it claims to be. */
static void
segment_looks_at_few_blocks_that_claim_the_same_octets(void **unused)
{
	struct block *b = block_new();
	struct segment_damage damage;
	struct segment_walk w;
	struct buf out;

	(void)unused;
	for (size_t garbage = 0; garbage <= 100; garbage += 50) {
		unsigned blocks = 0, rows = 0;
		int got;

		put_heads(&out, 10000, garbage);
		segment_walk_init(&w, (struct bytes){ out.ptr, out.len },
		    true);
		while ((got = segment_next(&w, b, &damage)) != 0) {
			blocks += got == 1;
			rows = got == 1 ? b->nrows : 0;
			if (got == 1 && garbage < 100 &&
			    block_verify(b, NULL) != 0)
				segment_reject(&w);
		}
		assert_in_range(blocks, 2, 100);
		assert_int_equal(rows, ROWS);
		buf_fini(&out);
	}
	block_free(b);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(segment_is_read_from_block_to_block),
		cmocka_unit_test(segment_loses_only_the_block_that_was_changed),
		cmocka_unit_test(
		    segment_loses_only_the_block_that_is_cut_at_its_end),
		cmocka_unit_test(
		    segment_goes_on_behind_a_piece_that_is_missing),
		cmocka_unit_test(segment_goes_on_behind_zeros),
		cmocka_unit_test(segment_of_anything_ends),
		cmocka_unit_test(
		    segment_does_not_look_for_blocks_in_one_that_is_whole),
		cmocka_unit_test(
		    segment_looks_at_few_blocks_that_claim_the_same_octets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
