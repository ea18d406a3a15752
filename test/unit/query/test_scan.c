/*
 * Scans: the same flows come out of every kind of file, by scan_next() and by
 * consumers, with one thread and with several.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "logs.h"
#include "scan.h"

enum {
	FLOWS = 40000,
	BLOCKS = 10
};

struct fixture {
	char folder[FOLDER_PATH];
	char v3[FOLDER_PATH + 16], v4[FOLDER_PATH + 16], dir[FOLDER_PATH + 16];
};

static void
fixture_path(const struct fixture *f, const char *name, char *path)
{
	(void)snprintf(path, FOLDER_PATH + 16, "%s/%s", f->folder, name);
}

static void
fixture_segment(const struct fixture *f, const char *name, unsigned first)
{
	char path[2 * FOLDER_PATH];
	struct buf out;

	buf_init(&out, LOGS_OCTETS_MAX);
	logs_put_blocks(&out, first, BLOCKS / 2, FLOWS / BLOCKS);
	(void)snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	assert_int_equal(logs_save(path, &out, false), 0);
	buf_fini(&out);
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct buf out;

	if (f == NULL || folder_make(f->folder) != 0)
		return -1;
	fixture_path(f, "v3", f->v3);
	fixture_path(f, "v4", f->v4);
	fixture_path(f, "dir", f->dir);
	buf_init(&out, LOGS_OCTETS_MAX);
	logs_put_records(&out, 0, FLOWS);
	assert_int_equal(logs_save(f->v3, &out, false), 0);
	buf_reset(&out);
	logs_put_blocks(&out, 0, BLOCKS, FLOWS / BLOCKS);
	assert_int_equal(logs_save(f->v4, &out, false), 0);
	buf_fini(&out);
	assert_int_equal(mkdir(f->dir, 0700), 0);
	fixture_segment(f, "20231114T221320Z.flow", 0);
	fixture_segment(f, "20231115T034640Z.flow", FLOWS / 2);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(folder_remove(f->folder), 0);
	free(f);
	return 0;
}

static struct predicate *
predicate_of(const char *expression)
{
	const struct predicate_text text = { .expression = expression };
	struct flowd_error err;
	struct predicate *p = predicate_new(&text, &err);

	if (p == NULL)
		fail_msg("%s", err.text);
	return p;
}

static struct scan *
scan_of(const struct scan_plan *plan)
{
	struct flowd_error err;
	struct scan *s = scan_open(plan, &err);

	if (s == NULL)
		fail_msg("%s", err.text);
	return s;
}

static struct colset
octets_column(void)
{
	struct colset set = { { 0, 0 } };

	colset_add(&set, COL_octets);
	return set;
}

/* The sum of the octets of flows that pass, a batch after the other. */
static uint64_t
sum_by_next(struct scan *s, uint64_t *flows)
{
	const struct batch *batch;
	struct flowd_error err;
	uint64_t sum = 0;
	int got;

	*flows = 0;
	while ((got = scan_next(s, &batch, &err)) > 0)
		for (size_t row = 0; row < batch->nrows; row++)
			if (bitmap_test(batch->selected, row)) {
				sum += batch_uint(batch, COL_octets, row);
				++*flows;
			}
	if (got < 0)
		fail_msg("%s", err.text);
	return sum;
}

/* --- A consumer that sums, and one that wants numbers to rise --- */

struct sum {
	uint64_t octets, flows;
	uint64_t first, last; /* numbers of flows, of a partial result */
};

struct sums {
	struct sum all;
	unsigned emitted;
	int fail_after; /* so many emits fail; 0: none does */
};

static void *
sum_partial(void *arg, struct flowd_error *err)
{
	(void)arg;
	(void)err;
	return calloc(1, sizeof(struct sum));
}

static int
sum_batch(void *state, void *partial, const struct batch *rows,
    struct flowd_error *err)
{
	struct sum *s = partial;

	(void)state;
	(void)err;
	for (size_t row = 0; row < rows->nrows; row++) {
		uint64_t n = batch_uint(rows, COL_octets, row);

		if (!bitmap_test(rows->selected, row))
			continue;
		if (s->flows++ == 0)
			s->first = n;
		s->last = n;
		s->octets += n;
	}
	return 0;
}

