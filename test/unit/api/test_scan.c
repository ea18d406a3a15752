/*
 * Scans of the public header: the same flows come out of every kind of file,
 * in batches and one by one. lib/api/flowd_scan.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <flowd/flowd.h>

#include "../query/logs.h"

enum {
	FLOWS = 40000,
	BLOCKS = 10
};

struct fixture {
	char folder[FOLDER_PATH];
	char v3[FOLDER_PATH + 16], v4[FOLDER_PATH + 16];
	char damaged[FOLDER_PATH + 16];
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct buf out;

	if (f == NULL || folder_make(f->folder) != 0)
		return -1;
	(void)snprintf(f->v3, sizeof(f->v3), "%s/v3", f->folder);
	(void)snprintf(f->v4, sizeof(f->v4), "%s/v4", f->folder);
	(void)snprintf(f->damaged, sizeof(f->damaged), "%s/bad", f->folder);
	buf_init(&out, LOGS_OCTETS_MAX);
	logs_put_records(&out, 0, FLOWS);
	assert_int_equal(logs_save(f->v3, &out, false), 0);
	/* A record in the middle is not as its checksum says. */
	out.ptr[out.len / 2] ^= 1;
	assert_int_equal(logs_save(f->damaged, &out, false), 0);
	buf_reset(&out);
	logs_put_blocks(&out, 0, BLOCKS, FLOWS / BLOCKS);
	assert_int_equal(logs_save(f->v4, &out, false), 0);
	buf_fini(&out);
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

static struct flowd_scan *
scan_of(const struct flowd_scan_options *o)
{
	struct flowd_error err;
	struct flowd_scan *s = flowd_scan_open(o, &err);

	if (s == NULL)
		fail_msg("%s", err.text);
	return s;
}

/* The sum of octets, and how many flows; they rise. */
static uint64_t
sum_of(const struct flowd_scan_options *o, uint64_t *flows)
{
	struct flowd_scan *s = scan_of(o);
	const struct flowd_batch *b;
	struct flowd_vector v;
	struct flowd_error err;
	uint64_t sum = 0, last = 0;
	int got;

	*flows = 0;
	while ((got = flowd_scan_next(s, &b, &err)) > 0) {
		assert_int_equal(flowd_batch_rows(b), got);
		assert_int_equal(
		    flowd_batch_vector(b, FLOWD_COL_octets, &v), 0);
		assert_int_equal(v.nvalid, got);
		for (int i = 0; i < got; i++) {
			assert_true(*flows == 0 || v.u64[i] > last);
			last = v.u64[i];
			sum += last;
			++*flows;
		}
	}
	if (got < 0)
		fail_msg("%s", err.text);
	assert_int_equal(flowd_scan_next(s, &b, &err), 0);
	flowd_scan_close(s);
	return sum;
}

static void
all_flows_come_out_of_every_file(void **state)
{
	const struct fixture *f = *state;
	const char *const paths[][2] = { { f->v3, NULL }, { f->v4, NULL } };
	const uint64_t all = (uint64_t)FLOWS * (FLOWS - 1) / 2;
	uint64_t flows;

	for (int i = 0; i < 2; i++)
		for (size_t rows = 0; rows < 9000; rows += 4321)
			for (unsigned threads = 0; threads < 4; threads++) {
				struct flowd_scan_options o = {
					.paths = paths[i], .rows = rows,
					.columns = "octets",
					.threads = threads,
				};

				assert_true(sum_of(&o, &flows) == all);
				assert_int_equal(flows, FLOWS);
				o.flags = FLOWD_SCAN_MMAP;
				assert_true(sum_of(&o, &flows) == all);
			}
}

/* Blocks in which few flows pass do not make a batch each. */
static void
small_pieces_are_joined(void **state)
{
	const struct fixture *f = *state;
	const char *const paths[] = { f->v4, NULL };
	struct flowd_scan_options o = { .paths = paths, .threads = 2,
		.where = "proto tcp src port 2", .columns = "octets",
		.flags = FLOWD_SCAN_MMAP };
	struct flowd_scan *s = scan_of(&o);
	const struct flowd_batch *b;

	assert_int_equal(flowd_scan_next(s, &b, NULL), FLOWS / 1000);
	assert_int_equal(flowd_scan_next(s, &b, NULL), 0);
	flowd_scan_close(s);
}

