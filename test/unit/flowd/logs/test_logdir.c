/* A directory of segments: flowd/logs/logdir.c and logdir_seal.c. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../folder.h"
#include "../../store/random_columns.h"
#include "block_writer.h"
#include "log.h"
#include "logdir_seal.h"
#include "seal_file.h"

enum {
	T = 1795428300, /* 2026-11-23T10:05:00Z */
	ROWS = 100
};

static struct {
	char folder[FOLDER_PATH];
	char path[FOLDER_PATH + 8];
	struct logdir_conf conf;
	struct logdir d;
	struct buf block;
} t;

static void
make_block(void)
{
	struct block_options o = { .compression = COMPRESS_LZ4 };
	struct block_writer *w = block_writer_new(&o);
	struct batch *batch = batch_new(BATCH_ROWS);
	struct random_columns b;

	random_columns_init(&b, 7);
	random_columns_fill(&b, batch, ROWS, false);
	buf_init(&t.block, 16 * 1024 * 1024);
	assert_int_equal(block_writer_add(w, batch, 0), ROWS);
	assert_int_equal(block_writer_finish(w, &t.block), ROWS);
	block_writer_free(w);
	batch_free(batch);
}

/* When the parent has to look at the directory again. */
static int64_t
wake_ms(bool can_seal, int64_t now_ms)
{
	int64_t retain = logdir_retain_ms(&t.d, now_ms);
	int64_t seal = can_seal ? logdir_seal_wake_ms(&t.d, now_ms)
				: INT64_MAX;

	return retain < seal ? retain : seal;
}

static void
open_it(void)
{
	struct flowd_error err;

	if (logdir_open(&t.d, &t.conf, &err) != 0)
		fail_msg("%s", err.text);
}

static int
setup(void **state)
{
	(void)state;
	assert_int_equal(folder_make(t.folder), 0);
	(void)snprintf(t.path, sizeof(t.path), "%s/flow", t.folder);
	t.conf = (struct logdir_conf){ .path = t.path, .rotate_sec = 300 };
	make_block();
	open_it();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	logdir_close(&t.d);
	buf_fini(&t.block);
	return folder_remove(t.folder);
}

static bool
is_there(const char *name)
{
	char path[200];

	(void)snprintf(path, sizeof(path), "%s/%s", t.path, name);
	return access(path, F_OK) == 0;
}

static void
put_file(const char *name, const void *octets, size_t len)
{
	int fd = openat(t.d.fd, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd != -1);
	assert_int_equal(write(fd, octets, len), len);
	assert_int_equal(close(fd), 0);
}

/* A segment of so many blocks, begun and written. */
static void
write_segment(int64_t now_sec, unsigned blocks)
{
	int fd = logdir_begin(&t.d, now_sec);

	assert_true(fd != -1);
	for (unsigned i = 0; i < blocks; i++)
		assert_int_equal(write(fd, t.block.ptr, t.block.len),
		    t.block.len);
	assert_int_equal(close(fd), 0);
	logdir_released(&t.d);
}

static bool
segment_seal(
    int64_t now_ms, enum logdir_sealed how, struct logdir_segment *segment)
{
	struct block_options o = { .compression = COMPRESS_ZSTD };
	struct seal_report report;
	struct flowd_error err;
	struct logdir_job job;

	*segment = (struct logdir_segment){ .name = "" };
	if (!logdir_seal_begin(&t.d, now_ms, &job))
		return false;
	if (how == LOGDIR_SEALED)
		assert_int_equal(seal_descriptor(job.from, job.to, &o,
		    &report, &err), 0);
	(void)close(job.from);
	(void)close(job.to);
	return logdir_seal_end(&t.d, now_ms, how, segment);
}