static int
sum_emit(void *arg, void *partial, struct flowd_error *err)
{
	struct sums *sums = arg;
	struct sum *s = partial;

	sums->emitted++;
	if (sums->fail_after > 0 && (int)sums->emitted >= sums->fail_after)
		return flowd_fail(err, FLOWD_EIO, "no more");
	if (sums->all.flows > 0 && s->flows > 0 && s->first <= sums->all.last)
		sums->all.first = UINT64_MAX; /* out of order */
	if (s->flows > 0)
		sums->all.last = s->last;
	sums->all.octets += s->octets;
	sums->all.flows += s->flows;
	*s = (struct sum){ 0, 0, 0, 0 };
	return 0;
}

static const struct scan_consumer sum_ordered = { .ordered = true,
	.batch = sum_batch, .partial = sum_partial, .emit = sum_emit,
	.drop = free };
static const struct scan_consumer sum_unordered = { .ordered = false,
	.batch = sum_batch, .partial = sum_partial, .emit = sum_emit,
	.drop = free };

/* --- Tests --- */

static void
every_kind_of_file_has_the_same_flows(void **state)
{
	struct fixture *f = *state;
	char *files[] = { f->v3, f->v4, f->dir };

	for (size_t i = 0; i < 3; i++) {
		char *paths[] = { files[i], NULL };
		struct scan *s = scan_of(&(struct scan_plan){
		    .paths = paths, .columns = octets_column() });
		uint64_t flows, sum = sum_by_next(s, &flows);

		assert_int_equal(flows, FLOWS);
		assert_int_equal(sum, (uint64_t)FLOWS * (FLOWS - 1) / 2);
		scan_close(s);
	}
}

/* What becomes shorter meanwhile ends, and there is no signal. */
static void
files_that_are_read_have_the_same_flows(void **state)
{
	struct fixture *f = *state;
	char *paths[] = { f->v4, f->dir, NULL };
	struct scan_plan plan = { .paths = paths, .columns = octets_column(),
		.flags = SCAN_READ };
	struct sums sums = { .emitted = 0 };
	struct flowd_error err;
	struct scan *s = scan_of(&plan);
	const struct batch *batch;
	uint64_t flows;
	struct buf out;
	int got;

	assert_int_equal(
	    sum_by_next(s, &flows), (uint64_t)FLOWS * (FLOWS - 1));
	scan_close(s);
	plan.threads = 4;
	s = scan_of(&plan);
	assert_int_equal(scan_run(s, &sum_unordered, &sums, &err), 0);
	assert_int_equal(sums.all.flows, 2 * FLOWS);
	scan_close(s);
	plan.flags |= SCAN_FOLLOW;
	assert_null(scan_open(&plan, &err));
	plan.flags = SCAN_READ;
	/* More than is read at once. */
	buf_init(&out, LOGS_OCTETS_MAX);
	logs_put_blocks(&out, 0, 1500, 1000);
	assert_true(out.len > 2 * 1024 * 1024);
	assert_int_equal(logs_save(f->v4, &out, false), 0);
	buf_fini(&out);
	s = scan_of(&plan);
	assert_true(scan_next(s, &batch, &err) > 0);
	assert_int_equal(truncate(f->v4, 0), 0);
	while ((got = scan_next(s, &batch, &err)) > 0)
		;
	assert_int_equal(got, 0);
	scan_close(s);
}

static void
threads_and_consumers_agree(void **state)
{
	struct fixture *f = *state;
	char *paths[] = { f->v4, f->dir, f->v3, NULL };
	struct predicate *p = predicate_of("proto tcp and octets >= 1000");
	struct flowd_error err;

	for (unsigned threads = 1; threads <= 4; threads++)
		for (int ordered = 0; ordered < 2; ordered++) {
			struct sums sums = { .emitted = 0 };
			struct scan *s = scan_of(&(struct scan_plan){
			    .paths = paths, .predicate = p,
			    .columns = octets_column(), .threads = threads });

			assert_int_equal(scan_run(s,
			    ordered ? &sum_ordered : &sum_unordered, &sums,
			    &err), 0);
			assert_int_equal(
			    sums.all.flows, 3 * (FLOWS - 1000) / 2);
			if (!ordered)
				assert_true(sums.emitted <= threads + 1);
			scan_close(s);
		}
	predicate_free(p);
}