/* Of those that are read by threads, too. */
static void
a_scan_is_closed_at_any_time(void **state)
{
	const struct fixture *f = *state;
	const char *const paths[] = { f->v4, f->v3, f->v4, NULL };
	const struct flowd_batch *b;

	for (unsigned n = 0; n < 40; n++) {
		struct flowd_scan_options o = { .paths = paths,
			.rows = 100 + 300 * (size_t)n,
			.threads = 1 + n % 3 };
		struct flowd_scan *s = scan_of(&o);

		for (unsigned i = 0; i < n; i++)
			(void)flowd_scan_next(s, &b, NULL);
		flowd_scan_close(s);
	}
}

static void
only_flows_that_pass_are_in_batches(void **state)
{
	const struct fixture *f = *state;
	const char *const paths[] = { f->v3, f->v4, NULL };
	struct flowd_scan_options o = { .paths = paths + 1,
		.where = "proto tcp src port 2", .columns = "octets",
		.flags = FLOWD_SCAN_MMAP };
	uint64_t flows;

	(void)sum_of(&o, &flows);
	assert_int_equal(flows, FLOWS / 1000);
	o.where = NULL;
	o.start_ns = (LOGS_START_SEC + INT64_C(100)) * 1000000000;
	o.end_ns = (LOGS_START_SEC + INT64_C(150)) * 1000000000;
	(void)sum_of(&o, &flows);
	assert_int_equal(flows, 50);
	o.start_ns = o.end_ns = 0;
	o.time = "2023-11-14T22:15:00Z,2023-11-14T22:16:00Z";
	(void)sum_of(&o, &flows);
	assert_int_equal(flows, 60);
}

static void
flows_come_one_by_one(void **state)
{
	const struct fixture *f = *state;
	const char *const paths[] = { f->v3, f->v4, NULL };
	struct flowd_scan_options o = { .paths = paths, .rows = 1000 };
	struct flowd_scan *s = scan_of(&o);
	struct flowd_flow flow;
	struct flowd_error err;
	unsigned n = 0;
	int got;

	while ((got = flowd_scan_next_flow(s, &flow, &err)) > 0) {
		assert_int_equal(flowd_batch_uint(flow.batch, FLOWD_COL_octets,
				     flow.row),
		    n % FLOWS);
		n++;
	}
	assert_int_equal(got, 0);
	assert_int_equal(n, 2 * FLOWS);
	assert_int_equal(flowd_scan_next_flow(s, &flow, &err), 0);
	flowd_scan_close(s);
}

static void
a_batch_with_a_reference_outlives_the_scan(void **state)
{
	const struct fixture *f = *state;
	const char *const paths[] = { f->v4, NULL };
	struct flowd_scan_options o = { .paths = paths, .rows = 100,
		.threads = 1 };
	struct flowd_scan *s = scan_of(&o);
	const struct flowd_batch *first, *second;
	const struct flowd_batch *mine;

	assert_int_equal(flowd_scan_next(s, &first, NULL), 100);
	mine = flowd_batch_ref(first);
	assert_int_equal(flowd_scan_next(s, &second, NULL), 100);
	assert_ptr_not_equal(first, second);
	assert_int_equal(flowd_batch_uint(mine, FLOWD_COL_octets, 5), 5);
	assert_int_equal(flowd_batch_uint(second, FLOWD_COL_octets, 5), 105);
	/* One that nobody else has is filled anew. */
	assert_int_equal(flowd_scan_next(s, &first, NULL), 100);
	assert_ptr_equal(first, second);
	flowd_scan_close(s);
	assert_int_equal(flowd_batch_uint(mine, FLOWD_COL_octets, 99), 99);
	flowd_batch_free(mine);
}

static void
count_warning(void *arg, const char *text)
{
	unsigned *n = arg;

	assert_non_null(strstr(text, "/bad: "));
	++*n;
}

