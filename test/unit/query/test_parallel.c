/* Many segments by several threads: lib/query/parallel.c. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "block_head.h"
#include "catalogue.h"
#include "logs.h"
#include "scan.h"

enum {
	SEGMENTS = 200,
	ROWS = 50, /* of a segment, in two blocks */
	FLOWS = SEGMENTS * ROWS
};

static struct {
	char folder[FOLDER_PATH];
	char *paths[2];
} t;

static void
segment_path(unsigned n, char path[FOLDER_PATH + CATALOGUE_NAME])
{
	char name[CATALOGUE_NAME];

	catalogue_name(LOGS_START_SEC + (int64_t)n * 300, 0, name);
	(void)snprintf(path, FOLDER_PATH + CATALOGUE_NAME, "%s/%s", t.folder,
	    name);
}

static int
set_up(void **state)
{
	char path[FOLDER_PATH + CATALOGUE_NAME];
	struct buf out;

	(void)state;
	if (folder_make(t.folder) != 0)
		return -1;
	t.paths[0] = t.folder;
	for (unsigned n = 0; n < SEGMENTS; n++) {
		buf_init(&out, LOGS_OCTETS_MAX);
		logs_put_blocks(&out, n * ROWS, 2, ROWS / 2);
		segment_path(n, path);
		assert_int_equal(logs_save(path, &out, false), 0);
		buf_fini(&out);
	}
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	return folder_remove(t.folder);
}

/* --- A consumer that knows who reads what, and events --- */

struct result {
	pthread_barrier_t *meet; /* of two threads, in their first batch */
	struct scan *scan;
	unsigned cancel_after; /* flows; 0: never */
	uint64_t flows, octets, last;
	unsigned heads;
	bool out_of_order;
	unsigned begun, ended, warned, warned_at; /* file_begin() so far */
	char warning[256];
};

struct reading {
	bool met;
};

struct part {
	struct result *result;
	uint64_t flows, octets, first, last;
	unsigned heads; /* blocks that were not read */
};

static void *
read_begin(void *arg, struct flowd_error *err)
{
	(void)arg;
	(void)err;
	return calloc(1, sizeof(struct reading));
}

static void *
read_partial(void *arg, struct flowd_error *err)
{
	struct part *part = calloc(1, sizeof(*part));

	(void)err;
	part->result = arg;
	return part;
}

static int
read_batch(void *state, void *partial, const struct batch *rows,
    struct flowd_error *err)
{
	struct reading *reading = state;
	struct part *part = partial;

	(void)err;
	if (part->result->meet != NULL && !reading->met)
		(void)pthread_barrier_wait(part->result->meet);
	reading->met = true;
	for (size_t row = 0; row < rows->nrows; row++) {
		uint64_t n = batch_uint(rows, COL_octets, row);

		if (!bitmap_test(rows->selected, row))
			continue;
		if (part->flows++ == 0)
			part->first = n;
		part->last = n;
		part->octets += n;
	}
	return 0;
}

static int
read_emit(void *arg, void *partial, struct flowd_error *err)
{
	struct result *r = arg;
	struct part *part = partial;

	(void)err;
	r->out_of_order |=
	    part->flows > 0 && r->flows > 0 && part->first != r->last + 1;
	if (part->flows > 0)
		r->last = part->last;
	r->flows += part->flows;
	r->octets += part->octets;
	r->heads += part->heads;
	part->flows = part->octets = part->heads = 0;
	if (r->cancel_after > 0 && r->flows >= r->cancel_after)
		scan_cancel(r->scan);
	return 0;
}

static const struct scan_consumer unordered = { .begin = read_begin,
	.batch = read_batch, .partial = read_partial, .emit = read_emit,
	.drop = free, .end = free };
static const struct scan_consumer ordered = { .ordered = true,
	.begin = read_begin, .batch = read_batch, .partial = read_partial,
	.emit = read_emit, .drop = free, .end = free };

/* The sum of a block by its head, if that is of an even number of octets. */
static int
read_head(void *state, void *partial, const struct block *block,
    struct flowd_error *err)
{
	struct part *part = partial;
	uint64_t octets;