static void
partial_results_of_an_ordered_consumer_are_in_order(void **state)
{
	struct fixture *f = *state;
	char *paths[] = { f->dir, NULL };
	struct flowd_error err;
	struct sums sums = { .emitted = 0 };
	struct scan *s = scan_of(&(struct scan_plan){
	    .paths = paths, .columns = octets_column(), .threads = 4 });

	assert_int_equal(scan_run(s, &sum_ordered, &sums, &err), 0);
	assert_int_equal(sums.all.flows, FLOWS);
	assert_int_not_equal(sums.all.first, UINT64_MAX);
	assert_int_equal(sums.all.last, FLOWS - 1);
	scan_close(s);
}

static void
a_failure_of_a_consumer_ends_the_scan(void **state)
{
	struct fixture *f = *state;
	char *paths[] = { f->v4, NULL };
	struct flowd_error err;

	for (unsigned threads = 1; threads <= 4; threads++) {
		struct sums sums = { .fail_after = 3 };
		struct scan *s = scan_of(&(struct scan_plan){ .paths = paths,
		    .columns = octets_column(), .threads = threads });

		assert_int_equal(
		    scan_run(s, &sum_ordered, &sums, &err), FLOWD_EIO);
		assert_string_equal(err.text, "no more");
		assert_int_equal(sums.emitted, 3);
		scan_close(s);
	}
}

static void
a_range_leaves_out_segments_and_flows(void **state)
{
	struct fixture *f = *state;
	char *paths[] = { f->dir, f->v3, NULL };
	const int64_t sec = 1000000000;
	struct scan *s = scan_of(&(struct scan_plan){ .paths = paths,
	    .range = { (LOGS_START_SEC + INT64_C(30000)) * sec,
		(LOGS_START_SEC + INT64_C(30010)) * sec },
	    .columns = octets_column() });
	uint64_t flows, sum = sum_by_next(s, &flows);

	assert_int_equal(flows, 20);
	assert_int_equal(sum, 2 * (10 * 30000 + 45));
	/* The first segment ends more than an hour before. */
	assert_string_equal(strrchr(scan_paths(s)[0], '/') + 1,
	    "20231115T034640Z.flow");
	scan_close(s);
}

static void
a_limit_is_of_each_path(void **state)
{
	struct fixture *f = *state;
	char *paths[] = { f->v3, f->v4, f->dir, NULL };
	struct scan *s = scan_of(&(struct scan_plan){ .paths = paths,
	    .limit = 25000, .columns = octets_column() });
	uint64_t flows;

	(void)sum_by_next(s, &flows);
	assert_int_equal(flows, 75000);
	scan_close(s);
}

static void
flows_are_counted(void **state)
{
	struct fixture *f = *state;
	char *paths[] = { f->v3, f->v4, f->dir, NULL };
	struct predicate *p = predicate_of("src port 7");
	struct scan *s = scan_of(&(struct scan_plan){ .paths = paths,
	    .predicate = p });
	struct flowd_error err;
	uint64_t flows;

	assert_int_equal(scan_count(s, &flows, &err), 0);
	assert_int_equal(flows, 3 * FLOWS / 1000);
	scan_close(s);
	predicate_free(p);
}

/* --- Events --- */

struct seen {
	unsigned begun, ended, warned, idle;
	char warning[512];
	enum scan_kind kind;
	int refuse; /* file_begin() */
	struct scan *scan;
	const char *append; /* a file: 1,000 flows more while idle, twice */
};

static int
seen_begin(void *arg, const struct scan_file *file, struct flowd_error *err)
{
	struct seen *s = arg;

	s->begun++;
	s->kind = file->kind;
	return s->refuse == 0 ? 0 : flowd_fail(err, s->refuse, "not this one");
}

static void
seen_end(void *arg, const struct scan_file *file, int result)
{
	struct seen *s = arg;

	(void)file;
	(void)result;
	s->ended++;
}

static void
seen_warn(void *arg, const char *text)
{
	struct seen *s = arg;

	s->warned++;
	(void)snprintf(s->warning, sizeof(s->warning), "%s", text);
}

static int
seen_idle(void *arg, struct flowd_error *err)
{
	struct seen *s = arg;
	struct buf out;

	(void)err;
	if (s->append == NULL)
		return 0;
	if (s->idle++ == 2) {
		scan_cancel(s->scan);
		return 0;
	}
	buf_init(&out, LOGS_OCTETS_MAX);
	logs_put_blocks(&out, 0, 1, 1000);
	assert_int_equal(logs_save(s->append, &out, true), 0);
	buf_fini(&out);
	return 0;
}

