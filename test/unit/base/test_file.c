/* How files are opened: lib/base/file.c. */
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../folder.h"
#include "file.h"

static const char name[] = "20261123T100500Z.flow";
static const struct file_access usual = { .mode = 0 };

static struct {
	char folder[FOLDER_PATH];
	int dir;
} t;

static int
setup(void **state)
{
	(void)state;
	/* Nothing here waits for the other end of a FIFO. */
	(void)alarm(60);
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

static void
file_put(const char *file, mode_t mode)
{
	int fd = openat(t.dir, file, O_WRONLY | O_CREAT, mode);

	assert_true(fd != -1);
	assert_int_equal(write(fd, "abc", 3), 3);
	assert_int_equal(close(fd), 0);
}

static const char *
path_of(const char *file)
{
	static char path[FOLDER_PATH + 64];

	(void)snprintf(path, sizeof(path), "%s/%s", t.folder, file);
	return path;
}

static mode_t
mode_of(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return st.st_mode & 07777;
}

static void
only_regular_files_are_read(void **state)
{
	int fd;

	(void)state;
	file_put("file", 0600);
	assert_int_equal(symlinkat("file", t.dir, "link"), 0);
	assert_int_equal(mkfifoat(t.dir, "fifo", 0600), 0);
	assert_int_equal(mkdirat(t.dir, "folder", 0700), 0);
	assert_true((fd = file_open_read(t.dir, "file")) != -1);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	(void)close(fd);
	assert_int_equal(file_open_read(t.dir, "link"), -1);
	assert_int_equal(file_open_read(t.dir, "fifo"), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(file_open_read(t.dir, "folder"), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(file_open_read(t.dir, "none"), -1);
	assert_int_equal(errno, ENOENT);
}

static void
what_is_made_was_not_there(void **state)
{
	const struct file_access group = { .mode = 0640, .group = getegid(),
		.has_group = true };
	mode_t before = umask(0277);
	int fd;

	(void)state;
	assert_int_equal(mkfifoat(t.dir, "fifo", 0600), 0);
	assert_int_equal(symlinkat("elsewhere", t.dir, "link"), 0);
	assert_int_equal(file_create(t.dir, "fifo", O_WRONLY, &usual), -1);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(file_create(t.dir, "link", O_WRONLY, &usual), -1);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(faccessat(t.dir, "elsewhere", F_OK, 0), -1);
	fd = file_create(t.dir, "a", O_RDWR | O_APPEND, &usual);
	assert_int_equal(mode_of(fd), 0600);
	assert_true(fcntl(fd, F_GETFL) & O_APPEND);
	(void)close(fd);
	fd = file_create(t.dir, "b", O_WRONLY, &group);
	assert_int_equal(mode_of(fd), 0640);
	(void)close(fd);
	(void)umask(before);
}

static void
a_group_that_it_cannot_have_leaves_nothing(void **state)
{
	const struct file_access wheel = { .mode = 0640, .has_group = true };

	(void)state;
	if (geteuid() == 0 || getegid() == 0)
		skip();
	assert_int_equal(file_create(t.dir, "a", O_WRONLY, &wheel), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(faccessat(t.dir, "a", F_OK, 0), -1);
}

static void
names_beside_are_another_each_time(void **state)
{
	char a[sizeof(name) + FILE_BESIDE_MORE], b[sizeof(a)];
	char of[sizeof(name)];
	int fd;

	(void)state;
	fd = file_create_beside(t.dir, name, &usual, a);
	assert_true(fd != -1);
	assert_int_equal(mode_of(fd), 0600);
	(void)close(fd);
	(void)close(file_create_beside(t.dir, name, &usual, b));
	assert_string_not_equal(a, b);
	assert_int_equal(faccessat(t.dir, a, F_OK, 0), 0);
	assert_true(strlen(a) < sizeof(a));
	assert_true(file_is_beside(a, of, sizeof(of)));
	assert_string_equal(of, name);
	assert_true(file_is_beside(".x.flow.tmp", of, sizeof(of)));
	assert_string_equal(of, "x.flow");
	assert_true(file_is_beside(".x.0123456789abcde.tmp", of,
	    sizeof(of) + 2));
	assert_string_equal(of, "x.0123456789abcde");
	assert_false(file_is_beside(a, of, sizeof(of) - 1));
	assert_false(file_is_beside(name, of, sizeof(of)));
	assert_false(file_is_beside("x.tmp", of, sizeof(of)));
	assert_false(file_is_beside(".tmp", of, sizeof(of)));
	assert_false(file_is_beside(".x.tmp2", of, sizeof(of)));
	assert_false(file_is_beside("", of, sizeof(of)));
}

static bool
has_text(const char *file, const char *text)
{
	int fd = file_open_read(t.dir, file);
	char got[16] = "";

	assert_true(fd != -1);
	assert_true(read(fd, got, sizeof(got) - 1) >= 0);
	(void)close(fd);
	return strcmp(got, text) == 0;
}

static void
what_is_replaced_is_so_at_once(void **state)
{
	const struct file_access all = { .mode = 0644 };
	struct stat st;

	(void)state;
	file_put("file", 0600);
	assert_int_equal(symlinkat("file", t.dir, "link"), 0);
	assert_int_equal(file_replace(t.dir, "link", &all, "new", 3), 0);
	assert_true(has_text("file", "abc"));
	assert_true(has_text("link", "new"));
	assert_int_equal(fstatat(t.dir, "link", &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(mkdirat(t.dir, "folder", 0700), 0);
	assert_int_equal(file_replace(t.dir, "folder", &all, "new", 3), -1);
	assert_int_equal(errno, EISDIR);
	/* Nothing is left beside it. */
	assert_int_equal(unlinkat(t.dir, "folder", AT_REMOVEDIR), 0);
	assert_int_equal(unlinkat(t.dir, "file", 0), 0);
	assert_int_equal(unlinkat(t.dir, "link", 0), 0);
	assert_int_equal(rmdir(t.folder), 0);
	assert_int_equal(mkdir(t.folder, 0700), 0);
}

static void
a_file_of_our_own_is_no_link(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(symlinkat("elsewhere", t.dir, "link"), 0);
	assert_int_equal(file_open_own(path_of("link"), O_RDWR | O_CREAT),
	    -1);
	assert_int_equal(faccessat(t.dir, "elsewhere", F_OK, 0), -1);
	fd = file_open_own(path_of("a"), O_RDWR | O_CREAT);
	assert_int_equal(mode_of(fd) & 077, 0);
	(void)close(fd);
}

static void
a_log_may_be_a_fifo_or_a_link_of_our_own(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(mkfifoat(t.dir, "fifo", 0600), 0);
	assert_int_equal(symlinkat("log", t.dir, "link"), 0);
	assert_true((fd = file_open_log(path_of("fifo"))) != -1);
	(void)close(fd);
	assert_true((fd = file_open_log(path_of("link"))) != -1);
	assert_true(fcntl(fd, F_GETFL) & O_APPEND);
	assert_int_equal(mode_of(fd) & 077, 0);
	(void)close(fd);
	assert_int_equal(faccessat(t.dir, "log", F_OK, 0), 0);
	assert_int_equal(file_open_log(path_of("no/log")), -1);
	assert_int_equal(errno, ENOENT);
	if (geteuid() != 0)
		skip();
	assert_int_equal(fchownat(t.dir, "link", 65534, (gid_t)-1,
	    AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(file_open_log(path_of("link")), -1);
	assert_int_equal(errno, EPERM);
}

static void
a_directory_may_be_a_link_of_our_own(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(mkdirat(t.dir, "folder", 0700), 0);
	assert_int_equal(symlinkat("folder", t.dir, "link"), 0);
	file_put("file", 0600);
	assert_true((fd = file_open_directory(path_of("folder"))) != -1);
	(void)close(fd);
	assert_true((fd = file_open_directory(path_of("link"))) != -1);
	(void)close(fd);
	assert_int_equal(file_open_directory(path_of("file")), -1);
	assert_int_equal(errno, ENOTDIR);
	if (geteuid() != 0)
		skip();
	assert_int_equal(fchownat(t.dir, "link", 65534, (gid_t)-1,
	    AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(file_open_directory(path_of("link")), -1);
	assert_int_equal(errno, EPERM);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(only_regular_files_are_read),
		TEST(what_is_made_was_not_there),
		TEST(a_group_that_it_cannot_have_leaves_nothing),
		TEST(names_beside_are_another_each_time),
		TEST(what_is_replaced_is_so_at_once),
		TEST(a_file_of_our_own_is_no_link),
		TEST(a_log_may_be_a_fifo_or_a_link_of_our_own),
		TEST(a_directory_may_be_a_link_of_our_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
