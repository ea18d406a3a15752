/* The log file under failure: flowd/writer/logfile.c. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../folder.h"
#include "logfile.h"
#include "logfile_open.h"
#include "v3.h"
#include "wire_le.h"

enum {
	RECORD = 16 /* octets of the records here */
};

static struct {
	char dir[FOLDER_PATH];
	char path[FOLDER_PATH + 8];
	struct file_access access;
	struct logfile log;
	uint8_t waiting[RECORD * 8192]; /* what the log did not take yet */
	size_t nwaiting;
	bool count; /* flows are not known beforehand; every other time */
} t;

/* As its caller does: give what is not out again, and no other. */
static void
logfile_retry(void)
{
	size_t done = t.nwaiting == 0 ? 0
	    : logfile_write(&t.log,
		  (struct bytes){ t.waiting, t.nwaiting },
		  t.count ? UNIT_UNKNOWN
			  : unit_flows(t.log.kind,
				(struct bytes){ t.waiting, t.nwaiting }));

	t.count = !t.count;
	t.nwaiting -= done;
	memmove(t.waiting, t.waiting + done, t.nwaiting);
}

static void
record_put(unsigned n)
{
	uint8_t *records = t.waiting + t.nwaiting;

	assert_true(t.nwaiting + (size_t)n * RECORD <= sizeof(t.waiting));
	for (unsigned i = 0; i < n; i++) {
		uint8_t *p = records + (size_t)i * RECORD;

		memset(p, 0, RECORD);
		p[0] = 0x60;
		p[1] = (RECORD - V3_HEAD) / 4;
		store_be32(p + 12, i);
	}
	t.nwaiting += (size_t)n * RECORD;
	logfile_retry();
}

static off_t
size_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

/* No file may grow past this, as if the disk were full. */
static void
limit_files(rlim_t octets)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = octets;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static int
test_reopen(struct logfile *lf, const char *path,
    const struct file_access *access, struct flowd_error *err)
{
	int fd = logfile_open(path, access, err);

	if (fd == -1)
		return FLOWD_EIO;
	return logfile_adopt(lf, UNIT_RECORDS, path, fd, err);
}

static int
test_open(struct logfile *lf, const char *path,
    const struct file_access *access, struct flowd_error *err)
{
	int bad;

	logfile_init(lf);
	bad = test_reopen(lf, path, access, err);
	if (bad == 0)
		logfile_repair(lf);
	return bad;
}

static int
setup(void **state)
{
	struct flowd_error err;

	(void)state;
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(folder_make(t.dir), 0);
	(void)snprintf(t.path, sizeof(t.path), "%s/log", t.dir);
	t.nwaiting = 0;
	t.access = (struct file_access){ .mode = 0 };
	return test_open(&t.log, t.path, &t.access, &err);
}

static int
teardown(void **state)
{
	(void)state;
	limit_files(RLIM_INFINITY);
	logfile_close(&t.log);
	(void)unlink(t.path);
	return rmdir(t.dir);
}

static void
records_are_appended_and_counted(void **state)
{
	(void)state;
	record_put(3);
	record_put(0);
	record_put(2);
	assert_int_equal(size_of(t.path), 5 * RECORD);
	assert_int_equal(t.log.written, 5);
	assert_int_equal(t.nwaiting, 0);
}

static void
a_write_that_fails_is_made_up_for(void **state)
{
	(void)state;
	record_put(2);
	limit_files(2 * RECORD);
	record_put(3);
	assert_int_equal(t.nwaiting, 3 * RECORD);
	assert_int_equal(t.log.error, EFBIG);
	assert_int_equal(size_of(t.path), 2 * RECORD);
	assert_false(logfile_blocked(&t.log));
	limit_files(RLIM_INFINITY);
	record_put(1);
	assert_int_equal(size_of(t.path), 6 * RECORD);
	assert_int_equal(t.log.written, 6);
	assert_int_equal(t.log.error, 0);
	assert_int_equal(t.nwaiting, 0);
}