static void
flows_in_front_of_damage_come_first(void **state)
{
	const struct fixture *f = *state;
	const char *const paths[] = { f->damaged, f->v4, NULL };
	unsigned warned = 0;
	struct flowd_scan_options o = { .paths = paths, .warn = count_warning,
		.arg = &warned };
	struct flowd_scan *s = scan_of(&o);
	const struct flowd_batch *b;
	struct flowd_error err;
	uint64_t flows;
	int got, n = 0;

	while ((got = flowd_scan_next(s, &b, &err)) > 0)
		n += got;
	assert_int_equal(got, FLOWD_ECHECKSUM);
	assert_int_equal(n, FLOWS / 2);
	err.text[0] = '\0';
	assert_int_equal(flowd_scan_next(s, &b, &err), FLOWD_ECHECKSUM);
	assert_non_null(strstr(err.text, "checksum"));
	flowd_scan_close(s);

	o.flags = FLOWD_SCAN_SALVAGE;
	s = scan_of(&o);
	assert_int_equal(flowd_scan_count(s, &flows, &err), 0);
	assert_int_equal(flows, FLOWS / 2 + FLOWS);
	assert_int_equal(warned, 1);
	assert_int_equal(flowd_scan_warnings(s, &err), 1);
	assert_non_null(strstr(err.text, "checksum"));
	flowd_scan_close(s);
}

static void
a_scan_that_is_cancelled_ends(void **state)
{
	const struct fixture *f = *state;
	const char *const paths[] = { f->v4, NULL };
	struct flowd_scan_options o = { .paths = paths, .rows = 64,
		.threads = 1 };
	struct flowd_scan *s;
	const struct flowd_batch *b;
	struct flowd_flow flow;
	struct flowd_error err;
	uint64_t flows = 1;

	for (unsigned threads = 1; threads < 3; threads++) {
		o.threads = threads;
		s = scan_of(&o);
		assert_int_equal(flowd_scan_next(s, &b, NULL), 64);
		flowd_scan_cancel(s);
		/* It does not look complete. */
		for (int i = 0; i < 2; i++) {
			assert_int_equal(
			    flowd_scan_next(s, &b, &err), FLOWD_ECANCELED);
			assert_int_equal(err.code, FLOWD_ECANCELED);
			assert_null(b);
			assert_int_equal(flowd_scan_next_flow(s, &flow, NULL),
			    FLOWD_ECANCELED);
		}
		flowd_scan_close(s);
	}
	s = scan_of(&o);
	flowd_scan_cancel(s);
	assert_int_equal(flowd_scan_count(s, &flows, &err), FLOWD_ECANCELED);
	assert_int_equal(err.code, FLOWD_ECANCELED);
	assert_int_equal(flows, 0);
	flowd_scan_close(s);
}

static void
a_scan_that_is_cancelled_at_its_end_is_complete(void **state)
{
	const struct fixture *f = *state;
	const char *const paths[] = { f->v4, NULL };
	struct flowd_scan_options o = { .paths = paths };
	struct flowd_scan *s = scan_of(&o);
	const struct flowd_batch *b;
	int got;

	while ((got = flowd_scan_next(s, &b, NULL)) > 0)
		;
	assert_int_equal(got, 0);
	flowd_scan_cancel(s);
	assert_int_equal(flowd_scan_next(s, &b, NULL), 0);
	flowd_scan_close(s);
}

static int
cancel_it(void *arg, struct flowd_error *err)
{
	struct flowd_scan **s = arg;

	(void)err;
	flowd_scan_cancel(*s);
	return 0;
}

static void
to_cancel_is_the_end_of_a_scan_that_follows(void **state)
{
	const struct fixture *f = *state;
	const char *const paths[] = { f->v4, NULL };
	struct flowd_scan *s = NULL;
	struct flowd_scan_options o = { .paths = paths,
		.flags = FLOWD_SCAN_FOLLOW | FLOWD_SCAN_MMAP,
		.idle = cancel_it, .arg = &s };
	const struct flowd_batch *b;
	uint64_t flows;
	int got, n = 0;

	s = scan_of(&o);
	while ((got = flowd_scan_next(s, &b, NULL)) > 0)
		n += got;
	assert_int_equal(got, 0);
	assert_int_equal(n, FLOWS);
	flowd_scan_close(s);
	s = scan_of(&o);
	assert_int_equal(flowd_scan_count(s, &flows, NULL), 0);
	assert_int_equal(flows, FLOWS);
	flowd_scan_close(s);
}

