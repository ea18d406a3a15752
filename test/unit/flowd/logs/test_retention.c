/*
 * What is removed from a directory, and what is told of it, while clocks go
 * wrong: flowd/logs/retention.c. The clocks are the test's.
 */
#include <sys/stat.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../folder.h"
#include "block_head.h"
#include "removed.h"
#include "retention.h"

enum {
	T = 1795428300, /* 2026-11-23T10:05:00Z */
	ROTATE = 300,
	DAY = 86400,
	SIZE = 1000
};

static struct {
	char folder[FOLDER_PATH];
	int dir;
	struct logdir_conf conf;
	struct retention r;
	char in_use[CATALOGUE_NAME];
	int64_t ahead; /* how far the clock is */
} t;

static int
setup(void **state)
{
	(void)state;
	if (folder_make(t.folder) != 0)
		return -1;
	t.dir = open(t.folder, O_RDONLY | O_DIRECTORY);
	t.conf = (struct logdir_conf){ .rotate_sec = ROTATE,
		.keep_sec = 90 * DAY };
	t.r = (struct retention){ .compared = false };
	t.ahead = 0;
	return t.dir == -1;
}

static int
teardown(void **state)
{
	(void)state;
	(void)close(t.dir);
	return folder_remove(t.folder);
}

static const struct file_access group = { .mode = 0640 };

/* A segment that was begun and written at that time. */
static void
segment_put(int64_t sec, char name[CATALOGUE_NAME])
{
	static const char octets[SIZE];
	const struct timespec times[2] = { { .tv_sec = sec },
		{ .tv_sec = sec } };
	int fd;

	catalogue_name(sec, 0, name);
	fd = openat(t.dir, name, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, octets, SIZE), SIZE);
	assert_int_equal(futimens(fd, times), 0);
	assert_int_equal(close(fd), 0);
}

static void
put_some(int64_t sec, unsigned n)
{
	char name[CATALOGUE_NAME];

	for (unsigned i = 0; i < n; i++)
		segment_put(sec + (int64_t)i * ROTATE, name);
}

static size_t
segments_count(void)
{
	struct catalogue c;
	size_t n;

	catalogue_init(&c);
	assert_int_equal(catalogue_read(&c, t.dir, NULL), 0);
	n = c.n;
	catalogue_fini(&c);
	return n;
}

/* It was started anew. */
static void
retention_restart(void)
{
	const struct retention_look at = { .path = t.folder,
		.dirfd = t.dir, .access = &group };

	retention_end(&t.r, &at);
	t.r = (struct retention){ .compared = false };
}

/* A turn at this moment in truth, with a segment begun by what it seems. */
static void
retention_turn(int64_t truly_sec)
{
	const struct retention_look at = { .conf = &t.conf,
		.path = t.folder, .dirfd = t.dir, .access = &group,
		.in_use = t.in_use, .begun = t.in_use,
		.now_sec = truly_sec + t.ahead,
		.now_ms = (truly_sec - T + DAY) * 1000 };

	segment_put(truly_sec + t.ahead, t.in_use);
	retention_clock(&t.r, &at);
	retention_run(&t.r, &at, true);
}

static bool
file_says(const char *text)
{
	char file[4096];
	int fd = openat(t.dir, ".clock", O_RDONLY);
	ssize_t n = fd != -1 ? read(fd, file, sizeof(file) - 1) : 0;

	if (fd != -1)
		(void)close(fd);
	file[n > 0 ? n : 0] = '\0';
	return strstr(file, text) != NULL;
}

static void
without_keep_there_is_no_clock_to_keep(void **state)
{
	(void)state;
	t.conf.keep_sec = 0;
	put_some(T, 10);
	t.ahead = 400 * DAY;
	retention_turn(T + 10 * ROTATE);
	assert_int_equal(segments_count(), 11);
	assert_int_equal(faccessat(t.dir, ".clock", F_OK, 0), -1);
	assert_int_equal(t.r.counts.segments, 11);
	/* The one in use grows: it is for others to say how large it is. */
	assert_int_equal(t.r.counts.octets, 10 * SIZE);
	assert_int_equal(t.r.counts.oldest_sec, T);
}

static void
what_is_too_old_goes(void **state)
{
	(void)state;
	put_some(T, 10);
	retention_turn(T + 10 * ROTATE);
	/* A minute after the other, and nothing is found wrong with it. */
	for (int64_t sec = T + DAY; sec <= T + 91 * DAY; sec += DAY)
		retention_turn(sec);
	assert_int_equal(t.r.counts.removed, 12);
	assert_int_equal(t.r.counts.removed_octets, 12 * SIZE);
	assert_int_equal(t.r.trouble, RETENTION_GOOD);
	assert_string_equal(t.r.state, "");
	assert_true(file_says("\nseen ") && !file_says("gap "));
}