	(void)state;
	(void)err;
	if (!block_total(block, COL_octets, &octets) || octets % 2 != 0)
		return 0;
	part->flows += block->nrows;
	part->octets += octets;
	part->heads++;
	return 1;
}

static const struct scan_consumer by_head = { .begin = read_begin,
	.batch = read_batch, .head = read_head, .partial = read_partial,
	.emit = read_emit, .drop = free, .end = free };

static int
on_begin(void *arg, const struct scan_file *file, struct flowd_error *err)
{
	struct result *r = arg;

	(void)file;
	(void)err;
	r->begun++;
	return 0;
}

static void
on_end(void *arg, const struct scan_file *file, int result)
{
	struct result *r = arg;

	(void)file;
	(void)result;
	r->ended++;
	assert_int_equal(r->ended, r->begun);
}

static void
on_warn(void *arg, const char *text)
{
	struct result *r = arg;

	r->warned++;
	r->warned_at = r->begun;
	(void)snprintf(r->warning, sizeof(r->warning), "%s", text);
}

static int
run_plan(struct result *r, const struct scan_consumer *consumer,
    unsigned threads, struct predicate *predicate, struct flowd_error *err)
{
	static const struct scan_events events = { .file_begin = on_begin,
		.file_end = on_end, .warn = on_warn };
	struct scan_plan plan = { .paths = t.paths, .threads = threads,
		.predicate = predicate, .events = &events, .arg = r };
	int bad;

	colset_add(&plan.columns, COL_octets);
	r->scan = scan_open(&plan, err);
	assert_non_null(r->scan);
	bad = scan_run(r->scan, consumer, r, err);
	scan_close(r->scan);
	return bad;
}

static int
scan_result(struct result *r, const struct scan_consumer *consumer,
    unsigned threads, struct flowd_error *err)
{
	return run_plan(r, consumer, threads, NULL, err);
}

/* --- Tests --- */

/* Also by one thread; but not where a row may fail to pass. */
static void
a_block_may_be_taken_by_its_head(void **state)
{
	const struct predicate_text text = { .expression = "octets >= 0" };
	struct flowd_error err;
	struct predicate *all = predicate_new(&text, &err);

	(void)state;
	assert_non_null(all);
	for (unsigned threads = 1; threads <= 4; threads++) {
		struct result r = { .flows = 0 }, every = { .flows = 0 };

		assert_int_equal(scan_result(&r, &by_head, threads, &err), 0);
		assert_int_equal(r.flows, FLOWS);
		assert_int_equal(r.octets, (uint64_t)FLOWS * (FLOWS - 1) / 2);
		assert_in_range(r.heads, SEGMENTS / 2, 2 * SEGMENTS - 1);
		assert_int_equal(
		    run_plan(&every, &by_head, threads, all, &err), 0);
		assert_int_equal(every.octets, r.octets);
		assert_int_equal(every.heads, 0);
	}
	predicate_free(all);
}

static void
threads_read_small_files_at_the_same_time(void **state)
{
	const struct scan_consumer *consumers[] = { &unordered, &ordered };

	(void)state;
	/* A test that hangs has failed. */
	(void)alarm(100);
	for (int i = 0; i < 2; i++) {
		pthread_barrier_t meet;
		struct result r = { .meet = &meet };
		struct flowd_error err;

		/* Two blocks a file: four threads want two files at least. */
		assert_int_equal(pthread_barrier_init(&meet, NULL, 4), 0);
		assert_int_equal(scan_result(&r, consumers[i], 4, &err), 0);
		assert_int_equal(r.flows, FLOWS);
		assert_int_equal(r.octets, (uint64_t)FLOWS * (FLOWS - 1) / 2);
		(void)pthread_barrier_destroy(&meet);
	}
	(void)alarm(0);
}

static void
order_and_events_are_those_of_the_files(void **state)
{
	(void)state;
	for (unsigned threads = 1; threads <= 4; threads++) {
		struct result r = { .flows = 0 };
		struct flowd_error err;

		assert_int_equal(scan_result(&r, &ordered, threads, &err), 0);
		assert_int_equal(r.flows, FLOWS);
		assert_int_equal(r.last, FLOWS - 1);
		assert_false(r.out_of_order);
		assert_int_equal(r.begun, SEGMENTS);
		assert_int_equal(r.ended, SEGMENTS);
	}
}

