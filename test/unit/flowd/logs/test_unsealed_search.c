/* Searching for unsealed segments: flowd/logs/unsealed_search.c. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../folder.h"
#include "unsealed_search.h"

enum {
	T = 1795428300, /* 2026-11-23T10:05:00Z */
	MANY = UNSEALED_SEARCH_SOME + 10
};

static const char *const nothing_in_use[2] = { "", "" };

static struct {
	char folder[FOLDER_PATH];
	int fd;
	struct unsealed_search search;
	struct unsealed unsealed;
} t;

static int
setup(void **state)
{
	(void)state;
	folder_make(t.folder);
	t.fd = open(t.folder, O_RDONLY | O_DIRECTORY);
	t.unsealed = (struct unsealed){ .at = NULL };
	unsealed_search_begin(&t.search);
	return t.fd != -1 ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	(void)close(t.fd);
	unsealed_fini(&t.unsealed);
	return 0;
}

static void
put_segment(int64_t sec, uint32_t number)
{
	char name[CATALOGUE_NAME];
	int fd;

	catalogue_name(sec, number, name);
	fd = openat(t.fd, name, O_WRONLY | O_CREAT, 0600);
	assert_true(fd != -1 && write(fd, "flows", 5) == 5);
	(void)close(fd);
}

static void
search(const char *const in_use[2])
{
	struct flowd_error err;

	if (unsealed_search_next(
		&t.search, &t.unsealed, t.fd, in_use, &err) != 0)
		fail_msg("%s", err.text);
}

static void
segments_end_where_the_next_one_starts(void **state)
{
	(void)state;
	put_segment(T + 300, 0);
	put_segment(T, 0);
	search(nothing_in_use);
	assert_false(t.search.under_way);
	assert_int_equal(t.unsealed.n, 2);
	assert_int_equal(t.unsealed.at[0].segment.start_sec, T);
	assert_int_equal(t.unsealed.at[0].segment.end_sec, T + 300);
	assert_int_equal(t.unsealed.at[1].segment.start_sec, T + 300);
}

/* The last one ends when it was written, but not before its start. */
static void
the_last_one_ends_with_its_last_write(void **state)
{
	char name[CATALOGUE_NAME];
	struct timespec times[2] = { { .tv_sec = T + 90 },
		{ .tv_sec = T + 90 } };

	(void)state;
	put_segment(T, 0);
	catalogue_name(T, 0, name);
	assert_int_equal(utimensat(t.fd, name, times, 0), 0);
	search(nothing_in_use);
	assert_int_equal(t.unsealed.at[0].segment.end_sec, T + 90);
	times[0].tv_sec = times[1].tv_sec = T - 90;
	assert_int_equal(utimensat(t.fd, name, times, 0), 0);
	unsealed_fini(&t.unsealed);
	unsealed_search_begin(&t.search);
	search(nothing_in_use);
	assert_int_equal(t.unsealed.at[0].segment.end_sec, T);
}

static void
segments_in_use_are_left_out(void **state)
{
	char now[CATALOGUE_NAME], old[CATALOGUE_NAME];
	const char *const in_use[2] = { now, old };

	(void)state;
	for (int i = 0; i < 3; i++)
		put_segment(T + 300 * i, 0);
	catalogue_name(T + 600, 0, now);
	catalogue_name(T + 300, 0, old);
	search(in_use);
	assert_int_equal(t.unsealed.n, 1);
	assert_int_equal(t.unsealed.at[0].segment.start_sec, T);
}

static void
a_large_directory_takes_several_calls(void **state)
{
	(void)state;
	for (int i = 0; i < MANY; i++)
		put_segment(T + i / 2, i % 2);
	search(nothing_in_use);
	assert_true(t.search.under_way);
	assert_int_equal(t.unsealed.n, UNSEALED_SEARCH_SOME);
	search(nothing_in_use);
	assert_false(t.search.under_way);
	assert_int_equal(t.unsealed.n, MANY);
}

static void
a_failure_ends_the_search(void **state)
{
	struct flowd_error err;

	(void)state;
	assert_true(unsealed_search_next(
	    &t.search, &t.unsealed, -1, nothing_in_use, &err) < 0);
	assert_false(t.search.under_way);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(segments_end_where_the_next_one_starts),
		TEST(the_last_one_ends_with_its_last_write),
		TEST(segments_in_use_are_left_out),
		TEST(a_large_directory_takes_several_calls),
		TEST(a_failure_ends_the_search),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
