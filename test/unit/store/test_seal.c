/*
 * Sealing: the same flows in the same order in fewer blocks, and an index that
 * tells where they are and, of an address, never a wrong no.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "../folder.h"
#include "columnar.h"
#include "seal_file.h"
#include "segment_index.h"

static const struct block_options options = { .compression = COMPRESS_ZSTD,
	.seed = 3 };

static int
octets_append(void *arg, struct bytes octets, struct flowd_error *err)
{
	(void)err;
	buf_append(arg, octets.ptr, octets.len);
	return 0;
}

static struct bytes
bytes_of(const struct buf *b)
{
	return (struct bytes){ b->ptr, b->len };
}

static void
segment_seal(const struct buf *in, struct buf *out, struct seal_report *report)
{
	struct flowd_error err;

	buf_init(out, 64 * 1024 * 1024);
	assert_int_equal(seal_segment(bytes_of(in), &options, octets_append,
			     out, report, &err),
	    0);
	assert_true(buf_ok(out));
}

static struct buf
many_small_blocks(unsigned n, size_t rows)
{
	struct buf in;

	buf_init(&in, 64 * 1024 * 1024);
	for (unsigned i = 0; i < n; i++)
		columnar_block(&in, i * rows, rows, COMPRESS_NONE);
	return in;
}

static void
seal_joins_small_blocks(void **unused)
{
	static struct columnar_seen seen;
	struct buf in = many_small_blocks(40, 100), out;
	struct seal_report report;

	(void)unused;
	segment_seal(&in, &out, &report);
	assert_int_equal(report.rows, 4000);
	assert_int_equal(report.blocks, 1);
	assert_int_equal(report.damaged, 0);
	assert_true(out.len < in.len);
	columnar_read(bytes_of(&out), &seen);
	assert_int_equal(seen.n, 4000);
	assert_int_equal(seen.damages, 0);
	for (size_t i = 0; i < seen.n; i++)
		assert_int_equal(seen.octets[i], i);
	buf_fini(&in);
	buf_fini(&out);
}

static void
seal_leaves_out_damage(void **unused)
{
	static struct columnar_seen seen;
	struct buf in = many_small_blocks(3, 100), out;
	struct seal_report report;

	(void)unused;
	in.ptr[in.len / 2] ^= 1;
	segment_seal(&in, &out, &report);
	assert_int_equal(report.rows, 200);
	assert_int_equal(report.damaged, 1);
	columnar_read(bytes_of(&out), &seen);
	assert_int_equal(seen.n, 200);
	assert_int_equal(seen.octets[99], 99);
	assert_int_equal(seen.octets[100], 200);
	buf_fini(&in);
	buf_fini(&out);
}

static void
seal_refuses_what_is_no_log(void **unused)
{
	static const uint8_t other[56] = { 0x60, 0x0c }; /* version 3 */
	struct buf in = many_small_blocks(1, 100), out;
	struct seal_report report;
	struct flowd_error err;

	(void)unused;
	buf_init(&out, 64 * 1024 * 1024);
	assert_int_equal(seal_segment((struct bytes){ other,
	    sizeof(other) }, &options, octets_append, &out, &report, &err),
	    FLOWD_EFORMAT);
	assert_int_equal(out.len, 0);
	buf_fini(&out);
	/* What a crash left of the first block is a log, and so is nothing. */
	in.len /= 2;
	segment_seal(&in, &out, &report);
	assert_int_equal(report.damaged, 1);
	buf_fini(&out);
	in.len = 0;
	segment_seal(&in, &out, &report);
	assert_int_equal(report.damaged, 0);
	buf_fini(&in);
	buf_fini(&out);
}

static void
index_tells_where_blocks_are(void **unused)
{
	struct buf in, out;
	struct seal_report report;
	struct segment_index ix;
	struct block *b = block_new();

	(void)unused;
	buf_init(&in, 64 * 1024 * 1024);
	for (unsigned i = 0; i < 20; i++)
		columnar_block(&in, i * 40000, 40000, COMPRESS_LZ4);
	segment_seal(&in, &out, &report);
	assert_int_equal(report.blocks, 20);
	assert_int_equal(segment_index_find(bytes_of(&out), &ix, NULL), 0);
	assert_int_equal(ix.nblocks, 20);
	assert_int_equal(ix.nrows, 800000);
	for (uint32_t i = 0; i < ix.nblocks; i++) {
		struct segment_index_entry e = segment_index_entry(&ix, i);

		assert_int_equal(block_parse((struct bytes){
		    out.ptr + e.offset, e.len }, b, NULL), 0);
		assert_int_equal(b->nrows, e.nrows);
		assert_true(b->min_ns == e.min_ns && b->max_ns == e.max_ns);
	}
	block_free(b);
	buf_fini(&in);
	buf_fini(&out);
}

