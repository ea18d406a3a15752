/*
 * Segments: every block but the damaged one comes back, whatever happened to
 * the file: octets changed, cut, zeroed, put together.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "logs.h"

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
		logs_block(&log->buf, i * ROWS, ROWS,
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
assert_rows(const struct logs_seen *seen, unsigned without)
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
	static struct logs_seen seen;
	struct log log;

	(void)unused;
	make_log(&log);
	logs_read((struct bytes){ log.buf.ptr, log.buf.len }, &seen);
	assert_rows(&seen, 0);
	assert_int_equal(seen.damages, 0);
	buf_fini(&log.buf);
}

static void
segment_loses_only_the_block_that_was_changed(void **unused)
{
	static struct logs_seen seen;
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
		logs_read((struct bytes){ log.buf.ptr, log.buf.len }, &seen);
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
	static struct logs_seen seen;
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
		logs_read((struct bytes){ exact, len }, &seen);
		assert_int_equal(seen.n, whole * ROWS);
		assert_int_equal(seen.cut, len != begin_of(&log, whole));
		free(exact);
	}
	buf_fini(&log.buf);
}

static void
segment_goes_on_behind_a_piece_that_is_missing(void **unused)
{
	static struct logs_seen seen;
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
		unsigned without = 0;

		memcpy(copy, log.buf.ptr, from);
		memcpy(copy + from, log.buf.ptr + to, log.buf.len - to);
		/* What takes its place may be the same: zeros. */
		for (unsigned k = 0; k < BLOCKS; k++)
			if (from < log.end[k] && to > begin_of(&log, k) &&
			    (begin_of(&log, k) > from ||
				memcmp(copy, log.buf.ptr, log.end[k]) != 0))
				without |= 1u << k;
		logs_read((struct bytes){ copy, log.buf.len - (to - from) },
		    &seen);
		assert_rows(&seen, without);
	}
	free(copy);
	buf_fini(&log.buf);
}

static void
segment_goes_on_behind_zeros(void **unused)
{
	static struct logs_seen seen;
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
		logs_read((struct bytes){ copy,
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
	static struct logs_seen seen;
	struct random r = { 4 };
	uint8_t any[600];

	(void)unused;
	for (unsigned i = 0; i < 300; i++) {
		for (size_t k = 0; k < sizeof(any); k++)
			any[k] = (uint8_t)random_u32(&r);
		memcpy(any + 100, block_magic, BLOCK_MAGIC);
		logs_read((struct bytes){ any, sizeof(any) }, &seen);
		assert_int_equal(seen.n, 0);
	}
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
