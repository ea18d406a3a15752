/* What writers leave to each other: flowd/ipc/write_intent.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "memory.h"
#include "write_intent.h"

enum { INTENTS = 100 };

static struct write_intent intent;

static int
setup(void **state)
{
	(void)state;
	memset(&intent, 0, sizeof(intent));
	write_intent_begin(&intent, 1);
	return 0;
}

static struct stat
file_stat(unsigned device, unsigned inode, off_t size)
{
	struct stat st;

	memset(&st, 0, sizeof(st));
	st.st_dev = device;
	st.st_ino = inode;
	st.st_size = size;
	return st;
}

static void
assert_written(size_t len, unsigned device, unsigned inode, off_t size)
{
	const struct stat st = file_stat(device, inode, size);

	assert_int_equal(write_intent_written(&intent, &st), len);
}

static void
intent_store(size_t len)
{
	const struct stat st = file_stat(1, 2, 5000);

	write_intent_set(&intent, len, &st);
}

static void
what_a_writer_wrote_before_it_died_is_known(void **state)
{
	(void)state;
	assert_written(0, 1, 2, 5300);
	intent_store(1160);
	assert_written(0, 1, 2, 5000);
	assert_written(300, 1, 2, 5300);
	assert_written(1160, 1, 2, 6160);
	/* Another file, or one that somebody else wrote to or cut. */
	assert_written(0, 1, 3, 5300);
	assert_written(0, 9, 2, 5300);
	assert_written(0, 1, 2, 4999);
	assert_written(0, 1, 2, 6161);
	write_intent_clear(&intent);
	assert_written(0, 1, 2, 5300);
	intent_store(1160);
	assert_written(300, 1, 2, 5300);
	/* What was taken is not written again. */
	intent.taken += 116;
	assert_written(0, 1, 2, 5300);
}

/* A ring that comes again does not; another one in its place does. */
static void
a_note_is_of_one_ring(void **state)
{
	(void)state;
	intent.taken = 700;
	intent_store(1160);
	write_intent_begin(&intent, 1);
	assert_int_equal(intent.taken, 700);
	assert_written(300, 1, 2, 5300);
	write_intent_begin(&intent, 2);
	assert_int_equal(intent.taken, 0);
	assert_written(0, 1, 2, 5300);
}

static void
notes_outlive_who_wrote_them(void **state)
{
	int fd = memory_create("intents", write_intent_size(INTENTS));
	struct write_intent *one = write_intent_map(INTENTS, fd), *next;

	(void)state;
	assert_non_null(one);
	for (unsigned i = 0; i < INTENTS; i++) {
		assert_int_equal(one[i].serial, 0);
		write_intent_begin(&one[i], i + 1);
		one[i].taken = i;
	}
	write_intent_unmap(one, INTENTS);
	next = write_intent_map(INTENTS, fd);
	assert_non_null(next);
	for (unsigned i = 0; i < INTENTS; i++) {
		write_intent_begin(&next[i], i + 1);
		assert_int_equal(next[i].taken, i);
	}
	write_intent_unmap(next, INTENTS);
	assert_int_equal(close(fd), 0);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup(name, setup)
	const struct CMUnitTest tests[] = {
		T(what_a_writer_wrote_before_it_died_is_known),
		T(a_note_is_of_one_ring),
		T(notes_outlive_who_wrote_them),
	};

	return cmocka_run_group_tests_name("write_intent", tests, NULL, NULL);
}
