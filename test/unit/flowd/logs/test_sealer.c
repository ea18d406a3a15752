/* The process that seals: flowd/logs/sealer.c. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../store/random_columns.h"
#include "block_writer.h"
#include "sealer.h"
#include "segment_index.h"

enum { ROWS = 300, BLOCKS = 200 };

static struct {
	struct identity identity;
	struct sealer_setup setup;
	struct logdir_job job;
	FILE *from, *to;
	struct sealer sealer;
	enum logdir_sealed how;
	struct seal_report report;
	struct flowd_error err;
} t;

static const struct block_options options = { .compression = COMPRESS_ZSTD };

/* A segment as a writer writes it: many small blocks. */
static void
write_segment(FILE *f)
{
	struct block_options o = { .compression = COMPRESS_LZ4 };
	struct block_writer *w = block_writer_new(&o);
	struct batch *batch = batch_new(BATCH_ROWS);
	struct random_columns b;
	struct buf out;

	buf_init(&out, 16 * 1024 * 1024);
	random_columns_init(&b, 3);
	for (int i = 0; i < BLOCKS; i++) {
		batch_reset(batch);
		buf_reset(&out);
		random_columns_fill(&b, batch, ROWS, false);
		assert_int_equal(block_writer_add(w, batch, 0), ROWS);
		assert_int_equal(block_writer_finish(w, &out), ROWS);
		assert_int_equal(fwrite(out.ptr, 1, out.len, f), out.len);
	}
	assert_int_equal(fflush(f), 0);
	buf_fini(&out);
	batch_free(batch);
	block_writer_free(w);
}

static int
setup(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	t.setup.identity = &t.identity;
	t.from = tmpfile();
	t.to = tmpfile();
	if (t.from == NULL || t.to == NULL ||
	    identity_find(&t.identity, NULL, &t.err) != 0)
		return 1;
	write_segment(t.from);
	t.job.from = dup(fileno(t.from));
	t.job.to = dup(fileno(t.to));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	sealer_stop(&t.sealer);
	(void)fclose(t.from);
	(void)fclose(t.to);
	return 0;
}

static void
sealer_begin(void)
{
	assert_int_equal(
	    sealer_start(&t.sealer, &t.job, &options, &t.setup), 0);
	/* They are not ours any more. */
	assert_int_equal(fcntl(t.job.from, F_GETFD), -1);
	assert_int_equal(fcntl(t.job.to, F_GETFD), -1);
}

static void
sealer_wait(void)
{
	pid_t pid = t.sealer.pid;
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_false(sealer_reaped(&t.sealer, pid + 1, status, &t.how,
	    &t.report, &t.err));
	assert_true(sealer_reaped(
	    &t.sealer, pid, status, &t.how, &t.report, &t.err));
	assert_int_equal(t.sealer.pid, 0);
}

static off_t
size_of(FILE *f)
{
	struct stat st;

	assert_int_equal(fstat(fileno(f), &st), 0);
	return st.st_size;
}

static void
a_segment_is_sealed(void **state)
{
	uint8_t tail[INDEX_TAIL];

	(void)state;
	sealer_begin();
	sealer_wait();
	if (t.how != LOGDIR_SEALED)
		fail_msg("%s", t.err.text);
	assert_int_equal(t.report.rows, ROWS * BLOCKS);
	assert_int_equal(t.report.damaged, 0);
	assert_int_equal(pread(fileno(t.to), tail, sizeof(tail),
	    size_of(t.to) - INDEX_TAIL), INDEX_TAIL);
	assert_true(segment_index_ends(tail));
	assert_true(size_of(t.to) < size_of(t.from));
	/* And once more, which is nothing to do. */
	t.job.from = dup(fileno(t.to));
	t.job.to = dup(fileno(t.to));
	sealer_begin();
	sealer_wait();
	assert_int_equal(t.how, LOGDIR_SEALED_BEFORE);
}