static void
a_partial_write_leaves_no_torn_record(void **state)
{
	(void)state;
	for (unsigned room = 0; room <= 3 * RECORD; room++) {
		limit_files(RLIM_INFINITY);
		assert_int_equal(truncate(t.path, 0), 0);
		limit_files(room);
		t.log.written = 0;
		record_put(3);
		assert_int_equal(size_of(t.path), room / RECORD * RECORD);
		assert_int_equal(t.log.written, room / RECORD);
		logfile_retry();
		assert_int_equal(size_of(t.path), room / RECORD * RECORD);
		limit_files(RLIM_INFINITY);
		logfile_retry();
		assert_int_equal(size_of(t.path), 3 * RECORD);
		assert_int_equal(t.nwaiting, 0);
	}
}

/* A block is longer, and what is in it counts. */
static void
a_block_is_never_torn(void **state)
{
	enum { BLOCK = 1000 };
	struct flowd_error err;
	struct stat st;
	int fd = open(t.path, O_RDWR | O_APPEND | O_NONBLOCK);

	(void)state;
	assert_int_equal(unlink(t.path), 0);
	assert_int_equal(fstat(fd, &st), 0);
	logfile_close(&t.log);
	assert_int_equal(
	    logfile_adopt(&t.log, UNIT_BLOCKS, t.path, fd, &err), 0);
	memset(t.waiting, 0, sizeof(t.waiting));
	for (unsigned i = 0; i < 3; i++) {
		store_le32(t.waiting + i * BLOCK + 12, 100);
		store_le32(t.waiting + i * BLOCK + 16, BLOCK - 100);
		store_le32(t.waiting + i * BLOCK + 20, 7);
	}
	t.nwaiting = 3 * BLOCK;
	limit_files(2 * BLOCK + 999);
	logfile_retry();
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 2 * BLOCK);
	assert_int_equal(t.log.written, 14);
	assert_int_equal(t.nwaiting, BLOCK);
	limit_files(RLIM_INFINITY);
	logfile_retry();
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 3 * BLOCK);
	assert_int_equal(t.log.written, 21);
}

static void
what_others_append_is_never_taken_back(void **state)
{
	int fd = open(t.path, O_WRONLY | O_APPEND);

	(void)state;
	assert_true(fd >= 0);
	record_put(1);
	assert_int_equal(write(fd, "other", 5), 5);
	limit_files(RECORD + 5 + 8);
	record_put(2);
	assert_int_equal(size_of(t.path), RECORD + 5);
	limit_files(RLIM_INFINITY);
	record_put(1);
	assert_int_equal(size_of(t.path), 4 * RECORD + 5);
	(void)close(fd);
}

static void
a_pipe_continues_the_record_that_was_cut(void **state)
{
	static uint8_t got[RECORD * 10000];
	struct flowd_error err;
	size_t len = 0;
	ssize_t n;
	int fd;

	(void)state;
	assert_int_equal(unlink(t.path), 0);
	assert_int_equal(mkfifo(t.path, 0600), 0);
	assert_int_equal(test_reopen(&t.log, t.path, &t.access, &err), 0);
	fd = open(t.path, O_RDONLY | O_NONBLOCK);
	assert_true(fd >= 0);
	/* Odd reads leave room for parts of records. */
	record_put(4096);
	record_put(4096);
	assert_true(logfile_blocked(&t.log));
	while ((n = read(fd, got + len, 4999)) > 0) {
		len += (size_t)n;
		logfile_retry();
	}
	assert_int_equal(len, 8192 * RECORD);
	for (unsigned i = 0; i < 8192; i++)
		assert_int_equal(load_be32(got + i * RECORD + 12), i % 4096);
	assert_int_equal(t.nwaiting, 0);
	(void)close(fd);
}