static void
a_directory_is_made(void **state)
{
	struct logdir other;
	struct flowd_error err;
	struct stat st;
	char path[120];

	(void)state;
	assert_int_equal(stat(t.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	/* But none above it, and no file is one. */
	(void)snprintf(path, sizeof(path), "%s/a/b", t.folder);
	t.conf.path = path;
	assert_int_equal(logdir_open(&other, &t.conf, &err), FLOWD_EIO);
	assert_non_null(strstr(err.text, "a/b: No such file"));
	assert_int_equal(other.fd, -1);
	t.conf.path = "/dev/null";
	assert_int_equal(logdir_open(&other, &t.conf, &err), FLOWD_EIO);
	assert_non_null(strstr(err.text, "/dev/null: Not a directory"));
	if (geteuid() != 0) {
		t.conf.path = "/";
		assert_int_equal(logdir_open(&other, &t.conf, &err),
		    FLOWD_EIO);
	}
}

static mode_t
mode_of(const char *name)
{
	struct stat st;

	assert_int_equal(fstatat(t.d.fd, name, &st, 0), 0);
	return st.st_mode & 07777;
}

/* The directory, its segments, and those that are sealed. */
static void
others_may_read_where_that_is_said(void **state)
{
	struct logdir_segment s;
	struct flowd_error err;

	(void)state;
	write_segment(T, 3);
	assert_int_equal(mode_of("."), 0700);
	t.conf.access.mode = 0644;
	logdir_configure(&t.d, &t.conf);
	assert_int_equal(mode_of("."), 0755);
	assert_int_equal(mode_of("20261123T100500Z.flow"), 0600);
	write_segment(T + 300, 1);
	assert_int_equal(mode_of("20261123T101000Z.flow"), 0644);
	assert_true(segment_seal(T + 301, LOGDIR_SEALED, &s));
	assert_int_equal(mode_of(s.name), 0644);
	/* Without that what was said by hand stays. */
	assert_int_equal(fchmod(t.d.fd, 0711), 0);
	t.conf.access.mode = 0;
	logdir_configure(&t.d, &t.conf);
	assert_int_equal(mode_of("."), 0711);
	write_segment(T + 600, 1);
	assert_int_equal(mode_of("20261123T101500Z.flow"), 0600);
	logdir_close(&t.d);
	t.conf.access.group = "no such group";
	assert_int_equal(logdir_open(&t.d, &t.conf, &err), FLOWD_EINVAL);
	assert_non_null(strstr(err.text, "group no such group does not exist"));
	t.conf.access = (struct conf_access){ .mode = 0640 };
	open_it();
	assert_int_equal(mode_of("."), 0750);
}

static void
segments_are_named_after_their_start(void **state)
{
	struct stat st;
	int fd;

	(void)state;
	assert_true(logdir_due(&t.d, T + 17));
	fd = logdir_begin(&t.d, T + 17);
	assert_true(fd != -1);
	assert_true(is_there("20261123T100517Z.flow"));
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_true(fcntl(fd, F_GETFL) & O_APPEND);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	(void)close(fd);
	assert_false(logdir_due(&t.d, T + 299));
	assert_int_equal(logdir_wake_sec(&t.d, T + 281), T + 300);
	assert_true(logdir_due(&t.d, T + 301));
	(void)close(logdir_begin(&t.d, T + 301));
	assert_true(is_there("20261123T101000Z.flow"));
	/* Not before nobody writes to the one before. */
	assert_false(logdir_due(&t.d, T + 900));
	assert_int_equal(logdir_wake_sec(&t.d, T + 900), INT64_MAX);
	logdir_retain(&t.d, T + 900, 1);
	assert_int_equal(wake_ms(true, 100), 1 + RETENTION_MS);
	logdir_released(&t.d);
	assert_true(logdir_due(&t.d, T + 900));
	/* Two of one second, as somebody wants. */
	(void)close(logdir_begin(&t.d, T + 600));
	logdir_released(&t.d);
	(void)close(logdir_begin(&t.d, T + 600));
	assert_true(is_there("20261123T101500Z.flow"));
	assert_true(is_there("20261123T101500Z-1.flow"));
	/* Never one before those that are there. */
	put_file("20261123T101500Z-7.flow", "", 0);
	logdir_released(&t.d);
	(void)close(logdir_begin(&t.d, T + 600));
	assert_true(is_there("20261123T101500Z-8.flow"));
}

/* By a clock that went back, no segment reaches past another one's start. */
static void
segments_lie_between_those_of_a_clock_that_was_ahead(void **state)
{
	(void)state;
	/* 10:05 to 10:15, of which one was begun at 10:07. */
	write_segment(T, 1);
	write_segment(T + 120, 1);
	write_segment(T + 300, 1);
	write_segment(T + 600, 1);
	assert_true(is_there("20261123T101500Z.flow"));
	/* It is 10:06: another one, that goes with the one of 10:05. */
	assert_false(logdir_due(&t.d, T + 590));
	assert_true(logdir_due(&t.d, T + 589));
	assert_true(logdir_due(&t.d, T + 60));
	write_segment(T + 60, 1);
	assert_string_equal(t.d.now.name, "20261123T100500Z-1.flow");
	assert_false(logdir_due(&t.d, T + 119));
	assert_int_equal(t.d.until_sec, T + 120);
	assert_true(logdir_due(&t.d, T + 120));
	write_segment(T + 120, 1);
	assert_string_equal(t.d.now.name, "20261123T100700Z-1.flow");
	assert_true(logdir_due(&t.d, T + 300));
	write_segment(T + 305, 1);
	assert_string_equal(t.d.now.name, "20261123T101000Z-1.flow");
	/* Somebody wants one. */
	write_segment(T + 310, 1);
	assert_string_equal(t.d.now.name, "20261123T101000Z-2.flow");
	/* After a start, too. */
	logdir_close(&t.d);
	open_it();
	write_segment(T + 320, 1);
	assert_string_equal(t.d.now.name, "20261123T101000Z-3.flow");
	/* Where none was at that time it is named after it. */
	logdir_close(&t.d);
	open_it();
	write_segment(T - 86400 + 60, 1);
	assert_string_equal(t.d.now.name, "20261122T100600Z.flow");
}

static void
without_flows_no_other_segment_is_needed(void **state)
{
	char moved[sizeof(t.path) + 8];
	int fd = logdir_begin(&t.d, T);

	(void)state;
	assert_true(logdir_is_fresh(&t.d, fd));
	assert_false(logdir_is_fresh(&t.d, -1));
	(void)snprintf(moved, sizeof(moved), "%s.old", t.path);
	assert_int_equal(rename(t.path, moved), 0);
	assert_false(logdir_is_fresh(&t.d, fd));
	assert_int_equal(rename(moved, t.path), 0);
	assert_true(logdir_is_fresh(&t.d, fd));
	assert_int_equal(unlinkat(t.d.fd, t.d.now.name, 0), 0);
	assert_false(logdir_is_fresh(&t.d, fd));
	put_file(t.d.now.name, "", 0);
	assert_false(logdir_is_fresh(&t.d, fd));
	(void)close(fd);
	logdir_released(&t.d);
	fd = logdir_begin(&t.d, T + 300);
	assert_int_equal(write(fd, t.block.ptr, t.block.len), t.block.len);
	assert_false(logdir_is_fresh(&t.d, fd));
	(void)close(fd);
}

static size_t segments_count(void);

/* But not those that somebody else may write to. */
static void
what_stayed_empty_goes_at_the_end(void **state)
{
	struct logdir other;
	int fd;

	(void)state;
	assert_int_equal(logdir_open(&other, &t.conf, NULL), 0);
	fd = logdir_begin(&other, T);
	logdir_close(&t.d);
	open_it();
	assert_int_equal(t.d.unsealed.n, 1);
	write_segment(T + 300, 0);
	(void)close(logdir_begin(&t.d, T + 600));
	assert_int_equal(segments_count(), 3);
	logdir_close(&t.d);
	open_it();
	assert_int_equal(segments_count(), 1);
	(void)close(fd);
	logdir_close(&other);
	assert_int_equal(segments_count(), 0);
}

static void
what_is_finished_is_sealed_in_its_place(void **state)
{
	struct logdir_segment s;
	struct stat before, after;

	(void)state;
	write_segment(T + 17, 50);
	assert_false(segment_seal(T + 17, LOGDIR_SEALED, &s));
	write_segment(T + 300, 1);
	assert_int_equal(fstatat(t.d.fd, "20261123T100517Z.flow", &before, 0),
	    0);
	assert_true(segment_seal(T + 301, LOGDIR_SEALED, &s));
	assert_string_equal(s.name, "20261123T100517Z.flow");
	assert_int_equal(s.start_sec, T + 17);
	assert_int_equal(s.end_sec, T + 300);
	assert_int_equal(fstatat(t.d.fd, s.name, &after, 0), 0);
	assert_true(after.st_ino != before.st_ino);
	assert_true(after.st_size < before.st_size);
	assert_int_equal(after.st_mode & 0777, 0600);
	assert_false(is_there(".20261123T100517Z.flow.tmp"));
	assert_false(segment_seal(T + 302, LOGDIR_SEALED, &s));
}

static void
what_an_earlier_run_left_is_sealed(void **state)
{
	struct logdir_segment s;

	(void)state;
	write_segment(T, 3);
	write_segment(T + 300, 3);
	write_segment(T + 600, 3);
	assert_true(segment_seal(T + 601, LOGDIR_SEALED, &s));
	put_file(".20261123T101000Z.flow.tmp", "x", 1);
	put_file(".20261123T101000Z.flow.tmp2", "x", 1);
	put_file("notes", "x", 1);
	logdir_close(&t.d);
	open_it();
	assert_false(is_there(".20261123T101000Z.flow.tmp"));
	assert_true(is_there(".20261123T101000Z.flow.tmp2"));
	assert_true(is_there("notes"));
	assert_int_equal(t.d.unsealed.n, 2);
	assert_true(segment_seal(T + 700, LOGDIR_SEALED, &s));
	assert_string_equal(s.name, "20261123T101000Z.flow");
	assert_int_equal(s.end_sec, T + 600);
	assert_true(segment_seal(T + 700, LOGDIR_SEALED, &s));
	assert_string_equal(s.name, "20261123T101500Z.flow");
	assert_true(s.end_sec >= s.start_sec);
	assert_false(segment_seal(T + 700, LOGDIR_SEALED, &s));
	logdir_close(&t.d);
	open_it();
	assert_int_equal(t.d.unsealed.n, 0);
}

static void
a_segment_that_cannot_be_sealed_stays(void **state)
{
	struct logdir_segment s;
	struct stat st;

	(void)state;
	write_segment(T, 3);
	write_segment(T + 300, 1);
	assert_false(segment_seal(T + 300, LOGDIR_SEAL_FAILED, &s));
	assert_string_equal(s.name, "20261123T100500Z.flow");
	assert_int_equal(fstatat(t.d.fd, s.name, &st, 0), 0);
	assert_int_equal(st.st_size, 3 * t.block.len);
	assert_false(is_there(".20261123T100500Z.flow.tmp"));
	assert_false(segment_seal(T + 301, LOGDIR_SEALED, &s));
	/* However the clock of the day goes meanwhile. */
	logdir_retain(&t.d, T + 301, T + 301);
	logdir_retain(&t.d, T - 86400, T + 302);
	assert_int_equal(wake_ms(true, T + 302),
	    T + 300 + UNSEALED_DELAY_FIRST_MS);
	/* Who waits for a sealer does not look for it again and again. */
	assert_int_equal(wake_ms(false,
	    T + 300 + UNSEALED_DELAY_FIRST_MS), T + 301 + RETENTION_MS);
	assert_true(
	    segment_seal(T + 300 + UNSEALED_DELAY_FIRST_MS, LOGDIR_SEALED, &s));
}

static void
a_segment_that_was_removed_does_not_come_back(void **state)
{
	struct block_options o = { .compression = COMPRESS_ZSTD };
	struct seal_report report;
	struct logdir_segment s;
	struct logdir_job job;

	(void)state;
	write_segment(T, 3);
	write_segment(T + 300, 1);
	assert_true(logdir_seal_begin(&t.d, T + 300, &job));
	/* One at a time. */
	assert_false(logdir_seal_begin(&t.d, T + 300, &job));
	assert_int_equal(
	    seal_descriptor(job.from, job.to, &o, &report, NULL), 0);
	(void)close(job.from);
	(void)close(job.to);
	assert_int_equal(unlinkat(t.d.fd, "20261123T100500Z.flow", 0), 0);
	assert_false(logdir_seal_end(&t.d, T + 301, LOGDIR_SEALED, &s));
	assert_false(is_there("20261123T100500Z.flow"));
	assert_false(is_there(".20261123T100500Z.flow.tmp"));
	assert_int_equal(t.d.unsealed.n, 0);
}

static void
what_another_process_writes_is_let_alone(void **state)
{
	struct logdir_segment s;
	struct logdir other;
	int fd;

	(void)state;
	assert_int_equal(logdir_open(&other, &t.conf, NULL), 0);
	fd = logdir_begin(&other, T);
	assert_int_equal(write(fd, t.block.ptr, t.block.len), t.block.len);
	logdir_close(&t.d);
	open_it();
	assert_int_equal(t.d.unsealed.n, 1);
	assert_false(segment_seal(T + 1, LOGDIR_SEALED, &s));
	assert_int_equal(t.d.unsealed.n, 1);
	(void)close(fd);
	logdir_close(&other);
	assert_true(
	    segment_seal(T + 1 + UNSEALED_DELAY_FIRST_MS, LOGDIR_SEALED, &s));
}

/* As a collector leaves them that was killed again and again. */
static void
many_are_found_some_at_a_time(void **state)
{
	enum { MANY = 1300 };
	struct logdir_segment s;
	char name[CATALOGUE_NAME];
	unsigned sealed = 0, turns = 0;

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		int fd;

		catalogue_name(T + i / 2, i % 2, name);
		fd = openat(t.d.fd, name, O_WRONLY | O_CREAT, 0600);
		assert_int_equal(write(fd, t.block.ptr, t.block.len),
		    t.block.len);
		assert_int_equal(close(fd), 0);
	}
	logdir_close(&t.d);
	open_it();
	assert_int_equal(t.d.unsealed.n, 512);
	assert_false(logdir_is_searched(&t.d));
	logdir_retain(&t.d, T + 3000, 1);
	while (!logdir_is_searched(&t.d) || t.d.unsealed.n > 0) {
		(void)segment_seal(1, LOGDIR_SEALED_BEFORE, &s);
		sealed += s.name[0] != '\0';
		assert_true(++turns < 2 * MANY);
		assert_int_equal(wake_ms(true, 1) > 1,
		    logdir_is_searched(&t.d) && t.d.unsealed.n == 0);
	}
	assert_int_equal(sealed, MANY);
}

static void
an_empty_segment_is_removed(void **state)
{
	struct logdir_segment s;

	(void)state;
	write_segment(T, 0);
	write_segment(T + 300, 0);
	assert_false(segment_seal(T + 300, LOGDIR_SEALED, &s));
	assert_false(is_there("20261123T100500Z.flow"));
	assert_true(is_there("20261123T101000Z.flow"));
	logdir_end(&t.d, T + 310);
	assert_false(segment_seal(T + 310, LOGDIR_SEALED, &s));
	assert_false(is_there("20261123T101000Z.flow"));
}

static size_t
segments_count(void)
{
	struct catalogue c;
	size_t n;

	catalogue_init(&c);
	assert_int_equal(catalogue_read(&c, t.d.fd, NULL), 0);
	n = c.n;
	catalogue_fini(&c);
	return n;
}

/* Nobody writes to the FIFO: to wait for that would end everything. */
static void
what_is_no_file_any_more_is_not_sealed(void **state)
{
	const char *fifo = "20261123T100500Z.flow";
	const char *folder = "20261123T101000Z.flow";
	struct logdir_segment segment;

	(void)state;
	write_segment(T, 1);
	write_segment(T + 300, 1);
	write_segment(T + 600, 1);
	assert_int_equal(t.d.unsealed.n, 2);
	assert_int_equal(unlinkat(t.d.fd, fifo, 0), 0);
	assert_int_equal(mkfifoat(t.d.fd, fifo, 0600), 0);
	assert_int_equal(unlinkat(t.d.fd, folder, 0), 0);
	assert_int_equal(mkdirat(t.d.fd, folder, 0700), 0);
	(void)alarm(30);
	assert_false(segment_seal(T + 600, LOGDIR_SEAL_FAILED, &segment));
	(void)alarm(0);
	assert_int_equal(t.d.unsealed.n, 0);
	assert_true(is_there(fifo) && is_there(folder));
}

/* By a clock that goes on evenly. */
static void
segments_retain(int64_t now_sec)
{
	logdir_retain(&t.d, now_sec, (now_sec - T) * 1000 + 1);
}

static void
old_segments_are_removed(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++)
		write_segment(T + 300 * i, 2);
	segments_retain(T + 3000);
	assert_int_equal(segments_count(), 10);
	t.conf.keep_sec = 1000;
	logdir_configure(&t.d, &t.conf);
	assert_int_equal(wake_ms(true, T + 2701), T + 2701);
	/* The first three ended at T + 900. */
	segments_retain(T + 1900);
	assert_int_equal(segments_count(), 7);
	/* Not at once again; after a minute. */
	segments_retain(T + 1959);
	assert_int_equal(segments_count(), 7);
	segments_retain(T + 2200);
	assert_int_equal(segments_count(), 6);
	t.conf = (struct logdir_conf){ .path = t.path, .rotate_sec = 300,
		.max_octets = 5 * t.block.len };
	logdir_configure(&t.d, &t.conf);
	segments_retain(T + 2201);
	assert_int_equal(segments_count(), 2);
	t.conf.max_octets = 1;
	logdir_configure(&t.d, &t.conf);
	segments_retain(T + 2202);
	assert_int_equal(segments_count(), 1);
	assert_true(is_there(t.d.now.name));
}

