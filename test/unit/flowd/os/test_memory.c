/*
 * Memory that processes share: flowd/os/memory_linux.c,
 * flowd/os/memory_posix.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "memory.h"

enum { SIZE = 64 * 1024 };

static void *
memory_map(int fd, int how)
{
	return mmap(NULL, SIZE, how, MAP_SHARED, fd, 0);
}

static void
memory_is_zeroed_and_shared(void **state)
{
	int fd = memory_create("test", SIZE);
	uint8_t *a = memory_map(fd, PROT_READ | PROT_WRITE);
	uint8_t *b = memory_map(fd, PROT_READ | PROT_WRITE);

	(void)state;
	assert_ptr_not_equal(a, MAP_FAILED);
	assert_ptr_not_equal(b, MAP_FAILED);
	assert_int_equal(a[SIZE - 1], 0);
	a[7] = 1;
	assert_int_equal(b[7], 1);
	(void)munmap(a, SIZE);
	(void)munmap(b, SIZE);
	assert_int_equal(close(fd), 0);
}

/* As a child finds it that has got the descriptor. */
static void
what_is_sealed_can_be_read_and_not_changed(void **state)
{
	int fd = memory_create("test", 0), given;
	struct stat st;
	uint8_t *p;

	(void)state;
	assert_int_equal(ftruncate(fd, SIZE), 0);
	p = memory_map(fd, PROT_READ | PROT_WRITE);
	assert_ptr_not_equal(p, MAP_FAILED);
	memcpy(p + SIZE - 5, "flowd", 5);
	(void)munmap(p, SIZE);
	assert_int_equal(memory_seal(fd), 0);
	given = dup(fd);
	p = memory_map(given, PROT_READ);
	assert_ptr_not_equal(p, MAP_FAILED);
	assert_memory_equal(p + SIZE - 5, "flowd", 5);
	assert_int_equal(mprotect(p, SIZE, PROT_READ | PROT_WRITE), -1);
	assert_ptr_equal(memory_map(given, PROT_READ | PROT_WRITE), MAP_FAILED);
	assert_int_equal(write(given, "x", 1), -1);
	assert_int_equal(ftruncate(given, 0), -1);
	assert_int_equal(ftruncate(given, 2 * SIZE), -1);
	assert_int_equal(fstat(given, &st), 0);
	assert_int_equal(st.st_size, SIZE);
	assert_memory_equal(p + SIZE - 5, "flowd", 5);
	(void)munmap(p, SIZE);
	(void)close(given);
	(void)close(fd);
}

/* Somebody could still change it. */
static void
what_is_mapped_for_writing_is_not_sealed(void **state)
{
	int fd = memory_create("test", 0);
	void *p;

	(void)state;
	if (getenv("FLOWD_PORTABLE") != NULL)
		skip();
	assert_int_equal(ftruncate(fd, SIZE), 0);
	p = memory_map(fd, PROT_READ | PROT_WRITE);
	assert_int_equal(memory_seal(fd), -1);
	(void)munmap(p, SIZE);
	assert_int_equal(memory_seal(fd), 0);
	(void)close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_and_shared),
		cmocka_unit_test(what_is_sealed_can_be_read_and_not_changed),
		cmocka_unit_test(what_is_mapped_for_writing_is_not_sealed),
	};

	return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