static void
a_file_reopened_begins_with_a_whole_record(void **state)
{
	static uint8_t drain[65536];
	struct flowd_error err;
	char other[100];
	int fd;

	(void)state;
	assert_int_equal(unlink(t.path), 0);
	assert_int_equal(mkfifo(t.path, 0600), 0);
	assert_int_equal(test_reopen(&t.log, t.path, &t.access, &err), 0);
	fd = open(t.path, O_RDONLY | O_NONBLOCK);
	assert_true(fd >= 0);
	record_put(8192);
	assert_true(read(fd, drain, 5001) > 0);
	logfile_retry();
	(void)snprintf(other, sizeof(other), "%s/other", t.dir);
	assert_int_equal(test_reopen(&t.log, other, &t.access, &err), 0);
	logfile_retry();
	assert_int_equal(t.nwaiting, 0);
	assert_int_equal(size_of(other) % RECORD, 0);
	assert_int_equal(t.log.written, 8192);
	(void)unlink(other);
	(void)close(fd);
}

/* A part of a record could not be taken back; others went on behind it. */
static void
no_more_than_the_last_write_is_taken_back(void **state)
{
	int fd = open(t.path, O_WRONLY | O_APPEND);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "a partother", 11), 11);
	t.log.sent = 6;
	limit_files(11 + 3);
	record_put(1);
	limit_files(RLIM_INFINITY);
	assert_int_equal(size_of(t.path), 11 + 3);
	logfile_retry();
	assert_int_equal(size_of(t.path), 11 + RECORD - 6);
	assert_int_equal(t.nwaiting, 0);
	(void)close(fd);
}

/* An engine that somebody else has taken over may do so. */
static void
units_that_shrink_are_not_read_past_their_end(void **state)
{
	uint8_t four[4] = { 0x60, 2, 0, 0 };

	(void)state;
	t.log.sent = 8; /* of a record, as into a pipe */
	assert_int_equal(logfile_write(&t.log,
			     (struct bytes){ four, sizeof(four) },
			     UNIT_UNKNOWN),
	    sizeof(four));
	assert_false(logfile_is_partial(&t.log));
	assert_int_equal(size_of(t.path), 0);
}

static void
a_failed_reopen_keeps_the_old_file(void **state)
{
	struct flowd_error err;

	(void)state;
	assert_int_equal(
	    test_reopen(&t.log, "/nonexistent/x", &t.access, &err),
	    FLOWD_EIO);
	assert_string_equal(err.text,
	    "cannot open logfile /nonexistent/x: No such file or directory");
	record_put(1);
	assert_int_equal(size_of(t.path), RECORD);
}

/* What there is stays, what comes waits: nothing is torn, nothing is lost. */
static void
a_file_that_has_its_max_gets_no_more(void **state)
{
	char moved[sizeof(t.path) + 8];
	struct flowd_error err;

	(void)state;
	t.log.max_octets = 10 * RECORD + RECORD - 1;
	record_put(8);
	assert_int_equal(t.log.error, 0);
	record_put(5);
	assert_int_equal(size_of(t.path), 10 * RECORD);
	assert_int_equal(t.nwaiting, 3 * RECORD);
	assert_true(t.log.full && t.log.error == EFBIG);
	assert_non_null(strstr(logfile_reason(
	    &t.log), "the file has reached \"max\""));
	record_put(1);
	assert_int_equal(size_of(t.path), 10 * RECORD);
	assert_int_equal(t.log.written, 10);
	/* It may be made shorter. */
	assert_int_equal(truncate(t.path, 0), 0);
	logfile_retry();
	assert_int_equal(t.log.error, 0);
	assert_int_equal(size_of(t.path), 4 * RECORD);
	record_put(10);
	assert_true(t.log.full);
	/* Or be moved out of the way. */
	(void)snprintf(moved, sizeof(moved), "%s.1", t.path);
	assert_int_equal(rename(t.path, moved), 0);
	assert_int_equal(
	    test_reopen(&t.log, t.path, &t.access, &err), 0);
	logfile_retry();
	assert_false(t.log.full);
	assert_int_equal(size_of(moved), 10 * RECORD);
	assert_int_equal(size_of(t.path), 4 * RECORD);
	assert_int_equal(t.nwaiting, 0);
	assert_int_equal(t.log.written, 24);
	assert_int_equal(unlink(moved), 0);
	/* It counts for files only. */
	t.log.regular = false;
	t.log.max_octets = 1;
	record_put(1);
	assert_int_equal(t.log.error, 0);
	t.log.regular = true;
}

