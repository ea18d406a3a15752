/*
 * A file that takes the place of another one is on the disk before it does,
 * and so is that it does: lib/base/file.c. The linker puts the functions here
 * in front of the system's.
 */
#include <sys/stat.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <cmocka.h>

#include "../folder.h"
#include "file.h"

static const struct file_access owner = { .mode = 0 };

static struct {
	char folder[FOLDER_PATH];
	int dir;
	char calls[64]; /* a letter each */
	bool full; /* the disk */
} t;

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_renameat(int from_dir, const char *from, int dir, const char *to);
int __wrap_renameat(int from_dir, const char *from, int dir, const char *to);

static void
call_note(char call)
{
	size_t n = strlen(t.calls);

	assert_true(n + 1 < sizeof(t.calls));
	t.calls[n] = call;
	t.calls[n + 1] = '\0';
}

/* F: of the new file, with all that it is to have; D: of its directory. */
int
__wrap_fsync(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	if (S_ISREG(st.st_mode))
		assert_int_equal(st.st_size, 3);
	call_note(S_ISDIR(st.st_mode) ? 'D' : 'F');
	if (t.full) {
		errno = ENOSPC;
		return -1;
	}
	return __real_fsync(fd);
}

int
__wrap_renameat(int from_dir, const char *from, int dir, const char *to)
{
	call_note('R');
	return __real_renameat(from_dir, from, dir, to);
}

static int
setup(void **state)
{
	(void)state;
	t.calls[0] = '\0';
	t.full = false;
	if (folder_make(t.folder) != 0)
		return -1;
	t.dir = open(t.folder, O_RDONLY | O_DIRECTORY);
	return t.dir == -1;
}

static int
teardown(void **state)
{
	(void)state;
	(void)close(t.dir);
	return folder_remove(t.folder);
}

static bool
file_has(const char *text)
{
	char octets[8] = "";
	int fd = file_open_read(t.dir, "name");
	ssize_t n = fd != -1 ? read(fd, octets, sizeof(octets) - 1) : -1;

	if (fd != -1)
		(void)close(fd);
	return n == (ssize_t)strlen(text) && strcmp(octets, text) == 0;
}

static void
the_new_file_is_on_the_disk_first(void **state)
{
	(void)state;
	assert_int_equal(file_replace(t.dir, "name", &owner, "old", 3), 0);
	assert_int_equal(file_replace(t.dir, "name", &owner, "new", 3), 0);
	assert_string_equal(t.calls, "FRDFRD");
	assert_true(file_has("new"));
}

static void
one_that_does_not_get_there_takes_no_place(void **state)
{
	char command[2 * FOLDER_PATH + 24];

	(void)state;
	assert_int_equal(file_replace(t.dir, "name", &owner, "old", 3), 0);
	t.full = true;
	assert_int_equal(file_replace(t.dir, "name", &owner, "new", 3), -1);
	assert_int_equal(errno, ENOSPC);
	assert_string_equal(t.calls, "FRDF");
	assert_true(file_has("old"));
	/* Nothing is left beside it. */
	assert_int_equal(unlinkat(t.dir, "name", 0), 0);
	(void)snprintf(command, sizeof(command), "rmdir %s && mkdir %s",
	    t.folder, t.folder);
	assert_int_equal(system(command), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_new_file_is_on_the_disk_first),
		TEST(one_that_does_not_get_there_takes_no_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
