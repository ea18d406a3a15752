/* Directories that are followed: lib/query/segment_watch.c. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "logs.h"
#include "seal_file.h"
#include "segment_watch.h"

static struct {
	char folder[FOLDER_PATH];
	struct segment_watch watch;
	int64_t now_sec;
} t;

static int
set_up(void **unused)
{
	(void)unused;
	segment_watch_init(&t.watch);
	t.now_sec = (int64_t)time(NULL) - 100000;
	return folder_make(t.folder);
}

static int
tear_down(void **unused)
{
	(void)unused;
	segment_watch_fini(&t.watch);
	return folder_remove(t.folder);
}

/* The path of a segment by so many seconds from now on. */
static const char *
path_of(int64_t at_sec)
{
	static char path[FOLDER_PATH + CATALOGUE_NAME];
	char name[CATALOGUE_NAME];

	catalogue_name(t.now_sec + at_sec, 0, name);
	(void)snprintf(path, sizeof(path), "%s/%s", t.folder, name);
	return path;
}

/* Append a block of so many flows. */
static void
put_flows(int64_t at_sec, unsigned flows)
{
	struct buf out;

	buf_init(&out, LOGS_OCTETS_MAX);
	if (flows > 0)
		logs_put_blocks(&out, 0, 1, flows);
	assert_int_equal(logs_save(path_of(at_sec), &out, true), 0);
	buf_fini(&out);
}

/* Another file with an index takes its place, maybe with some flows more. */
static void
segment_seal_as(int64_t at_sec, unsigned more)
{
	struct block_options options = { .compression = COMPRESS_LZ4 };
	int dir = open(t.folder, O_RDONLY | O_DIRECTORY);
	struct seal_report report;
	struct flowd_error err;

	if (more > 0)
		put_flows(at_sec, more);
	assert_int_equal(seal_file(dir, strrchr(path_of(at_sec), '/') + 1,
	    &options, &report, &err), 0);
	(void)close(dir);
}

/* Watch the directory as it is; n segments from the first are read. */
static void
watch_begin(size_t first, size_t n)
{
	int fd = open(t.folder, O_RDONLY | O_DIRECTORY);
	struct catalogue c;

	catalogue_init(&c);
	assert_int_equal(catalogue_read(&c, fd, NULL), 0);
	(void)close(fd);
	assert_int_equal(segment_watch_begin(&t.watch, t.folder, &c, first, n,
	    t.now_sec + 50000), 0);
	catalogue_fini(&c);
}

/* Look, whether or not it is due; as if it was looked at back_ms later. */
static void
look_later(int64_t back_ms)
{
	struct flowd_error err;

	t.watch.looked_ms -= 1000;
	t.watch.clock_ms -= 1000 - back_ms;
	assert_int_equal(segment_watch_look(&t.watch, &err), 0);
}

/* Read the segment of that time to the end of its file. */
static void
read_segment(int64_t at_sec, uint64_t flows)
{
	struct segment_progress read = { .flows = flows };
	struct stat st;

	assert_int_equal(stat(path_of(at_sec), &st), 0);
	read.octets = read.seen = (uint64_t)st.st_size;
	segment_watch_opened(&t.watch, path_of(at_sec), &st);
	segment_watch_closed(&t.watch, &read);
}

/* The segment of that time is the next one, behind these flows of it. */
static void
watch_expect(int64_t at_sec, uint64_t skip)
{
	uint64_t got = UINT64_MAX;
	const char *path = segment_watch_next(&t.watch, &got);

	assert_non_null(path);
	assert_string_equal(path, path_of(at_sec));
	assert_int_equal(got, skip);
}

static void
expect_none(void)
{
	uint64_t ignored;

	assert_null(segment_watch_next(&t.watch, &ignored));
}