static void
index_never_denies_an_address_that_is_there(void **unused)
{
	struct buf in, out;
	struct seal_report report;
	unsigned wrong = 0, wrong_group = 0;
	struct segment_index ix;

	(void)unused;
	buf_init(&in, 64 * 1024 * 1024);
	for (unsigned i = 0; i < 20; i++)
		columnar_block(&in, i * 33000, 33000, COMPRESS_LZ4);
	segment_seal(&in, &out, &report);
	assert_int_equal(segment_index_find(bytes_of(&out), &ix, NULL), 0);
	for (uint32_t i = 0; i < 20 * 33000; i++) {
		struct addr a = addr_from_v4(0x0a000000 + i);
		struct addr b = addr_from_v6((struct addr6){ 0x20010db8, i });
		struct addr_bloom group = segment_index_group(&ix, i / 33000);

		assert_true(addr_bloom_may_have(&ix.all, &a));
		assert_true(addr_bloom_may_have(&ix.all, &b));
		assert_true(addr_bloom_may_have(&group, &a));
		assert_true(addr_bloom_may_have(&group, &b));
		a.v4 ^= 0x80000000;
		wrong += addr_bloom_may_have(&ix.all, &a);
		a.v4 = 0x0a000000 + (i + 16 * 33000) % (20 * 33000);
		wrong_group += i < 4 * 33000 && addr_bloom_may_have(&group, &a);
	}
	/* One of 50 at most gets a wrong yes. */
	assert_true(wrong < 20 * 33000 / 50);
	assert_true(wrong_group < 4 * 33000 / 50);
	buf_fini(&in);
	buf_fini(&out);
}

static void
index_has_one_filter_for_one_group(void **unused)
{
	(void)unused;
	for (unsigned n = 15; n <= 17; n++) {
		struct seal_report report;
		struct buf in, out;
		struct segment_index ix;

		buf_init(&in, 64 * 1024 * 1024);
		for (unsigned i = 0; i < n; i++)
			columnar_block(&in, i * 33000, 33000, COMPRESS_LZ4);
		segment_seal(&in, &out, &report);
		assert_int_equal(
		    segment_index_find(bytes_of(&out), &ix, NULL), 0);
		assert_int_equal(ix.nblocks, n);
		assert_int_equal(ix.all.n > 0, n > 16);
		assert_true(segment_index_group(&ix, 0).n > 0);
		if (n > 16)
			assert_true(ix.all.n > segment_index_group(&ix, 0).n);
		buf_fini(&in);
		buf_fini(&out);
	}
}

static void
index_is_for_its_own_segment_only(void **unused)
{
	static struct columnar_seen seen;
	struct buf in = many_small_blocks(2, 100), out, twice;
	struct seal_report report;
	struct segment_index ix;

	(void)unused;
	segment_seal(&in, &out, &report);
	buf_init(&twice, 1024 * 1024);
	buf_append(&twice, out.ptr, out.len);
	buf_append(&twice, out.ptr, out.len);
	assert_int_equal(
	    segment_index_find(bytes_of(&twice), &ix, NULL), FLOWD_EOF);
	columnar_read(bytes_of(&twice), &seen);
	assert_int_equal(seen.n, 400);
	assert_int_equal(seen.damages, 0);
	for (size_t cut = 1; cut < 200; cut++)
		assert_true(segment_index_find((struct bytes){ out.ptr,
		    out.len - cut }, &ix, NULL) < 0);
	buf_fini(&in);
	buf_fini(&out);
	buf_fini(&twice);
}

static void
index_that_was_changed_is_refused(void **unused)
{
	struct buf in = many_small_blocks(2, 100), out;
	struct seal_report report;
	struct segment_index ix;
	size_t begin;

	(void)unused;
	segment_seal(&in, &out, &report);
	assert_int_equal(segment_index_find(bytes_of(&out), &ix, NULL), 0);
	begin = (size_t)ix.covered;
	for (size_t at = begin; at < out.len; at++) {
		out.ptr[at] ^= 0x10;
		assert_true(segment_index_find(bytes_of(&out), &ix, NULL) < 0);
		out.ptr[at] ^= 0x10;
	}
	buf_fini(&in);
	buf_fini(&out);
}