static const struct scan_events seen_events = { .file_begin = seen_begin,
	.file_end = seen_end, .warn = seen_warn, .idle = seen_idle };

static void
damage_is_warned_of_and_passed_over(void **state)
{
	struct fixture *f = *state;
	char *paths[] = { f->v4, NULL };
	FILE *file = fopen(f->v4, "r+b");
	struct flowd_error err;
	uint64_t flows;

	assert_non_null(file);
	assert_int_equal(fseek(file, 20, SEEK_SET), 0);
	assert_int_equal(fwrite("\xff\xff\xff\xff\xff\xff\xff\xff", 1, 8, file),
	    8);
	assert_int_equal(fclose(file), 0);
	for (unsigned threads = 1; threads <= 2; threads++) {
		struct seen seen = { .begun = 0 };
		struct sums sums = { .emitted = 0 };
		struct scan_plan plan = { .paths = paths,
			.columns = octets_column(), .threads = threads,
			.events = &seen_events, .arg = &seen };
		struct scan *s = scan_of(&plan);

		assert_int_equal(scan_run(s, &sum_ordered, &sums, &err), 0);
		assert_int_equal(sums.all.flows, FLOWS - FLOWS / BLOCKS);
		assert_int_equal(seen.warned, 1);
		assert_int_equal(seen.begun, 1);
		assert_int_equal(seen.ended, 1);
		assert_int_equal(seen.kind, SCAN_V4);
		assert_non_null(strstr(seen.warning, "octets are passed over"));
		scan_close(s);
		s = scan_of(&plan);
		assert_true(sum_by_next(s, &flows) > 0);
		assert_int_equal(flows, FLOWS - FLOWS / BLOCKS);
		scan_close(s);
	}
}

static void
a_file_can_be_refused(void **state)
{
	struct fixture *f = *state;
	char *paths[] = { f->v3, f->v4, NULL };
	struct seen seen = { .refuse = FLOWD_EINVAL };
	struct scan *s = scan_of(&(struct scan_plan){ .paths = paths,
	    .events = &seen_events, .arg = &seen });
	const struct batch *batch;
	struct flowd_error err;

	assert_int_equal(scan_next(s, &batch, &err), FLOWD_EINVAL);
	assert_string_equal(err.text, "not this one");
	assert_int_equal(seen.begun, 1);
	scan_close(s);
}

static void
what_is_appended_is_followed(void **state)
{
	struct fixture *f = *state;
	char *paths[] = { f->v4, NULL };
	struct seen seen = { .append = f->v4 };
	struct scan_plan plan = { .paths = paths, .flags = SCAN_FOLLOW,
		.columns = octets_column(), .events = &seen_events,
		.arg = &seen };
	struct sums sums = { .emitted = 0 };
	struct flowd_error err;

	seen.scan = scan_of(&plan);
	assert_int_equal(
	    scan_run(seen.scan, &sum_unordered, &sums, &err), 0);
	assert_int_equal(sums.all.flows, FLOWS + 2000);
	/* Before each wait, and at the end. */
	assert_true(sums.emitted >= 4);
	scan_close(seen.scan);
}

static void
a_scan_that_is_cancelled_ends(void **state)
{
	struct fixture *f = *state;
	char *paths[] = { f->v3, f->v4, NULL };
	struct scan *s = scan_of(&(struct scan_plan){ .paths = paths,
	    .columns = octets_column() });
	const struct batch *batch;
	struct flowd_error err;

	assert_true(scan_next(s, &batch, &err) > 0);
	scan_cancel(s);
	assert_int_equal(scan_next(s, &batch, &err), 0);
	assert_int_equal(scan_next(s, &batch, &err), 0);
	scan_close(s);
}

