/* Open files of any kind: lib/query/scan_source_open.c. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "logs.h"
#include "scan_source.h"

enum { FLOWS = 3000 };

static struct {
	char folder[FOLDER_PATH], path[FOLDER_PATH + 8];
	struct row_filter filter;
	struct scan_source_options options;
	uint64_t left;
	struct batch *batch;
	unsigned warned;
} t;

static void
on_warn(void *arg, const char *text)
{
	(void)arg;
	(void)text;
	t.warned++;
}

static int
set_up(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	t.left = UINT64_MAX;
	colset_add(&t.filter.want, COL_octets);
	row_filter_settle(&t.filter);
	t.options = (struct scan_source_options){ .left = &t.left,
		.filter = &t.filter, .program = "test", .warn = on_warn };
	t.batch = batch_new(BATCH_ROWS);
	if (folder_make(t.folder) != 0)
		return -1;
	(void)snprintf(t.path, sizeof(t.path), "%s/log", t.folder);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	batch_free(t.batch);
	(void)unlink(t.path);
	return rmdir(t.folder);
}

/* Flows in a log of version 3 or 4, or behind those that are in it. */
static void
put_flows(int version, unsigned first, unsigned n, bool append)
{
	struct buf out;

	buf_init(&out, LOGS_OCTETS_MAX);
	if (version == 3)
		logs_put_records(&out, first, n);
	else
		logs_put_blocks(&out, first, 3, n / 3);
	assert_int_equal(logs_save(t.path, &out, append), 0);
	buf_fini(&out);
}

