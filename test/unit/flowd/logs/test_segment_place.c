/* Names of segments: flowd/logs/segment_place.c. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../folder.h"
#include "catalogue.h"
#include "segment_place.h"

enum { T = 1795428300 /* 2026-11-23T10:05:00Z, a multiple of 300 */ };

static struct {
	char folder[FOLDER_PATH];
	int fd;
} t;

static int
setup(void **state)
{
	(void)state;
	folder_make(t.folder);
	t.fd = open(t.folder, O_RDONLY | O_DIRECTORY);
	return t.fd != -1 ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	(void)close(t.fd);
	return 0;
}

static void
put_segment(int64_t sec, uint32_t number)
{
	char name[CATALOGUE_NAME];
	int fd;

	catalogue_name(sec, number, name);
	fd = openat(t.fd, name, O_WRONLY | O_CREAT, 0600);
	assert_true(fd != -1);
	(void)close(fd);
}

static struct segment_place
find_place(int64_t start_sec, int64_t now_sec)
{
	struct segment_place p;

	assert_true(segment_place_find(&p, t.fd, 300, start_sec, now_sec));
	return p;
}

static void
assert_place(
    struct segment_place p, int64_t start, uint32_t number, int64_t until)
{
	assert_int_equal(p.start_sec, start);
	assert_int_equal(p.number, number);
	assert_int_equal(p.until_sec, until);
}

static void
an_empty_directory_takes_any_start(void **state)
{
	(void)state;
	assert_place(find_place(T, T + 2), T, 0, INT64_MAX);
}

static void
the_number_is_above_all_of_that_second(void **state)
{
	(void)state;
	put_segment(T - 300, 7);
	put_segment(T, 0);
	assert_place(find_place(T, T + 2), T, 1, INT64_MAX);
	/* Number 1 was empty and is removed: it stays unused. */
	put_segment(T, 2);
	assert_place(find_place(T, T + 2), T, 3, INT64_MAX);
	put_segment(T, SEGMENT_NUMBERS - 1);
	assert_place(find_place(T, T + 2), T, 0, INT64_MAX);
}

static void
other_files_are_ignored(void **state)
{
	int fd = openat(t.fd, ".clock", O_WRONLY | O_CREAT, 0600);

	(void)state;
	assert_true(fd != -1);
	(void)close(fd);
	assert_place(find_place(T, T + 2), T, 0, INT64_MAX);
}

static void
it_ends_before_a_segment_of_the_future(void **state)
{
	(void)state;
	put_segment(T + 7200, 0);
	put_segment(T + 3600, 0);
	assert_place(find_place(T + 2, T + 2), T + 2, 0, T + 3600);
}

/* The clock was set back within an interval that has a segment already. */
static void
after_a_step_back_it_follows_the_last_segment(void **state)
{
	(void)state;
	put_segment(T, 0);
	put_segment(T + 10, 0);
	put_segment(T + 200, 0);
	assert_place(find_place(T + 20, T + 20), T + 10, 1, T + 200);
}

static void
a_directory_that_cannot_be_read_fails(void **state)
{
	struct segment_place p;

	(void)state;
	assert_false(segment_place_find(&p, -1, 300, T, T));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_directory_takes_any_start),
		TEST(the_number_is_above_all_of_that_second),
		TEST(other_files_are_ignored),
		TEST(it_ends_before_a_segment_of_the_future),
		TEST(after_a_step_back_it_follows_the_last_segment),
		TEST(a_directory_that_cannot_be_read_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