/* The lines of the list of removed segments, and the flows that they had. */
static struct {
	unsigned segments, unknown;
	uint64_t flows;
} listed;

static void
read_list(void)
{
	struct removed_line line;
	struct removed list;
	size_t at = 0;

	memset(&listed, 0, sizeof(listed));
	removed_load(&list, t.dir);
	while (removed_next(&list, &at, &line)) {
		listed.segments += !line.earlier;
		listed.unknown += !line.has_flows;
		listed.flows += line.flows;
	}
	removed_fini(&list);
}

/* For who reads them. */
static void
what_went_is_listed(void **state)
{
	struct stat st;

	(void)state;
	put_some(T, 10);
	retention_turn(T + 10 * ROTATE);
	for (int64_t sec = T + DAY; sec <= T + 91 * DAY; sec += DAY)
		retention_turn(sec);
	read_list();
	assert_int_equal(listed.segments, t.r.counts.removed);
	assert_true(listed.segments > 0);
	/* Who may read the segments may read this. */
	assert_int_equal(fstatat(t.dir, removed_file, &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
}

/* One that was not sealed, of so many blocks with a flow each. */
static void
put_blocks(int64_t sec, unsigned n)
{
	const struct timespec times[2] = { { .tv_sec = sec },
		{ .tv_sec = sec } };
	uint8_t block[24] = { 0 };
	char name[CATALOGUE_NAME];
	FILE *file;
	int fd;

	memcpy(block, block_magic, sizeof(block_magic));
	block[8] = BLOCK_FLOWS;
	block[12] = sizeof(block);
	block[20] = 1;
	catalogue_name(sec, 0, name);
	fd = openat(t.dir, name, O_WRONLY | O_CREAT, 0600);
	file = fdopen(fd, "w");
	assert_non_null(file);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(fwrite(block, sizeof(block), 1, file), 1);
	assert_int_equal(fflush(file), 0);
	assert_int_equal(futimens(fd, times), 0);
	assert_int_equal(fclose(file), 0);
}

/* The daemon has other things to do, too. */
static void
many_blocks_are_counted_some_at_a_time(void **state)
{
	uint64_t before = 0;
	unsigned turns = 0;

	(void)state;
	t.conf.keep_sec = 3600;
	for (int i = 0; i < 10; i++)
		put_blocks(T + i * ROTATE, i == 4 ? 10000 : 1500);
	for (; t.r.counts.removed < 10 || t.r.walk.name[0] != '\0'; turns++) {
		retention_turn(T + 8000 + turns);
		assert_true(t.r.counts.removed - before <= 3);
		before = t.r.counts.removed;
		if (t.r.more)
			assert_int_equal(retention_due_ms(&t.r, &t.conf,
			    false, 1), 1);
		assert_true(turns < 100);
	}
	assert_true(turns >= 5);
	read_list();
	assert_int_equal(listed.segments, 10);
	assert_int_equal(listed.flows, 9 * 1500 + 10000);
	assert_int_equal(listed.unknown, 0);
}

/* At the end, too, it is known. */
static void
the_last_is_counted_at_the_end(void **state)
{
	(void)state;
	t.conf.keep_sec = 3600;
	put_blocks(T, 20000);
	retention_turn(T + 8000);
	assert_int_equal(t.r.counts.removed, 1);
	retention_restart();
	read_list();
	assert_int_equal(listed.flows, 20000);
}

/* Dead batteries, bad steps of NTP. */
static void
a_clock_that_jumps_ahead_removes_nothing(void **state)
{
	(void)state;
	put_some(T, 10);
	retention_turn(T + 10 * ROTATE);
	t.ahead = 400 * DAY;
	retention_turn(T + 11 * ROTATE);
	assert_int_equal(segments_count(), 12);
	assert_int_equal(t.r.trouble, RETENTION_HELD);
	assert_int_equal(t.r.counts.held, 11);
	assert_non_null(strstr(t.r.state, "remove .clock"));
	assert_true(file_says("gap 2026-11-23T11:00:00Z 2027-12-28T11:00:00Z"));
	/* Nor does it after another start, while it is wrong. */
	retention_restart();
	retention_turn(T + 12 * ROTATE);
	assert_int_equal(segments_count(), 13);
	assert_int_equal(t.r.counts.held, 11);
	/* It is right again: no harm was done. */
	t.ahead = 0;
	retention_turn(T + 13 * ROTATE);
	retention_turn(T + 14 * ROTATE);
	assert_int_equal(segments_count(), 15);
	assert_int_equal(t.r.trouble, RETENTION_GOOD);
	assert_int_equal(t.r.counts.removed, 0);
}

/* Whether the clock was wrong before or is now: each lives for so long. */
static void
ages_are_those_of_an_even_clock(void **state)
{
	(void)state;
	put_some(T, 10);
	retention_turn(T + 10 * ROTATE);
	t.ahead = 400 * DAY;
	for (int64_t day = 1; day < 90; day++)
		retention_turn(T + day * DAY);
	assert_int_equal(t.r.counts.removed, 0);
	retention_turn(T + 91 * DAY);
	assert_int_equal(t.r.counts.removed, 12);
	retention_turn(T + 92 * DAY);
	assert_int_equal(t.r.counts.removed, 13);
	assert_false(file_says("gap "));
}

static void
at_the_start_the_newest_segment_is_compared_with(void **state)
{
	(void)state;
	put_some(T, 10);
	t.ahead = 100 * DAY;
	retention_turn(T + 10 * ROTATE);
	assert_int_equal(segments_count(), 11);
	assert_int_equal(t.r.counts.held, 10);
	/* It was off, indeed: so says who removes the file. */
	assert_int_equal(unlinkat(t.dir, ".clock", 0), 0);
	retention_turn(T + 11 * ROTATE);
	assert_int_equal(t.r.counts.removed, 10);
	assert_int_equal(segments_count(), 2);
	assert_int_equal(t.r.trouble, RETENTION_GOOD);
}

/* Where nothing is received there are no segments; that is no gap. */
static void
silence_is_no_gap(void **state)
{
	(void)state;
	put_some(T, 10);
	for (int64_t day = 0; day < 91; day++) {
		retention_turn(T + 10 * ROTATE + day * DAY);
		assert_int_equal(unlinkat(t.dir, t.in_use, 0), 0);
		if (day % 7 == 0)
			retention_restart();
	}
	assert_int_equal(segments_count(), 0);
	assert_false(file_says("gap "));
}

static void
a_file_that_makes_no_sense_is_not_used(void **state)
{
	int fd;

	(void)state;
	put_some(T, 10);
	fd = openat(t.dir, ".clock", O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, "gap x\n", 6), 6);
	(void)close(fd);
	retention_turn(T + 10 * ROTATE);
	assert_true(file_says("seen "));
	assert_int_equal(unlinkat(t.dir, ".clock", 0), 0);
	assert_int_equal(mkfifoat(t.dir, ".clock", 0600), 0);
	(void)alarm(60);
	retention_restart();
	retention_turn(T + 11 * ROTATE);
	(void)alarm(0);
	assert_true(file_says("seen "));
	assert_int_equal(segments_count(), 12);
}

/* What was named by a clock that was ahead is not the newest for ever. */
static void
the_future_is_older_than_what_comes_after_it(void **state)
{
	char name[CATALOGUE_NAME];

	(void)state;
	/* By the clock of the system, which notes changes: that is now. */
	int64_t now = (int64_t)time(NULL), begin = now - 10 * ROTATE;

	put_some(begin, 2);
	segment_put(now + 4000 * DAY, name);
	retention_turn(now);
	assert_int_equal(t.r.counts.removed, 0);
	retention_turn(now + ROTATE);
	t.conf.max_octets = 2 * SIZE;
	retention_turn(now + 2 * ROTATE);
	/* Those before it, and itself, but not the one before the last. */
	assert_int_equal(faccessat(t.dir, name, F_OK, 0), -1);
	assert_int_equal(segments_count(), 2);
	assert_int_equal(t.r.counts.removed, 4);
}

static void
what_cannot_be_removed_does_not_keep_others(void **state)
{
	char name[CATALOGUE_NAME];

	(void)state;
	t.conf.keep_sec = 1;
	put_some(T, 3);
	/* Of this name, but a folder: it is no segment. */
	catalogue_name(T + 5 * ROTATE, 0, name);
	assert_int_equal(mkdirat(t.dir, name, 0700), 0);
	retention_turn(T + 10 * ROTATE);
	assert_int_equal(t.r.counts.removed, 3);
	assert_int_equal(t.r.counts.stuck, 0);
	if (geteuid() == 0)
		return;
	put_some(T + 20 * ROTATE, 3);
	assert_int_equal(fchmod(t.dir, 0500), 0);
	retention_turn(T + 30 * ROTATE);
	assert_int_equal(fchmod(t.dir, 0700), 0);
	assert_int_equal(t.r.trouble, RETENTION_STUCK);
	assert_true(t.r.counts.stuck >= 3);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(without_keep_there_is_no_clock_to_keep),
		TEST(what_is_too_old_goes),
		TEST(what_went_is_listed),
		TEST(many_blocks_are_counted_some_at_a_time),
		TEST(the_last_is_counted_at_the_end),
		TEST(a_clock_that_jumps_ahead_removes_nothing),
		TEST(ages_are_those_of_an_even_clock),
		TEST(at_the_start_the_newest_segment_is_compared_with),
		TEST(silence_is_no_gap),
		TEST(a_file_that_makes_no_sense_is_not_used),
		TEST(the_future_is_older_than_what_comes_after_it),
		TEST(what_cannot_be_removed_does_not_keep_others),
	};

	log_init(false);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
