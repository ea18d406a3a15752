/*
 * Sealing a file in its place, where each call of the system fails in turn:
 * the old file stays as it was, or the new one is there, whole, and nothing is
 * left beside it. The linker puts the functions here in front of the system's.
 */
#include <sys/stat.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <cmocka.h>

#include "../folder.h"
#include "columnar.h"
#include "seal_file.h"
#include "segment_index.h"

static const struct block_options options = { .compression = COMPRESS_ZSTD,
	.seed = 3 };
static const char name[] = "20261123T100500Z.flow";

/* Which call fails, counted from 1; 0: none. What the others do. */
static struct {
	unsigned calls, fail_at;
	int error;
	bool is_short;	/* writes take half of what is given */
	bool failed;
} faults;

static bool
call_fails(void)
{
	faults.calls++;
	if (faults.calls != faults.fail_at)
		return false;
	faults.failed = true;
	errno = faults.error;
	return true;
}

ssize_t __real_write(int fd, const void *p, size_t n);
ssize_t __wrap_write(int fd, const void *p, size_t n);
int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_close(int fd);
int __wrap_close(int fd);
int __real_openat(int dir, const char *path, int flags, ...);
int __wrap_openat(int dir, const char *path, int flags, mode_t mode);
int __wrap_openat64(int dir, const char *path, int flags, mode_t mode);
int __real_renameat(int from_dir, const char *from, int dir, const char *to);
int __wrap_renameat(int from_dir, const char *from, int dir, const char *to);

/* A full disk takes a part first. */
ssize_t
__wrap_write(int fd, const void *p, size_t n)
{
	if (call_fails())
		return -1;
	if ((faults.is_short || faults.calls + 1 == faults.fail_at) && n > 1)
		n /= 2;
	return __real_write(fd, p, n);
}

int
__wrap_fsync(int fd)
{
	return call_fails() ? -1 : __real_fsync(fd);
}

/* It is closed, too, when that fails. */
int
__wrap_close(int fd)
{
	int bad = call_fails() ? -1 : 0, error = errno;

	if (__real_close(fd) == -1)
		return -1;
	errno = error;
	return bad;
}

int
__wrap_openat(int dir, const char *path, int flags, mode_t mode)
{
	return call_fails() ? -1 : __real_openat(dir, path, flags, mode);
}

/* Its name where files may be large. */
int
__wrap_openat64(int dir, const char *path, int flags, mode_t mode)
{
	return __wrap_openat(dir, path, flags, mode);
}

int
__wrap_renameat(int from_dir, const char *from, int dir, const char *to)
{
	return call_fails() ? -1 : __real_renameat(from_dir, from, dir, to);
}

struct folder {
	char path[FOLDER_PATH];
	int fd;
	struct buf segment;
};

static void
put_file(const struct folder *f)
{
	int fd = __real_openat(f->fd, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd != -1);
	assert_int_equal(__real_write(fd, f->segment.ptr, f->segment.len),
	    f->segment.len);
	(void)__real_close(fd);
}

/* Large blocks are written as they are, small ones are joined behind them. */
static void
folder_init(struct folder *f)
{
	assert_int_equal(folder_make(f->path), 0);
	f->fd = open(f->path, O_RDONLY | O_DIRECTORY);
	assert_true(f->fd != -1);
	buf_init(&f->segment, 64 * 1024 * 1024);
	columnar_block(&f->segment, 0, BLOCK_ROWS / 2, COMPRESS_LZ4);
	for (uint64_t i = 0; i < 5; i++)
		columnar_block(&f->segment, BLOCK_ROWS / 2 + i * 100, 100,
		    COMPRESS_NONE);
	put_file(f);
}

/* Nothing but the segment is in it. */
static void
folder_fini(struct folder *f)
{
	assert_int_equal(unlinkat(f->fd, name, 0), 0);
	assert_int_equal(rmdir(f->path), 0);
	(void)__real_close(f->fd);
	buf_fini(&f->segment);
}

static struct buf
get_file(const struct folder *f)
{
	int fd = __real_openat(f->fd, name, O_RDONLY);
	struct buf b;
	ssize_t n;

	buf_init(&b, 64 * 1024 * 1024);
	assert_true(fd != -1);
	while ((n = read(fd, buf_room(&b, 65536), 65536)) > 0)
		b.len += (size_t)n;
	(void)__real_close(fd);
	return b;
}