static void
segments_come_in_order_of_creation(void **unused)
{
	struct flowd_error text;

	(void)unused;
	put_flows(0, 5);
	watch_begin(0, 1);
	read_segment(0, 5);
	expect_none();
	for (int64_t at = -300; at >= -86700; at -= 43200) {
		put_flows(at, 3);
		look_later(0);
		watch_expect(at, 0);
		read_segment(at, 3);
		expect_none();
	}
	put_flows(300, 0);
	look_later(0);
	expect_none();
	put_flows(300, 1);
	look_later(0);
	watch_expect(300, 0);
	assert_false(segment_watch_unordered(&t.watch, &text));
}

static void
segments_of_one_look_come_by_name(void **unused)
{
	struct flowd_error text;

	(void)unused;
	put_flows(0, 1);
	watch_begin(0, 1);
	read_segment(0, 1);
	for (int64_t at = 900; at > 0; at -= 300)
		put_flows(at, 1);
	look_later(0);
	for (int64_t at = 300; at <= 900; at += 300) {
		watch_expect(at, 0);
		read_segment(at, 1);
	}
	expect_none();
	assert_false(segment_watch_unordered(&t.watch, &text));
}

static void
an_order_that_is_guessed_is_told(void **unused)
{
	struct flowd_error text;

	(void)unused;
	put_flows(0, 1);
	watch_begin(0, 1);
	read_segment(0, 1);
	/* By a name, */
	put_flows(300, 1);
	put_flows(-300, 1);
	look_later(0);
	assert_true(segment_watch_unordered(&t.watch, &text));
	assert_non_null(strstr(text.text, "2 segments"));
	assert_false(segment_watch_unordered(&t.watch, &text));
	read_segment(-300, 1);
	read_segment(300, 1);
	expect_none();
	/* or by the clock. */
	put_flows(600, 1);
	put_flows(900, 1);
	look_later(5000);
	assert_true(segment_watch_unordered(&t.watch, &text));
}

static void
segments_of_a_time_to_come_are_older_than_the_step(void **unused)
{
	(void)unused;
	put_flows(0, 1);
	watch_begin(0, 1);
	read_segment(0, 1);
	t.watch.limit_sec = INT64_MAX;
	put_flows(300, 1);
	put_flows(500000, 1);
	look_later(0);
	watch_expect(500000, 0);
	read_segment(500000, 1);
	watch_expect(300, 0);
}

static void
what_grows_is_read_on(void **unused)
{
	(void)unused;
	put_flows(0, 5);
	put_flows(300, 5);
	put_flows(600, 5);
	watch_begin(1, 2);
	read_segment(300, 5);
	read_segment(600, 5);
	look_later(0);
	expect_none();
	put_flows(300, 4);
	look_later(0);
	watch_expect(300, 5);
	read_segment(300, 9);
	expect_none();
	/* Also what was not in the range: all of it. */
	put_flows(0, 1);
	look_later(0);
	watch_expect(0, 0);
	read_segment(0, 6);
	look_later(0);
	expect_none();
}

static void
a_block_that_is_cut_is_not_read_again_and_again(void **unused)
{
	struct segment_progress read = { .flows = 5 };
	struct stat st;

	(void)unused;
	put_flows(0, 5);
	watch_begin(0, 1);
	assert_int_equal(stat(path_of(0), &st), 0);
	read.octets = (uint64_t)st.st_size - 20;
	read.seen = (uint64_t)st.st_size;
	segment_watch_opened(&t.watch, path_of(0), &st);
	expect_none();
	segment_watch_closed(&t.watch, &read);
	look_later(0);
	expect_none();
	put_flows(0, 1);
	look_later(0);
	watch_expect(0, 5);
}

static void
what_is_sealed_has_the_same_flows(void **unused)
{
	(void)unused;
	put_flows(0, 5);
	watch_begin(0, 1);
	read_segment(0, 5);
	segment_seal_as(0, 0);
	look_later(0);
	expect_none();
	put_flows(300, 5);
	look_later(0);
	read_segment(300, 5);
	segment_seal_as(300, 2);
	look_later(0);
	watch_expect(300, 5);
}