static void
damage_is_warned_of_in_its_file(void **state)
{
	char path[FOLDER_PATH + CATALOGUE_NAME];
	FILE *f;

	(void)state;
	/* Of the 7th the second block's head, of the 8th its data. */
	for (int i = 6; i < 8; i++) {
		long size;

		segment_path((unsigned)i, path);
		f = fopen(path, "r+b");
		assert_non_null(f);
		assert_int_equal(fseek(f, 0, SEEK_END), 0);
		size = ftell(f);
		assert_int_equal(fseek(f,
		    i == 6 ? size / 2 + 30 : size - 1, SEEK_SET), 0);
		assert_int_equal(fputc(0x55, f), 0x55);
		assert_int_equal(fclose(f), 0);
	}
	for (unsigned threads = 1; threads <= 2; threads++) {
		struct result r = { .flows = 0 };
		struct flowd_error err;

		assert_int_equal(scan_result(&r, &ordered, threads, &err), 0);
		assert_int_equal(r.flows, FLOWS - ROWS);
		assert_int_equal(r.warned, 2);
		assert_int_equal(r.warned_at, 8);
		assert_non_null(strstr(r.warning, strrchr(path, '/')));
	}
}

/* What was in front of it is read, and what is behind it is not. */
static void
a_file_that_cannot_be_read_ends_it_in_its_place(void **state)
{
	char path[FOLDER_PATH + CATALOGUE_NAME];

	(void)state;
	segment_path(20, path);
	assert_int_equal(truncate(path, 0), 0);
	for (unsigned threads = 1; threads <= 4; threads++) {
		struct result r = { .flows = 0 };
		struct flowd_error err;
		FILE *f = fopen(path, "wb");

		assert_int_equal(fputs("This is no log.\n", f) < 0, 0);
		assert_int_equal(fclose(f), 0);
		assert_true(scan_result(&r, &ordered, threads, &err) < 0);
		assert_non_null(strstr(err.text, strrchr(path, '/')));
		assert_int_equal(r.flows, 20 * ROWS);
		assert_int_equal(r.begun, 20);
	}
}

static void
files_of_other_kinds_are_read_in_their_place(void **state)
{
	char path[FOLDER_PATH + CATALOGUE_NAME];
	struct buf out;

	(void)state;
	for (unsigned n = 0; n < SEGMENTS; n += n < 4 ? 1 : 50) {
		buf_init(&out, LOGS_OCTETS_MAX);
		logs_put_records(&out, n * ROWS, ROWS);
		segment_path(n, path);
		assert_int_equal(logs_save(path, &out, false), 0);
		buf_fini(&out);
	}
	for (unsigned threads = 1; threads <= 4; threads++) {
		struct result r = { .flows = 0 }, u = { .flows = 0 };
		struct flowd_error err;

		assert_int_equal(scan_result(&r, &ordered, threads, &err), 0);
		assert_int_equal(r.flows, FLOWS);
		assert_false(r.out_of_order);
		assert_int_equal(scan_result(&u, &unordered, threads, &err), 0);
		assert_int_equal(u.octets, r.octets);
		assert_int_equal(u.begun, SEGMENTS);
	}
}

static void
a_scan_that_is_cancelled_ends(void **state)
{
	(void)state;
	for (unsigned threads = 1; threads <= 4; threads++) {
		struct result r = { .cancel_after = 10 * ROWS };
		struct flowd_error err;

		assert_int_equal(scan_result(&r, &ordered, threads, &err), 0);
		assert_true(r.flows >= 10 * ROWS && r.flows < 12 * ROWS);
		assert_false(r.out_of_order);
		assert_int_equal(r.ended, r.begun);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(threads_read_small_files_at_the_same_time),
		TEST(a_block_may_be_taken_by_its_head),
		TEST(order_and_events_are_those_of_the_files),
		TEST(damage_is_warned_of_in_its_file),
		TEST(a_file_that_cannot_be_read_ends_it_in_its_place),
		TEST(files_of_other_kinds_are_read_in_their_place),
		TEST(a_scan_that_is_cancelled_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