static void
room_is_made_where_there_is_little(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++)
		write_segment(T + 300 * i, 2);
	/* There is never so much, as the segments take some. */
	t.conf.free_percent = 99;
	logdir_configure(&t.d, &t.conf);
	(void)close(logdir_begin(&t.d, T + 1200));
	segments_retain(T + 1200);
	/* Neither the one in use nor that before it, while it is written to. */
	if (segments_count() == 5) {
		print_message("the file system is all but empty\n");
		return;
	}
	assert_int_equal(segments_count(), 2);
	logdir_released(&t.d);
	segments_retain(T + 1201);
	assert_int_equal(segments_count(), 2);
	segments_retain(T + 1205);
	assert_int_equal(segments_count(), 1);
}

static void
a_directory_that_was_removed_is_made_again(void **state)
{
	char command[120];

	(void)state;
	write_segment(T, 1);
	(void)snprintf(command, sizeof(command), "rm -r %s", t.path);
	assert_int_equal(system(command), 0);
	write_segment(T + 300, 1);
	assert_true(is_there("20261123T101000Z.flow"));
	/* Where it cannot be made that is tried again. */
	assert_int_equal(system(command), 0);
	assert_int_equal(close(open(t.path, O_WRONLY | O_CREAT, 0600)), 0);
	assert_true(logdir_due(&t.d, T + 600));
	assert_int_equal(logdir_begin(&t.d, T + 600), -1);
	assert_string_equal(t.d.now.name, "20261123T101000Z.flow");
	assert_false(logdir_due(&t.d, T + 601));
	assert_true(logdir_due(&t.d, T + 610));
	assert_int_equal(unlink(t.path), 0);
	write_segment(T + 610, 1);
	assert_true(is_there("20261123T101500Z.flow"));
}