static int
end_it(void *arg, struct flowd_error *err)
{
	unsigned *n = arg;

	if (++*n < 3)
		return 0;
	(void)snprintf(err->text, sizeof(err->text), "enough");
	return FLOWD_EINVAL;
}

static void
a_scan_that_follows_waits_until_it_is_ended(void **state)
{
	const struct fixture *f = *state;
	const char *const paths[] = { f->v4, NULL };
	unsigned waits = 0;
	struct flowd_scan_options o = { .paths = paths,
		.flags = FLOWD_SCAN_FOLLOW | FLOWD_SCAN_MMAP,
		.idle = end_it, .arg = &waits };
	struct flowd_scan *s = scan_of(&o);
	const struct flowd_batch *b;
	struct flowd_error err;
	int got, n = 0;

	while ((got = flowd_scan_next(s, &b, &err)) > 0)
		n += got;
	assert_int_equal(n, FLOWS);
	assert_int_equal(got, FLOWD_EINVAL);
	assert_string_equal(err.text, "enough");
	assert_int_equal(err.code, FLOWD_EINVAL);
	assert_int_equal(waits, 3);
	flowd_scan_close(s);
}

struct progress {
	uint64_t done, total;
	unsigned calls, most; /* it cancels the scan at the latter */
};

static int
note_progress(void *arg, uint64_t done, uint64_t total)
{
	struct progress *p = arg;

	assert_true(done >= p->done && done <= total);
	p->done = done;
	p->total = total;
	return ++p->calls == p->most;
}

/* Of every way to read; it ends with all octets. */
static void
progress_is_told_and_can_cancel(void **state)
{
	const struct fixture *f = *state;
	const char *const paths[] = { f->v3, f->v4, f->v4, NULL };

	for (unsigned i = 0; i < 8; i++) {
		struct progress p = { .most = 0 };
		struct flowd_scan_options o = { .paths = paths,
			.threads = 1 + i / 2 % 2,
			.flags = i % 2 ? FLOWD_SCAN_MMAP : 0,
			.progress = note_progress,
			.arg = &p };
		const struct flowd_batch *b;
		struct flowd_scan *s;
		uint64_t flows;
		int got = 0;

		s = scan_of(&o);
		if (i < 4)
			while ((got = flowd_scan_next(s, &b, NULL)) > 0)
				;
		else
			got = flowd_scan_count(s, &flows, NULL);
		assert_int_equal(got, 0);
		assert_true(p.calls >= 3);
		assert_true(p.done == p.total && p.total > 0);
		flowd_scan_close(s);
		p = (struct progress) { .most = 2 };
		s = scan_of(&o);
		if (i < 4)
			while ((got = flowd_scan_next(s, &b, NULL)) > 0)
				;
		else
			got = flowd_scan_count(s, &flows, NULL);
		assert_int_equal(got, FLOWD_ECANCELED);
		flowd_scan_close(s);
	}
}

