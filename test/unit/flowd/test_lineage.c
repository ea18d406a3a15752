/* The log file and those before it: flowd/logs/lineage.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <unistd.h>

#include <cmocka.h>

#include "lineage.h"

static struct lineage l;

static int
setup(void **state)
{
	(void)state;
	lineage_init(&l);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	lineage_fini(&l);
	return 0;
}

static int
add(const char *path)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_int_not_equal(fd, -1);
	lineage_add(&l, fd, path);
	return fd;
}

static bool
is_open(int fd)
{
	return fcntl(fd, F_GETFD) != -1;
}

static void
a_file_stays_until_the_keeper_uses_a_later_one(void **state)
{
	int a, b, c;

	(void)state;
	assert_int_equal(lineage_now(&l)->fd, -1);
	assert_false(lineage_pending(&l));
	a = add("a");
	lineage_release(&l, l.serial);
	assert_false(lineage_pending(&l));
	b = add("b");
	c = add("c");
	assert_true(lineage_pending(&l));
	assert_true(is_open(a) && is_open(b));
	assert_string_equal(l.files[0].path, "a");
	lineage_release(&l, l.serial - 1);
	assert_false(is_open(a));
	assert_true(is_open(b) && lineage_pending(&l));
	assert_string_equal(l.files[0].path, "b");
	lineage_release(&l, l.serial);
	assert_false(is_open(b));
	assert_true(is_open(c));
	assert_false(lineage_pending(&l));
	assert_string_equal(lineage_now(&l)->path, "c");
}

static void
what_is_released_again_or_was_never_there_changes_nothing(void **state)
{
	int a, b;

	(void)state;
	a = add("a");
	lineage_release(&l, l.serial);
	b = add("b");
	lineage_release(&l, l.serial - 1);
	lineage_release(&l, l.serial - 2);
	lineage_release(&l, l.serial + 1);
	assert_true(is_open(a) && is_open(b));
	assert_true(lineage_pending(&l));
}

static void
an_end_keeps_the_file_before_it(void **state)
{
	int a;

	(void)state;
	a = add("a");
	lineage_release(&l, l.serial);
	lineage_end(&l);
	lineage_end(&l);
	assert_int_equal(l.n, 2);
	assert_int_equal(lineage_now(&l)->fd, -1);
	assert_true(is_open(a) && lineage_pending(&l));
	lineage_release(&l, l.serial);
	assert_false(is_open(a));
	assert_false(lineage_pending(&l));
}

static void
there_is_room_for_an_end_when_it_is_full(void **state)
{
	(void)state;
	while (!lineage_full(&l))
		(void)add("x");
	lineage_end(&l);
	assert_true(l.n <= LINEAGE_PLACES);
	assert_int_equal(lineage_now(&l)->fd, -1);
	lineage_release(&l, l.serial);
	assert_false(lineage_full(&l));
}

/* A file behind an end, which is behind files. */
static void
there_is_room_for_all_that_may_be_added(void **state)
{
	(void)state;
	while (!lineage_full(&l)) {
		(void)add("x");
		lineage_end(&l);
		assert_true(l.n <= LINEAGE_PLACES);
	}
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_file_stays_until_the_keeper_uses_a_later_one),
		T(what_is_released_again_or_was_never_there_changes_nothing),
		T(an_end_keeps_the_file_before_it),
		T(there_is_room_for_an_end_when_it_is_full),
		T(there_is_room_for_all_that_may_be_added),
	};

	return cmocka_run_group_tests_name("lineage", tests, NULL, NULL);
}