static bool
is_old(const struct folder *f, const struct buf *b)
{
	return b->len == f->segment.len &&
	    memcmp(b->ptr, f->segment.ptr, b->len) == 0;
}

/* It has an index, and the flows of the old one. */
static bool
is_sealed(const struct buf *b)
{
	struct segment_index ix;

	return segment_index_find(
		   (struct bytes) { b->ptr, b->len }, &ix, NULL) == 0 &&
	    ix.nrows == BLOCK_ROWS / 2 + 500;
}

static int
folder_seal(const struct folder *f, unsigned fail_at, int error,
    struct flowd_error *err)
{
	struct seal_report report;
	int bad;

	faults.calls = 0;
	faults.fail_at = fail_at;
	faults.error = error;
	faults.failed = false;
	bad = seal_file(f->fd, name, &options, &report, err);
	faults.fail_at = 0;
	return bad;
}

static void
assert_stays_or_is_sealed(int error)
{
	struct folder f;
	unsigned sealed = 0, stayed = 0;

	folder_init(&f);
	for (unsigned at = 1;; at++) {
		struct flowd_error err = { .text = "" };
		int bad = folder_seal(&f, at, error, &err);
		struct buf b = get_file(&f);

		if (!faults.failed) {
			assert_int_equal(bad, 0);
			buf_fini(&b);
			break;
		}
		if (bad != 0) {
			assert_int_equal(bad, FLOWD_EIO);
			assert_non_null(strstr(err.text, name));
			assert_non_null(strstr(err.text, strerror(error)));
			assert_true(is_old(&f, &b));
			stayed++;
		} else {
			/* What came behind the rename matters no more. */
			assert_true(is_sealed(&b));
			sealed++;
			put_file(&f);
		}
		buf_fini(&b);
	}
	/* Two opens, three writes, fsync, close, rename; then the directory. */
	assert_true(stayed >= 8);
	assert_true(sealed > 0);
	folder_fini(&f);
}

static void
seal_file_stays_when_the_disk_is_full(void **unused)
{
	(void)unused;
	assert_stays_or_is_sealed(ENOSPC);
}

static void
seal_file_stays_when_the_disk_fails(void **unused)
{
	(void)unused;
	assert_stays_or_is_sealed(EIO);
}

static void
seal_file_goes_on_after_short_and_interrupted_writes(void **unused)
{
	struct flowd_error err;
	struct folder f;
	struct buf b;

	(void)unused;
	folder_init(&f);
	faults.is_short = true;
	assert_int_equal(folder_seal(&f, 0, 0, &err), 0);
	b = get_file(&f);
	assert_true(is_sealed(&b));
	buf_fini(&b);
	put_file(&f);
	/* The first call opens, the second one too. */
	assert_int_equal(folder_seal(&f, 3, EINTR, &err), 0);
	assert_true(faults.failed);
	b = get_file(&f);
	assert_true(is_sealed(&b));
	buf_fini(&b);
	faults.is_short = false;
	folder_fini(&f);
}

/* What a crash left is no hindrance. */
static void
seal_file_writes_over_what_was_left_beside_it(void **unused)
{
	struct flowd_error err;
	struct folder f;
	struct buf b;
	int fd;

	(void)unused;
	folder_init(&f);
	fd = __real_openat(f.fd, ".20261123T100500Z.flow.tmp",
	    O_WRONLY | O_CREAT, 0600);
	assert_int_equal(__real_write(fd, f.segment.ptr, f.segment.len),
	    f.segment.len);
	(void)__real_close(fd);
	assert_int_equal(folder_seal(&f, 0, 0, &err), 0);
	b = get_file(&f);
	assert_true(is_sealed(&b));
	buf_fini(&b);
	folder_fini(&f);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(seal_file_stays_when_the_disk_is_full),
		cmocka_unit_test(seal_file_stays_when_the_disk_fails),
		cmocka_unit_test(
		    seal_file_goes_on_after_short_and_interrupted_writes),
		cmocka_unit_test(seal_file_writes_over_what_was_left_beside_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