static void
damage_is_left_out_and_told(void **state)
{
	(void)state;
	assert_int_equal(pwrite(fileno(t.from), "damage", 6, 3000), 6);
	sealer_begin();
	sealer_wait();
	assert_int_equal(t.how, LOGDIR_SEALED);
	assert_int_equal(t.report.damaged, 1);
	assert_true(t.report.rows < ROWS * BLOCKS);
	assert_true(t.report.rows >= ROWS * (BLOCKS - 2));
}

static void
a_full_disk_is_told(void **state)
{
	int full = open("/dev/full", O_WRONLY);

	(void)state;
	if (full == -1)
		skip();
	(void)close(t.job.to);
	t.job.to = full;
	sealer_begin();
	sealer_wait();
	assert_int_equal(t.how, LOGDIR_SEAL_FAILED);
	assert_string_equal(t.err.text, "write: No space left on device");
}

static void
a_file_that_may_not_grow_is_told(void **state)
{
	struct rlimit old, limit;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit = (struct rlimit){ 10000, old.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	sealer_begin();
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	sealer_wait();
	assert_int_equal(t.how, LOGDIR_SEAL_FAILED);
	assert_string_equal(t.err.text, "write: File too large");
}

/* Written to what nobody reads a sealer comes to no end. */
static int
start_endless(void)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	(void)close(t.job.to);
	t.job.to = ends[1];
	sealer_begin();
	return ends[0];
}

static void
a_sealer_that_dies_is_told(void **state)
{
	int end = start_endless();

	(void)state;
	assert_int_equal(kill(t.sealer.pid, SIGKILL), 0);
	sealer_wait();
	assert_int_equal(t.how, LOGDIR_SEAL_FAILED);
	assert_string_equal(t.err.text, "the sealer died of signal 9");
	(void)close(end);
}

static void
a_sealer_is_stopped(void **state)
{
	int end = start_endless();

	(void)state;
	sealer_stop(&t.sealer);
	assert_int_equal(t.sealer.pid, 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	(void)close(end);
}

/* Others wait for one that hangs. */
static void
a_sealer_that_takes_too_long_is_ended(void **state)
{
	int end;

	(void)state;
	assert_int_equal(sealer_timeout(&t.sealer, 1000), -1);
	end = start_endless();
	sealer_tick(&t.sealer, 1000);
	assert_int_equal(sealer_timeout(&t.sealer, 1000), SEALER_TIME_MS);
	sealer_tick(&t.sealer, 1000 + SEALER_TIME_MS - 1);
	assert_int_equal(
	    sealer_timeout(&t.sealer, 1000 + SEALER_TIME_MS - 1), 1);
	sealer_tick(&t.sealer, 1000 + SEALER_TIME_MS);
	sealer_wait();
	assert_int_equal(t.how, LOGDIR_SEAL_FAILED);
	(void)close(end);
}

/* Low descriptors are where the sealer wants its own two. */
static void
descriptors_may_lie_anywhere(void **state)
{
	int from = fcntl(t.job.from, F_DUPFD, 100);
	int to = fcntl(t.job.to, F_DUPFD, 100);

	(void)state;
	(void)close(t.job.from);
	(void)close(t.job.to);
	assert_int_equal(dup2(from, 4), 4);
	assert_int_equal(dup2(to, 3), 3);
	(void)close(from);
	(void)close(to);
	t.job = (struct logdir_job){ .from = 4, .to = 3 };
	sealer_begin();
	sealer_wait();
	assert_int_equal(t.how, LOGDIR_SEALED);
	assert_int_equal(t.report.rows, ROWS * BLOCKS);
	/* The streams had one of these numbers: their file is gone. */
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_segment_is_sealed),
		TEST(damage_is_left_out_and_told),
		TEST(a_full_disk_is_told),
		TEST(a_file_that_may_not_grow_is_told),
		TEST(a_sealer_that_dies_is_told),
		TEST(a_sealer_is_stopped),
		TEST(a_sealer_that_takes_too_long_is_ended),
		TEST(descriptors_may_lie_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