static void
put_file(int dir, const char *name, const struct buf *b)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd != -1);
	assert_int_equal(write(fd, b->ptr, b->len), b->len);
	(void)close(fd);
}

static struct buf
get_file(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY);
	struct buf b;
	ssize_t n;

	buf_init(&b, 64 * 1024 * 1024);
	assert_true(fd != -1);
	while ((n = read(fd, buf_room(&b, 65536), 65536)) > 0)
		b.len += (size_t)n;
	(void)close(fd);
	return b;
}

static void
seal_file_takes_the_place_of_the_old_one(void **unused)
{
	static const char name[] = "20261123T100500Z.flow";
	char path[FOLDER_PATH];
	struct buf in = many_small_blocks(30, 100), out, again;
	struct seal_report report;
	struct flowd_error err;
	struct segment_index ix;
	int dir;

	(void)unused;
	assert_int_equal(folder_make(path), 0);
	dir = open(path, O_RDONLY | O_DIRECTORY);
	put_file(dir, name, &in);
	assert_int_equal(seal_file(dir, name, &options, &report, &err), 0);
	assert_int_equal(report.rows, 3000);
	out = get_file(dir, name);
	assert_int_equal(segment_index_find(bytes_of(&out), &ix, NULL), 0);
	assert_int_equal(seal_file(dir, name, &options, &report, &err), 0);
	again = get_file(dir, name);
	assert_int_equal(again.len, out.len);
	assert_memory_equal(again.ptr, out.ptr, out.len);
	assert_int_equal(seal_file(dir, "20260101T000000Z.flow", &options,
	    &report, &err), FLOWD_EIO);
	assert_int_equal(unlinkat(dir, name, 0), 0);
	(void)close(dir);
	/* Nothing is left beside it. */
	assert_int_equal(rmdir(path), 0);
	buf_fini(&in);
	buf_fini(&out);
	buf_fini(&again);
}

/* As a process does it that has nothing but the two descriptors. */
static void
seal_descriptor_writes_to_the_new_one(void **unused)
{
	char path[FOLDER_PATH];
	struct buf in = many_small_blocks(30, 100), out;
	struct seal_report report;
	struct flowd_error err;
	struct segment_index ix;
	int dir, from, to;

	(void)unused;
	assert_int_equal(folder_make(path), 0);
	dir = open(path, O_RDONLY | O_DIRECTORY);
	put_file(dir, "old", &in);
	from = openat(dir, "old", O_RDONLY);
	to = openat(dir, "new", O_WRONLY | O_CREAT, 0600);
	assert_int_equal(
	    seal_descriptor(from, to, &options, &report, &err), 0);
	assert_int_equal(report.rows, 3000);
	(void)close(from);
	(void)close(to);
	out = get_file(dir, "new");
	assert_int_equal(segment_index_find(bytes_of(&out), &ix, NULL), 0);
	/* What is sealed is left alone; what cannot be written is told. */
	from = openat(dir, "new", O_RDONLY);
	assert_int_equal(
	    seal_descriptor(from, -1, &options, &report, &err), 1);
	(void)close(from);
	from = openat(dir, "old", O_RDONLY);
	to = open("/dev/full", O_WRONLY);
	if (to != -1)
		assert_int_equal(seal_descriptor(from, to, &options, &report,
		    &err), FLOWD_EIO);
	(void)close(from);
	(void)close(to);
	assert_int_equal(unlinkat(dir, "old", 0), 0);
	assert_int_equal(unlinkat(dir, "new", 0), 0);
	(void)close(dir);
	assert_int_equal(rmdir(path), 0);
	buf_fini(&in);
	buf_fini(&out);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(seal_joins_small_blocks),
		cmocka_unit_test(seal_leaves_out_damage),
		cmocka_unit_test(seal_refuses_what_is_no_log),
		cmocka_unit_test(index_tells_where_blocks_are),
		cmocka_unit_test(index_never_denies_an_address_that_is_there),
		cmocka_unit_test(index_has_one_filter_for_one_group),
		cmocka_unit_test(index_is_for_its_own_segment_only),
		cmocka_unit_test(index_that_was_changed_is_refused),
		cmocka_unit_test(seal_file_takes_the_place_of_the_old_one),
		cmocka_unit_test(seal_descriptor_writes_to_the_new_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
