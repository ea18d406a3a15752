/* The files of paths: lib/query/file_list.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../folder.h"
#include "file_list.h"

enum { START_SEC = 1795428000 }; /* 2026-11-23T10:00:00Z */

static const struct timerange any = { INT64_MIN, INT64_MAX };

static struct {
	char folder[FOLDER_PATH], dir[FOLDER_PATH + 8], file[FOLDER_PATH + 8];
	struct file_list list;
} t;

static void
make_file(const char *folder, const char *name)
{
	char path[2 * FOLDER_PATH];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fclose(f), 0);
}

static int
set_up(void **state)
{
	(void)state;
	if (folder_make(t.folder) != 0)
		return -1;
	(void)snprintf(t.dir, sizeof(t.dir), "%s/dir", t.folder);
	(void)snprintf(t.file, sizeof(t.file), "%s/file", t.folder);
	assert_int_equal(mkdir(t.dir, 0700), 0);
	make_file(t.folder, "file");
	file_list_init(&t.list);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	file_list_fini(&t.list);
	return folder_remove(t.folder);
}

static void
make_segments(void)
{
	make_file(t.dir, "20261123T120000Z.flow");
	make_file(t.dir, "20261123T100000Z-1.flow");
	make_file(t.dir, "20261123T100000Z.flow");
	make_file(t.dir, "20261123T160000Z.flow");
	make_file(t.dir, ".removed");
	make_file(t.dir, "notes.txt");
}

static void
find_files(char *const *paths, const struct timerange *range)
{
	struct flowd_error err = { .text = "" };

	if (file_list_find(&t.list, paths, range, &err) != 0)
		fail_msg("%s", err.text);
}

/* The names are the last parts of the paths, in order. */
static void
files_expect(const char *const *names)
{
	size_t n = 0;

	for (; names[n] != NULL; n++) {
		const char *slash = strrchr(t.list.path[n], '/');

		assert_string_equal(
		    slash != NULL ? slash + 1 : t.list.path[n], names[n]);
	}
	assert_int_equal(t.list.n, n);
	assert_null(t.list.path[n]);
}

static void
segments_are_in_the_order_of_their_time(void **state)
{
	char dash[] = "-", missing[] = "/nonexistent/x";
	char *paths[] = { t.file, t.dir, dash, missing, NULL };
	const char *const names[] = { "file", "20261123T100000Z.flow",
		"20261123T100000Z-1.flow", "20261123T120000Z.flow",
		"20261123T160000Z.flow", "-", "x", NULL };
	const enum file_place places[] = { FILE_NAMED, FILE_FIRST, FILE_LATER,
		FILE_LATER, FILE_LATER, FILE_NAMED, FILE_NAMED };

	(void)state;
	make_segments();
	find_files(paths, &any);
	files_expect(names);
	for (size_t i = 0; names[i] != NULL; i++)
		assert_int_equal(t.list.place[i], places[i]);
}

static void
segments_outside_the_range_are_left_out(void **state)
{
	const int64_t sec = 1000000000, hour = 3600 * sec;
	char *paths[] = { t.dir, NULL };
	struct timerange range = { START_SEC * sec + 4 * hour,
		START_SEC * sec + 4 * hour + 60 * sec };
	const char *const names[] = { "20261123T120000Z.flow", NULL };

	(void)state;
	make_segments();
	find_files(paths, &range);
	files_expect(names);
}

/* Clocks of exporters and collectors differ: an hour more. */
static void
segments_near_the_range_are_read(void **state)
{
	const int64_t sec = 1000000000, hour = 3600 * sec;
	char *paths[] = { t.dir, NULL };
	struct timerange range = { START_SEC * sec + 3 * hour - sec,
		START_SEC * sec + 5 * hour + 10 * sec };
	const char *const names[] = { "20261123T100000Z.flow",
		"20261123T100000Z-1.flow", "20261123T120000Z.flow",
		"20261123T160000Z.flow", NULL };

	(void)state;
	make_segments();
	find_files(paths, &range);
	files_expect(names);
}

static void
a_directory_wants_segments_unless_some_will_come(void **state)
{
	char *paths[] = { t.dir, NULL };
	const char *const none[] = { NULL };
	struct flowd_error err;

	(void)state;
	assert_int_equal(
	    file_list_find(&t.list, paths, &any, &err), FLOWD_EINVAL);
	assert_non_null(strstr(err.text, "without segments"));
	file_list_fini(&t.list);
	t.list.allows_empty = true;
	find_files(paths, &any);
	files_expect(none);
	assert_null(t.list.watch.directory);
	file_list_fini(&t.list);
	t.list.follows = true;
	find_files(paths, &any);
	files_expect(none);
	assert_string_equal(t.list.watch.directory, t.dir);
}

static void
only_the_last_path_is_followed(void **state)
{
	char *paths[] = { t.dir, t.file, NULL };

	(void)state;
	make_segments();
	t.list.follows = true;
	find_files(paths, &any);
	assert_null(t.list.watch.directory);
}

static void
what_cannot_be_read_is_said(void **state)
{
	char missing[] = "/nonexistent/x";
	char *paths[] = { t.dir, t.file, missing, NULL };
	struct flowd_error err;

	(void)state;
	make_segments();
	find_files(paths, &any);
	assert_int_equal(file_list_check(&t.list, &err), FLOWD_EIO);
	assert_string_equal(
	    err.text, "/nonexistent/x: No such file or directory");
}

static void
a_segment_that_was_removed_is_gone(void **state)
{
	char *paths[] = { t.dir, t.file, NULL };
	struct flowd_error err;

	(void)state;
	make_segments();
	find_files(paths, &any);
	assert_false(file_list_gone(&t.list, t.list.path[0]));
	assert_int_equal(unlink(t.list.path[0]), 0);
	assert_true(file_list_gone(&t.list, t.list.path[0]));
	assert_int_equal(file_list_check(&t.list, &err), 0);
	/* What was named is to be there. */
	assert_int_equal(unlink(t.file), 0);
	assert_false(file_list_gone(&t.list, t.file));
	assert_int_equal(file_list_check(&t.list, &err), FLOWD_EIO);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(segments_are_in_the_order_of_their_time),
		TEST(segments_outside_the_range_are_left_out),
		TEST(segments_near_the_range_are_read),
		TEST(a_directory_wants_segments_unless_some_will_come),
		TEST(only_the_last_path_is_followed),
		TEST(what_cannot_be_read_is_said),
		TEST(a_segment_that_was_removed_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