static void
a_path_that_is_not_there_has_an_error(void **state)
{
	struct fixture *f = *state;
	char *paths[] = { f->v3, (char *)(uintptr_t)"/nonexistent/x", NULL };
	struct scan *s = scan_of(&(struct scan_plan){ .paths = paths });
	struct flowd_error err;
	uint64_t flows;

	assert_int_equal(scan_check_access(s, &err), FLOWD_EIO);
	assert_non_null(strstr(err.text, "/nonexistent/x"));
	assert_int_equal(scan_count(s, &flows, &err), FLOWD_EIO);
	assert_non_null(strstr(err.text, "/nonexistent/x"));
	assert_int_equal(flows, FLOWS);
	scan_close(s);
	paths[0] = f->folder;
	assert_null(scan_open(&(struct scan_plan){ .paths = paths }, &err));
	assert_non_null(strstr(err.text, "without segments"));
}

/* --- Captures, which the caller reads --- */

struct fake {
	unsigned left, closed;
};

static bool
fake_sniff(uint8_t first)
{
	return first == 0xa1;
}

static void *
fake_open(void *arg, int fd, struct bytes seen, const char *name,
    struct flowd_error *err)
{
	struct fake *f = arg;

	(void)name;
	(void)err;
	assert_int_equal(seen.len, 1);
	assert_int_equal(close(fd), 0);
	f->left = 3;
	return f;
}

static int
fake_next(void *capture, struct batch *batch, bool waits,
    struct flowd_error *err)
{
	struct fake *f = capture;

	(void)waits;
	(void)err;
	if (f->left == 0)
		return 0;
	logs_fill(batch, 1000 * --f->left, 1000);
	return 1000;
}

static void
fake_close(void *capture)
{
	((struct fake *)capture)->closed++;
}

static void
captures_are_read_by_the_table_of_the_caller(void **state)
{
	struct fixture *f = *state;
	struct fake fake = { 0, 0 };
	const struct scan_capture table = { fake_sniff, fake_open, fake_next,
		fake_close, &fake };
	struct predicate *p = predicate_of("proto tcp");
	char path[FOLDER_PATH + 16], *paths[] = { path, f->v3, NULL };
	struct scan_plan plan = { .paths = paths, .predicate = p,
		.columns = octets_column(), .capture = &table };
	FILE *file;
	struct scan *s;
	uint64_t flows;

	fixture_path(f, "capture", path);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite("\xa1\xb2\xc3\xd4", 1, 4, file), 4);
	assert_int_equal(fclose(file), 0);
	s = scan_of(&plan);
	(void)sum_by_next(s, &flows);
	assert_int_equal(flows, 1500 + FLOWS / 2);
	assert_int_equal(fake.closed, 1);
	scan_close(s);
	/* Half read, and closed. */
	s = scan_of(&plan);
	{
		const struct batch *batch;
		struct flowd_error err;

		assert_int_equal(scan_next(s, &batch, &err), 1000);
	}
	scan_close(s);
	assert_int_equal(fake.closed, 2);
	predicate_free(p);
}

/* --- Threads of the caller --- */

static void *
scan_in_thread(void *arg)
{
	char *const *paths = arg;
	struct scan *s = scan_of(&(struct scan_plan){ .paths = paths,
	    .columns = octets_column() });
	uint64_t flows;

	(void)sum_by_next(s, &flows);
	scan_close(s);
	return (void *)(uintptr_t)flows;
}

static void
threads_may_use_a_scan_each(void **state)
{
	struct fixture *f = *state;
	char *paths[] = { f->v3, f->v4, NULL };
	pthread_t thread[3];
	void *flows;

	for (size_t i = 0; i < 3; i++)
		assert_int_equal(pthread_create(
		    &thread[i], NULL, scan_in_thread, paths), 0);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(pthread_join(thread[i], &flows), 0);
		assert_int_equal((uintptr_t)flows, 2 * FLOWS);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_kind_of_file_has_the_same_flows),
		TEST(files_that_are_read_have_the_same_flows),
		TEST(threads_and_consumers_agree),
		TEST(partial_results_of_an_ordered_consumer_are_in_order),
		TEST(a_failure_of_a_consumer_ends_the_scan),
		TEST(a_range_leaves_out_segments_and_flows),
		TEST(a_limit_is_of_each_path),
		TEST(flows_are_counted),
		TEST(damage_is_warned_of_and_passed_over),
		TEST(a_file_can_be_refused),
		TEST(what_is_appended_is_followed),
		TEST(a_scan_that_is_cancelled_ends),
		TEST(a_path_that_is_not_there_has_an_error),
		TEST(captures_are_read_by_the_table_of_the_caller),
		TEST(threads_may_use_a_scan_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
