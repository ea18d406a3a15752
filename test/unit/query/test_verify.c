/* What is whole of a file, and what is in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "logs.h"
#include "verify.h"

enum { FLOWS = 4000 };

struct fixture {
	char folder[FOLDER_PATH], path[FOLDER_PATH + 16];
	struct buf octets;
	const char *warning; /* what warnings say */
	unsigned warned;
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL || folder_make(f->folder) != 0)
		return -1;
	(void)snprintf(f->path, sizeof(f->path), "%s/log", f->folder);
	buf_init(&f->octets, LOGS_OCTETS_MAX);
	f->warning = "octets are lost";
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	(void)unlink(f->path);
	assert_int_equal(rmdir(f->folder), 0);
	buf_fini(&f->octets);
	free(f);
	return 0;
}

static void
count_warning(void *arg, const char *text)
{
	struct fixture *f = arg;

	assert_non_null(strstr(text, f->warning));
	f->warned++;
}

static struct verify_result
file_verify(struct fixture *f)
{
	const struct scan_events events = { .warn = count_warning };
	const struct scan_plan plan = { .events = &events, .arg = f };
	struct verify_result r;
	struct flowd_error err;

	assert_int_equal(logs_save(f->path, &f->octets, false), 0);
	assert_int_equal(verify_file(&plan, f->path, &r, &err), 0);
	return r;
}

static void
a_whole_log_of_blocks(void **state)
{
	struct fixture *f = *state;
	struct verify_result r;

	logs_put_blocks(&f->octets, 0, 4, FLOWS / 4);
	r = file_verify(f);
	assert_int_equal(r.kind, SCAN_V4);
	assert_int_equal(r.flows, FLOWS);
	assert_int_equal(r.blocks, 4);
	assert_int_equal(r.compressed[COMPRESS_LZ4], 4);
	assert_int_equal(r.octets, f->octets.len);
	assert_int_equal(r.damages, 0);
	assert_int_equal(f->warned, 0);
	assert_int_equal(r.min_ns, LOGS_START_SEC * INT64_C(1000000000));
	assert_int_equal(r.max_ns,
	    (LOGS_START_SEC + INT64_C(3999)) * 1000000000);
	assert_int_equal(r.column[COL_octets].blocks, 4);
	assert_int_equal(r.column[COL_octets].values.min, 0);
	assert_int_equal(r.column[COL_octets].values.max, FLOWS - 1);
	assert_true(r.column[COL_src_addr].values.some4);
	assert_int_equal(r.column[COL_src_addr].values.min4, 0x0a000001);
	assert_int_equal(r.column[COL_next_hop].blocks, 0);
}

static void
a_damaged_block_is_lost(void **state)
{
	struct fixture *f = *state;
	struct verify_result r;

	logs_put_blocks(&f->octets, 0, 4, FLOWS / 4);
	f->octets.ptr[20] ^= 0xff;
	r = file_verify(f);
	assert_int_equal(r.flows, FLOWS - FLOWS / 4);
	assert_int_equal(r.damages, 1);
	assert_true(r.lost_octets > 0 && r.lost_octets < f->octets.len);
	assert_int_equal(f->warned, 1);
}

/* The sum of the octets of the first block, in its head, is another one. */
static void
change_sum(struct buf *log, uint64_t sum)
{
	size_t len = load_le32(log->ptr + 12), at = 0;

	while (at < len && load_le64(log->ptr + at) != sum)
		at++;
	assert_true(at < len);
	store_le64(log->ptr + at, sum + 1);
	store_le64(log->ptr + len - BLOCK_SUM,
	    block_checksum(log->ptr, len - BLOCK_SUM));
}

static void
a_head_that_is_not_for_its_flows_is_said(void **state)
{
	struct fixture *f = *state;
	struct verify_result r;

	logs_put_blocks(&f->octets, 0, 4, FLOWS / 4);
	change_sum(&f->octets, (FLOWS / 4 - 1) * (FLOWS / 4) / 2);
	f->warning = "the head of the block has another sum of octets";
	r = file_verify(f);
	assert_int_equal(r.flows, FLOWS);
	assert_int_equal(r.damages, 1);
	assert_int_equal(r.lost_octets, 0);
	assert_int_equal(f->warned, 1);
}

static void
a_log_of_records_that_is_cut(void **state)
{
	struct fixture *f = *state;
	struct verify_result r;

	logs_put_records(&f->octets, 0, FLOWS);
	r = file_verify(f);
	assert_int_equal(r.kind, SCAN_V3);
	assert_int_equal(r.flows, FLOWS);
	assert_int_equal(r.damages, 0);
	f->octets.len -= 5;
	r = file_verify(f);
	assert_int_equal(r.flows, FLOWS - 1);
	assert_int_equal(r.damages, 1);
	assert_int_equal(f->warned, 1);
}

static void
a_file_that_is_not_there(void **state)
{
	const struct scan_plan plan = { .flags = 0 };
	struct verify_result r;
	struct flowd_error err;

	(void)state;
	assert_int_equal(
	    verify_file(&plan, "/nonexistent/log", &r, &err), FLOWD_EIO);
	assert_non_null(strstr(err.text, "/nonexistent/log"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_whole_log_of_blocks),
		TEST(a_damaged_block_is_lost),
		TEST(a_head_that_is_not_for_its_flows_is_said),
		TEST(a_log_of_records_that_is_cut),
		TEST(a_file_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
