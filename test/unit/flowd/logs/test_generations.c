/* The log file and those before it: flowd/logs/generations.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <unistd.h>

#include <cmocka.h>

#include "generations.h"

static struct generations l;

static int
setup(void **state)
{
	(void)state;
	generations_init(&l);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	generations_fini(&l);
	return 0;
}

static int
generation_open(const char *path)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_int_not_equal(fd, -1);
	generations_add(&l, fd, path);
	return fd;
}

static bool
is_open(int fd)
{
	return fcntl(fd, F_GETFD) != -1;
}

static void
a_file_stays_until_the_writer_uses_a_later_one(void **state)
{
	int a, b, c;

	(void)state;
	assert_int_equal(generations_now(&l)->fd, -1);
	assert_false(generations_pending(&l));
	a = generation_open("a");
	generations_release(&l, l.serial);
	assert_false(generations_pending(&l));
	b = generation_open("b");
	c = generation_open("c");
	assert_true(generations_pending(&l));
	assert_true(is_open(a) && is_open(b));
	assert_string_equal(l.files[0].path, "a");
	generations_release(&l, l.serial - 1);
	assert_false(is_open(a));
	assert_true(is_open(b) && generations_pending(&l));
	assert_string_equal(l.files[0].path, "b");
	generations_release(&l, l.serial);
	assert_false(is_open(b));
	assert_true(is_open(c));
	assert_false(generations_pending(&l));
	assert_string_equal(generations_now(&l)->path, "c");
}

static void
what_is_released_again_or_was_never_there_changes_nothing(void **state)
{
	int a, b;

	(void)state;
	a = generation_open("a");
	generations_release(&l, l.serial);
	b = generation_open("b");
	generations_release(&l, l.serial - 1);
	generations_release(&l, l.serial - 2);
	generations_release(&l, l.serial + 1);
	assert_true(is_open(a) && is_open(b));
	assert_true(generations_pending(&l));
}

static void
an_end_keeps_the_file_before_it(void **state)
{
	int a;

	(void)state;
	a = generation_open("a");
	generations_release(&l, l.serial);
	generations_end(&l);
	generations_end(&l);
	assert_int_equal(l.n, 2);
	assert_int_equal(generations_now(&l)->fd, -1);
	assert_true(is_open(a) && generations_pending(&l));
	generations_release(&l, l.serial);
	assert_false(is_open(a));
	assert_false(generations_pending(&l));
}

static void
there_is_room_for_an_end_when_it_is_full(void **state)
{
	(void)state;
	while (!generations_full(&l))
		(void)generation_open("x");
	generations_end(&l);
	assert_true(l.n <= GENERATIONS_SIZE);
	assert_int_equal(generations_now(&l)->fd, -1);
	generations_release(&l, l.serial);
	assert_false(generations_full(&l));
}

/* A file behind an end, which is behind files. */
static void
there_is_room_for_all_that_may_be_added(void **state)
{
	(void)state;
	while (!generations_full(&l)) {
		(void)generation_open("x");
		generations_end(&l);
		assert_true(l.n <= GENERATIONS_SIZE);
	}
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_file_stays_until_the_writer_uses_a_later_one),
		T(what_is_released_again_or_was_never_there_changes_nothing),
		T(an_end_keeps_the_file_before_it),
		T(there_is_room_for_an_end_when_it_is_full),
		T(there_is_room_for_all_that_may_be_added),
	};

	return cmocka_run_group_tests_name("generations", tests, NULL, NULL);
}