static void
a_directory_that_was_renamed_is_made_again(void **state)
{
	char moved[sizeof(t.path) + 8], file[sizeof(moved) + CATALOGUE_NAME];
	char command[3 * sizeof(moved) + 16];

	(void)state;
	(void)snprintf(moved, sizeof(moved), "%s.old", t.path);
	write_segment(T, 1);
	assert_int_equal(rename(t.path, moved), 0);
	write_segment(T + 300, 1);
	assert_true(is_there("20261123T101000Z.flow"));
	assert_false(is_there("20261123T100500Z.flow"));
	(void)snprintf(file, sizeof(file), "%s/20261123T100500Z.flow", moved);
	assert_int_equal(access(file, F_OK), 0);
	/* Another one in its place is used; what cannot be is not. */
	(void)snprintf(command, sizeof(command), "rm -r %s && mv %s %s", moved,
	    t.path, moved);
	assert_int_equal(system(command), 0);
	assert_int_equal(close(open(t.path, O_WRONLY | O_CREAT, 0600)), 0);
	write_segment(T + 600, 1);
	assert_int_equal(unlink(t.path), 0);
	assert_int_equal(rename(moved, t.path), 0);
	assert_true(is_there("20261123T101500Z.flow"));
}

/* Who waits would not wait at all. */
static void
one_that_has_ended_is_due_when_a_segment_is(void **state)
{
	struct logdir_segment segment;
	struct logdir_job job;

	(void)state;
	write_segment(T, 1);
	logdir_end(&t.d, T + 10);
	assert_true(logdir_seal_begin(&t.d, T + 10, &job));
	(void)close(job.from);
	(void)close(job.to);
	assert_int_equal(wake_ms(true, T + 10), INT64_MAX);
	assert_int_equal(logdir_wake_sec(&t.d, T + 10), INT64_MAX);
	assert_false(logdir_seal_end(
	    &t.d, T + 10, LOGDIR_SEAL_FAILED, &segment));
	assert_true(wake_ms(true, T + 10) > T + 10);
	assert_true(wake_ms(true, T + 10) < INT64_MAX);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_directory_is_made),
		TEST(others_may_read_where_that_is_said),
		TEST(segments_are_named_after_their_start),
		TEST(segments_lie_between_those_of_a_clock_that_was_ahead),
		TEST(without_flows_no_other_segment_is_needed),
		TEST(what_stayed_empty_goes_at_the_end),
		TEST(what_is_finished_is_sealed_in_its_place),
		TEST(what_an_earlier_run_left_is_sealed),
		TEST(a_segment_that_cannot_be_sealed_stays),
		TEST(a_segment_that_was_removed_does_not_come_back),
		TEST(what_another_process_writes_is_let_alone),
		TEST(many_are_found_some_at_a_time),
		TEST(an_empty_segment_is_removed),
		TEST(what_is_no_file_any_more_is_not_sealed),
		TEST(old_segments_are_removed),
		TEST(room_is_made_where_there_is_little),
		TEST(a_directory_that_was_removed_is_made_again),
		TEST(a_directory_that_was_renamed_is_made_again),
		TEST(one_that_has_ended_is_due_when_a_segment_is),
	};

	log_init(false);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