/* A file whose offset is not 0, and a pipe; they stay open. */
static void
descriptors_are_read_as_paths_are(void **state)
{
	const struct fixture *f = *state;
	const char *const paths[] = { f->v4, NULL };
	const uint64_t all = (uint64_t)FLOWS * (FLOWS - 1) / 2;
	int fds[2] = { open(f->v3, O_RDONLY), open(f->v4, O_RDONLY) };
	const int closed = 1000;
	struct flowd_scan_options o = { .fds = fds, .columns = "octets" };
	struct flowd_error err;
	uint64_t flows;

	assert_int_equal(lseek(fds[0], 100, SEEK_SET), 100);
	for (unsigned i = 0; i < 4; i++) {
		o.flags = i % 2 ? FLOWD_SCAN_MMAP : 0;
		o.threads = i / 2;
		for (o.fds = fds; o.fds < fds + 2; o.fds++) {
			o.nfds = 1;
			assert_true(sum_of(&o, &flows) == all);
			assert_int_equal(flows, FLOWS);
		}
	}
	/* Behind the paths. */
	o = (struct flowd_scan_options) { .paths = paths, .fds = fds,
		.nfds = 1, .flags = FLOWD_SCAN_MMAP };
	{
		struct flowd_scan *s = scan_of(&o);

		assert_int_equal(flowd_scan_count(s, &flows, NULL), 0);
		assert_int_equal(flows, 2 * FLOWS);
		flowd_scan_close(s);
	}
	assert_int_equal(close(fds[0]), 0);
	assert_int_equal(close(fds[1]), 0);
	o = (struct flowd_scan_options) { .fds = &closed, .nfds = 1 };
	{
		struct flowd_scan *s = flowd_scan_open(&o, &err);
		const struct flowd_batch *b;

		if (s != NULL)
			assert_int_equal(
			    flowd_scan_next(s, &b, &err), FLOWD_EIO);
		assert_int_equal(err.code, FLOWD_EIO);
		assert_true(err.system == EBADF || err.system == ENOENT);
		flowd_scan_close(s);
	}
}

static void
options_that_make_no_sense_are_refused(void **state)
{
	const struct fixture *f = *state;
	const char *const none[] = { NULL }, *const one[] = { f->v4, NULL };
	const char *const missing[] = { "/nonexistent", NULL };
	const int fd = -1;
	const struct {
		struct flowd_scan_options o;
		const char *text;
	} cases[] = {
		{ { .paths = none }, "no path to read" },
		{ { .paths = NULL }, "no path to read" },
		{ { .paths = one, .columns = "octet" },
		    "no column \"octet\"; did you mean \"octets\"?" },
		{ { .paths = one, .where = "proto tpc" }, "" },
		{ { .paths = one, .rows = FLOWD_BATCH_MAX + 1 },
		    "a batch has at most 1048576 rows" },
		{ { .paths = one, .time = "-15m", .end_ns = 1 },
		    "a range of time is given as a text and as numbers" },
		{ { .paths = one, .flags = FLOWD_SCAN_FOLLOW },
		    "files that are followed are mapped: FLOWD_SCAN_FOLLOW "
		    "needs FLOWD_SCAN_MMAP" },
		{ { .fds = &fd }, "no path to read" },
		{ { .fds = &fd, .nfds = 1 }, "-1: is no descriptor" },
	};
	const struct flowd_batch *b;
	struct flowd_error err;
	struct flowd_scan *s;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		err.text[0] = '\0';
		assert_null(flowd_scan_open(&cases[i].o, &err));
		if (cases[i].text[0] != '\0')
			assert_string_equal(err.text, cases[i].text);
		assert_true(err.text[0] != '\0');
		assert_null(flowd_scan_open(&cases[i].o, NULL));
	}
	/* A path that is not there shows when it is its turn. */
	s = flowd_scan_open(
	    &(struct flowd_scan_options) { .paths = missing }, &err);
	if (s != NULL) {
		assert_int_equal(flowd_scan_next(s, &b, &err), FLOWD_EIO);
		flowd_scan_close(s);
	}
	assert_string_equal(
	    err.text, "/nonexistent: No such file or directory");
	flowd_scan_close(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_flows_come_out_of_every_file),
		cmocka_unit_test(only_flows_that_pass_are_in_batches),
		cmocka_unit_test(small_pieces_are_joined),
		cmocka_unit_test(a_scan_is_closed_at_any_time),
		cmocka_unit_test(flows_come_one_by_one),
		cmocka_unit_test(a_batch_with_a_reference_outlives_the_scan),
		cmocka_unit_test(flows_in_front_of_damage_come_first),
		cmocka_unit_test(a_scan_that_is_cancelled_ends),
		cmocka_unit_test(
		    a_scan_that_is_cancelled_at_its_end_is_complete),
		cmocka_unit_test(to_cancel_is_the_end_of_a_scan_that_follows),
		cmocka_unit_test(a_scan_that_follows_waits_until_it_is_ended),
		cmocka_unit_test(progress_is_told_and_can_cancel),
		cmocka_unit_test(descriptors_are_read_as_paths_are),
		cmocka_unit_test(options_that_make_no_sense_are_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