static void
put_text(const char *text)
{
	FILE *f = fopen(t.path, "wb");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static struct scan_source *
source_open_log(void)
{
	struct flowd_error err;
	struct scan_source *s = scan_source_open(t.path, &t.options, &err);

	if (s == NULL)
		fail_msg("%s", err.text);
	return s;
}

static void
assert_refused(const char *why)
{
	struct flowd_error err;

	assert_null(scan_source_open(t.path, &t.options, &err));
	if (strstr(err.text, why) == NULL)
		fail_msg("%s", err.text);
}

/* The octets of all flows that pass, up to the end. */
static uint64_t
source_octets(struct scan_source *s)
{
	struct flowd_error err;
	uint64_t octets = 0;
	int got;

	for (;;) {
		batch_reset(t.batch);
		got = scan_source_next(s, t.batch, &err);
		if (got < 0)
			fail_msg("%s", err.text);
		if (got == 0)
			return octets;
		for (size_t row = 0; row < t.batch->nrows; row++)
			if (bitmap_test(t.batch->selected, row))
				octets += batch_uint(t.batch, COL_octets, row);
	}
}

static uint64_t
sum_of(uint64_t first, uint64_t n)
{
	return n * first + n * (n - 1) / 2;
}

static void
flows_are_skipped_and_limited(void **state)
{
	static const unsigned skips[] = { 0, 1, 999, 1000, 1500, 2999, 3000,
		4000 };

	(void)state;
	for (int version = 3; version <= 4; version++) {
		put_flows(version, 0, FLOWS, false);
		for (size_t i = 0; i < 8; i++) {
			uint64_t skip = skips[i] < FLOWS ? skips[i] : FLOWS;
			struct scan_source *s;

			t.options.skip = skips[i];
			t.left = UINT64_MAX;
			s = source_open_log();
			assert_int_equal(
			    source_octets(s), sum_of(skip, FLOWS - skip));
			assert_int_equal(scan_source_read(s).flows, FLOWS);
			scan_source_close(s);
			/* Those that are skipped are not of the limit. */
			t.left = 100;
			s = source_open_log();
			if (skip + 100 <= FLOWS) {
				assert_int_equal(
				    source_octets(s), sum_of(skip, 100));
				assert_int_equal(t.left, 0);
			}
			scan_source_close(s);
		}
		t.options.skip = 0;
	}
}

static void
what_is_appended_is_read(void **state)
{
	(void)state;
	t.options.follow = true;
	for (int version = 3; version <= 4; version++) {
		struct segment_progress read;
		struct scan_source *s;
		struct stat st;

		/* What it is shows when there is something. */
		put_text("");
		s = source_open_log();
		assert_int_equal(source_octets(s), 0);
		put_flows(version, 0, FLOWS, false);
		assert_true(scan_source_grown(s));
		assert_int_equal(source_octets(s), sum_of(0, FLOWS));
		put_flows(version, 5000, FLOWS, true);
		assert_true(scan_source_grown(s));
		assert_int_equal(source_octets(s), sum_of(5000, FLOWS));
		read = scan_source_read(s);
		assert_int_equal(stat(t.path, &st), 0);
		assert_int_equal(read.flows, 2 * FLOWS);
		assert_int_equal(read.octets, st.st_size);
		assert_int_equal(read.seen, st.st_size);
		scan_source_close(s);
	}
}

static void
what_is_cut_is_not_read(void **state)
{
	(void)state;
	for (int version = 3; version <= 4; version++) {
		struct segment_progress read;
		struct scan_source *s;
		struct stat st;
		uint64_t flows;

		put_flows(version, 0, FLOWS, false);
		assert_int_equal(stat(t.path, &st), 0);
		assert_int_equal(truncate(t.path, st.st_size - 3), 0);
		s = source_open_log();
		flows = version == 3 ? FLOWS - 1 : FLOWS / 3 * 2;
		assert_int_equal(source_octets(s), sum_of(0, flows));
		read = scan_source_read(s);
		assert_int_equal(read.flows, flows);
		assert_int_equal(read.seen, st.st_size - 3);
		assert_true(read.octets < read.seen);
		scan_source_close(s);
	}
}

static void
a_log_that_becomes_shorter_is_said(void **state)
{
	struct flowd_error err;

	(void)state;
	t.options.follow = true;
	for (int version = 3; version <= 4; version++) {
		struct scan_source *s;

		put_flows(version, 0, FLOWS, false);
		s = source_open_log();
		(void)source_octets(s);
		assert_int_equal(truncate(t.path, 10), 0);
		assert_true(scan_source_grown(s));
		batch_reset(t.batch);
		assert_int_equal(
		    scan_source_next(s, t.batch, &err), FLOWD_EIO);
		assert_non_null(strstr(err.text, "became shorter"));
		scan_source_close(s);
	}
}

static void
a_short_text_is_a_log_that_is_cut_unless_it_is_strict(void **state)
{
	struct scan_source *s;

	(void)state;
	put_text("hello");
	s = source_open_log();
	assert_int_equal(scan_source_file(s).kind, SCAN_V3);
	assert_int_equal(source_octets(s), 0);
	assert_int_equal(scan_source_cut(s), 5);
	scan_source_close(s);
	t.options.strict = true;
	assert_refused("is a text");
	t.options.strict = false;
	t.options.regular = true;
	assert_refused("is a text");
}

static void
only_regular_files_are_opened_where_others_may_write(void **state)
{
	char other[FOLDER_PATH + 8];

	(void)state;
	put_flows(4, 0, FLOWS, false);
	t.options.regular = true;
	scan_source_close(source_open_log());
	(void)snprintf(other, sizeof(other), "%s/o", t.folder);
	assert_int_equal(rename(t.path, other), 0);
	assert_int_equal(symlink("o", t.path), 0);
	assert_refused(t.path);
	/* One that nobody writes to would have it wait. */
	assert_int_equal(unlink(t.path), 0);
	assert_int_equal(mkfifo(t.path, 0600), 0);
	assert_refused(t.path);
	assert_int_equal(unlink(other), 0);
}

static void
kinds_are_told_by_their_octets(void **state)
{
	struct flowd_error err;
	struct scan_source *s;

	(void)state;
	put_flows(4, 0, FLOWS, false);
	s = source_open_log();
	assert_int_equal(scan_source_file(s).kind, SCAN_V4);
	assert_non_null(scan_source_mapping(s));
	scan_source_close(s);
	put_flows(3, 0, FLOWS, false);
	s = source_open_log();
	assert_int_equal(scan_source_file(s).kind, SCAN_V3);
	assert_null(scan_source_mapping(s));
	scan_source_close(s);
	put_text("\x1f\x8b\x08 compressed");
	assert_refused("zcat");
	/* No captures are read here. */
	put_text("\xd4\xc3\xb2\xa1 capture, which is long enough for a head");
	t.options.strict = true;
	s = scan_source_open(t.path, &t.options, &err);
	assert_true(s == NULL || scan_source_file(s).kind != SCAN_CAPTURE);
	scan_source_close(s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(flows_are_skipped_and_limited),
		TEST(what_is_appended_is_read),
		TEST(what_is_cut_is_not_read),
		TEST(a_log_that_becomes_shorter_is_said),
		TEST(a_short_text_is_a_log_that_is_cut_unless_it_is_strict),
		TEST(only_regular_files_are_opened_where_others_may_write),
		TEST(kinds_are_told_by_their_octets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