static void
another_file_of_a_name_is_a_new_segment(void **unused)
{
	char kept[FOLDER_PATH + 8];

	(void)unused;
	put_flows(0, 5);
	watch_begin(0, 1);
	read_segment(0, 5);
	/* A link keeps it, so that its number is not used again. */
	(void)snprintf(kept, sizeof(kept), "%s/kept", t.folder);
	assert_int_equal(rename(path_of(0), kept), 0);
	put_flows(0, 7);
	look_later(0);
	watch_expect(0, 0);
}

static void
segments_behind_the_range_are_not_read(void **unused)
{
	(void)unused;
	put_flows(0, 5);
	watch_begin(0, 1);
	read_segment(0, 5);
	put_flows(50000, 5);
	look_later(0);
	expect_none();
	put_flows(49999, 5);
	look_later(0);
	watch_expect(49999, 0);
}

/* --- What is missed --- */

static void
list_removed(int64_t at_sec, const char *flows)
{
	char path[FOLDER_PATH + 16], name[CATALOGUE_NAME];
	FILE *f;

	catalogue_name(t.now_sec + at_sec, 0, name);
	(void)snprintf(path, sizeof(path), "%s/%s", t.folder, removed_file);
	f = fopen(path, "a");
	assert_non_null(f);
	fprintf(f, "removed %s %s\n", name, flows);
	assert_int_equal(fclose(f), 0);
}

static void
expect_missed(bool last, const char *text)
{
	struct flowd_error got = { .text = "" };

	assert_int_equal(
	    segment_watch_missed(&t.watch, last, &got), text != NULL);
	if (text != NULL)
		assert_string_equal(
		    strchr(got.text, ':') + 2, text);
}

static void
what_was_removed_unread_is_counted(void **unused)
{
	(void)unused;
	list_removed(-900, "1000");
	put_flows(0, 5);
	put_flows(300, 5);
	put_flows(600, 5);
	watch_begin(1, 2);
	read_segment(300, 5);
	/* Outside the range; read; not read; never seen; of the future. */
	list_removed(0, "5");
	list_removed(300, "5");
	list_removed(600, "5");
	list_removed(-300, "20");
	list_removed(60000, "400");
	for (int64_t at = 0; at <= 600; at += 300)
		assert_int_equal(unlink(path_of(at)), 0);
	look_later(0);
	expect_missed(false, "2 segments with 25 flows were removed before "
	    "they were read");
	expect_missed(true, NULL);
	list_removed(900, "-");
	look_later(0);
	expect_missed(false, "at least 1 segments with 0 flows were removed "
	    "before they were read");
}

static void
what_was_removed_without_a_list_is_counted(void **unused)
{
	(void)unused;
	put_flows(0, 5);
	put_flows(300, 5);
	watch_begin(0, 2);
	read_segment(0, 5);
	assert_int_equal(unlink(path_of(0)), 0);
	assert_int_equal(unlink(path_of(300)), 0);
	look_later(0);
	expect_missed(false, NULL);
	expect_missed(true, "at least 1 segments with 0 flows were removed "
	    "before they were read");
	expect_missed(true, NULL);
}

static void
a_directory_that_is_gone_is_said(void **unused)
{
	struct flowd_error err;

	(void)unused;
	watch_begin(0, 0);
	assert_int_equal(rmdir(t.folder), 0);
	assert_int_equal(segment_watch_look(&t.watch, &err), FLOWD_EIO);
	assert_int_equal(mkdir(t.folder, 0700), 0);
	put_flows(0, 5);
	look_later(0);
	watch_expect(0, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(segments_come_in_order_of_creation),
		TEST(segments_of_one_look_come_by_name),
		TEST(an_order_that_is_guessed_is_told),
		TEST(segments_of_a_time_to_come_are_older_than_the_step),
		TEST(what_grows_is_read_on),
		TEST(a_block_that_is_cut_is_not_read_again_and_again),
		TEST(what_is_sealed_has_the_same_flows),
		TEST(another_file_of_a_name_is_a_new_segment),
		TEST(segments_behind_the_range_are_not_read),
		TEST(what_was_removed_unread_is_counted),
		TEST(what_was_removed_without_a_list_is_counted),
		TEST(a_directory_that_is_gone_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