static void
a_group_may_read_it(void **state)
{
	struct flowd_error err;
	struct stat st;

	(void)state;
	assert_int_equal(stat(t.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	/* What was said by hand stays, until something is said here. */
	assert_int_equal(chmod(t.path, 0644), 0);
	assert_int_equal(
	    test_reopen(&t.log, t.path, &t.access, &err), 0);
	assert_int_equal(stat(t.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	t.access = (struct file_access){ .mode = 0640, .group = getegid(),
		.has_group = true };
	assert_int_equal(
	    test_reopen(&t.log, t.path, &t.access, &err), 0);
	assert_int_equal(stat(t.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(st.st_gid, getegid());
}

static void
what_is_refused_keeps_its_mode(void **state)
{
	static const uint8_t v2[16] = { 0x01, 0x2c, 0xf0, 0x47, 0, 0, 0, 2 };
	const struct file_access all = { .mode = 0644 };
	struct flowd_error err;
	struct stat st;
	int fd;

	(void)state;
	assert_int_equal(truncate(t.path, 0), 0);
	assert_true((fd = open(t.path, O_WRONLY)) != -1);
	assert_int_equal(write(fd, v2, sizeof(v2)), sizeof(v2));
	assert_int_equal(close(fd), 0);
	assert_int_equal(logfile_open(t.path, &all, &err), -1);
	assert_non_null(strstr(err.text, "version 2"));
	assert_int_equal(stat(t.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

/* A new file in place of the one that is gone, which has no name either. */
static bool
is_gone_again(void)
{
	struct flowd_error err;
	struct stat st;
	int fd = logfile_open(t.path, &t.access, &err);

	assert_true(fd != -1);
	assert_int_equal(unlink(t.path), 0);
	assert_int_equal(
	    logfile_adopt(&t.log, UNIT_RECORDS, t.path, fd, &err), 0);
	assert_int_equal(fstat(t.log.fd, &st), 0);
	return logfile_is_removed(&t.log, &st);
}

static void
removed_again_and_again_is_no_file_system_without_links(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(unlink(t.path), 0);
	assert_int_equal(fstat(t.log.fd, &st), 0);
	assert_true(logfile_is_removed(&t.log, &st));
	/* Once may be chance. */
	assert_true(is_gone_again());
	assert_false(is_gone_again());
	/* A name shows that they are counted. */
	assert_int_equal(
	    test_reopen(&t.log, t.path, &t.access, NULL), 0);
	assert_true(is_gone_again());
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(records_are_appended_and_counted),
		T(what_is_refused_keeps_its_mode),
		T(removed_again_and_again_is_no_file_system_without_links),
		T(a_write_that_fails_is_made_up_for),
		T(a_partial_write_leaves_no_torn_record),
		T(a_block_is_never_torn),
		T(what_others_append_is_never_taken_back),
		T(no_more_than_the_last_write_is_taken_back),
		T(a_pipe_continues_the_record_that_was_cut),
		T(a_file_reopened_begins_with_a_whole_record),
		T(units_that_shrink_are_not_read_past_their_end),
		T(a_failed_reopen_keeps_the_old_file),
		T(a_file_that_has_its_max_gets_no_more),
		T(a_group_may_read_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
