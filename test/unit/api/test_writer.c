/* Writing logs by the public header: lib/api/flowd_writer.c. */
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

#include "../folder.h"

enum { ROWS = 5000 };

struct fixture {
	char folder[FOLDER_PATH], path[FOLDER_PATH + 16];
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL || folder_make(f->folder) != 0)
		return -1;
	(void)snprintf(f->path, sizeof(f->path), "%s/log", f->folder);
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

/* Numbered flows; every hundredth has one address only. */
static struct flowd_batch *
flows(void)
{
	struct flowd_batch *b =
	    flowd_batch_new("octets,src_addr,dst_addr", ROWS, NULL);
	struct flowd_addr a;

	assert_non_null(b);
	assert_int_equal(flowd_addr_parse("192.0.2.1", &a), 0);
	for (unsigned i = 0; i < ROWS; i++) {
		assert_int_equal(flowd_batch_append(b), i);
		(void)flowd_batch_set_uint(b, FLOWD_COL_octets, i, i);
		(void)flowd_batch_set_addr(b, FLOWD_COL_src_addr, i, &a);
		if (i % 100 != 0)
			(void)flowd_batch_set_addr(
			    b, FLOWD_COL_dst_addr, i, &a);
	}
	return b;
}

/* The number of flows in a file, and the sum of their octets. */
static unsigned
read_back(const char *path, uint64_t *sum)
{
	const char *const paths[] = { path, NULL };
	const struct flowd_scan_options o = { .paths = paths };
	struct flowd_error err = { .text = "" };
	struct flowd_scan *s = flowd_scan_open(&o, &err);
	struct flowd_flow flow;
	unsigned n = 0;
	int got;

	if (s == NULL)
		fail_msg("%s", err.text);
	*sum = 0;
	while ((got = flowd_scan_next_flow(s, &flow, &err)) > 0) {
		*sum += flowd_batch_uint(
		    flow.batch, FLOWD_COL_octets, flow.row);
		n++;
	}
	assert_int_equal(got, 0);
	flowd_scan_close(s);
	return n;
}

static void
what_is_written_is_read_back(void **state)
{
	static const struct flowd_writer_options cases[] = {
		{ .version = 0 },
		{ .version = 4, .compression = FLOWD_COMPRESS_LZ4 },
		{ .version = 4, .compression = FLOWD_COMPRESS_NONE },
		{ .version = 4, .level = 12 },
	};
	const struct fixture *f = *state;
	struct flowd_batch *b = flows();
	struct flowd_writer *w;
	uint64_t sum;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		w = flowd_writer_open(f->path, &cases[i], NULL);
		assert_non_null(w);
		assert_int_equal(
		    flowd_writer_rows(w, b, 0, SIZE_MAX, NULL), ROWS);
		assert_int_equal(flowd_writer_rows(w, b, 7, 2, NULL), 2);
		assert_int_equal(flowd_writer_rows(w, b, ROWS, 2, NULL), 0);
		assert_int_equal(flowd_writer_left_out(w), 0);
		assert_int_equal(flowd_writer_close(w, NULL), 0);
		assert_int_equal(read_back(f->path, &sum), ROWS + 2);
		assert_int_equal(sum, ROWS * (ROWS - 1) / 2 + 7 + 8);
	}
	flowd_batch_free(b);
}

static void
version_3_leaves_out_what_it_cannot_hold(void **state)
{
	const struct flowd_writer_options o = { .version = 3 };
	const struct fixture *f = *state;
	struct flowd_batch *b = flows();
	struct flowd_writer *w = flowd_writer_open(f->path, &o, NULL);
	uint64_t sum;

	assert_non_null(w);
	assert_int_equal(flowd_writer_rows(w, b, 0, SIZE_MAX, NULL),
	    ROWS - ROWS / 100);
	assert_int_equal(flowd_writer_left_out(w), ROWS / 100);
	assert_int_equal(flowd_writer_rows(w, b, 100, 1, NULL), 0);
	assert_int_equal(flowd_writer_close(w, NULL), 0);
	assert_int_equal(read_back(f->path, &sum), ROWS - ROWS / 100);
	flowd_batch_free(b);
}

static void
what_was_flushed_is_there(void **state)
{
	const struct fixture *f = *state;
	struct flowd_batch *b = flows();
	struct flowd_writer_options o = { .version = 3 };
	struct flowd_writer *w;
	uint64_t sum;

	for (o.version = 3; o.version <= 4; o.version++) {
		w = flowd_writer_open(f->path, &o, NULL);
		assert_non_null(w);
		assert_int_equal(flowd_writer_rows(w, b, 1, 10, NULL), 10);
		assert_int_equal(read_back(f->path, &sum), 0);
		assert_int_equal(flowd_writer_flush(w, NULL), 0);
		assert_int_equal(read_back(f->path, &sum), 10);
		assert_int_equal(sum, 55);
		assert_int_equal(flowd_writer_close(w, NULL), 0);
	}
	flowd_batch_free(b);
}

static void
a_descriptor_stays_the_callers(void **state)
{
	const struct fixture *f = *state;
	int fd = open(f->path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	struct flowd_batch *b = flows();
	struct flowd_writer *w = flowd_writer_open_fd(fd, "log", NULL, NULL);
	uint64_t sum;

	assert_non_null(w);
	assert_int_equal(flowd_writer_rows(w, b, 0, 3, NULL), 3);
	assert_int_equal(flowd_writer_close(w, NULL), 0);
	assert_int_equal(read_back(f->path, &sum), 3);
	assert_int_equal(close(fd), 0);
	flowd_batch_free(b);
}

static void
a_full_disk_is_an_error(void **state)
{
	struct flowd_batch *b = flows();
	struct flowd_writer *w = flowd_writer_open("/dev/full", NULL, NULL);
	struct flowd_error err;

	(void)state;
	if (w == NULL)
		skip();
	assert_int_equal(flowd_writer_rows(w, b, 0, 1, &err), 1);
	assert_int_equal(flowd_writer_flush(w, &err), FLOWD_EIO);
	assert_string_equal(
	    err.text, "/dev/full: write: No space left on device");
	assert_int_equal(flowd_writer_rows(w, b, 0, 1, &err), FLOWD_EIO);
	assert_string_equal(err.text, "/dev/full: writing failed before");
	(void)flowd_writer_close(w, NULL);
	flowd_batch_free(b);
}

static void
options_that_make_no_sense_are_refused(void **state)
{
	static const struct {
		struct flowd_writer_options o;
		const char *text;
	} cases[] = {
		{ { .version = 2 },
		    "a log is written in version 3 or 4, not 2" },
		{ { .compression = 3 }, "3 is no compression" },
		{ { .level = 20 },
		    "the level of zstd is between 1 and 19" },
	};
	const struct fixture *f = *state;
	struct flowd_error err;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_null(flowd_writer_open(f->path, &cases[i].o, &err));
		assert_string_equal(err.text, cases[i].text);
	}
	assert_null(flowd_writer_open("/nonexistent/log", NULL, &err));
	assert_string_equal(
	    err.text, "/nonexistent/log: No such file or directory");
	assert_int_equal(flowd_writer_close(NULL, NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(version_3_leaves_out_what_it_cannot_hold),
		cmocka_unit_test(what_was_flushed_is_there),
		cmocka_unit_test(a_descriptor_stays_the_callers),
		cmocka_unit_test(a_full_disk_is_an_error),
		cmocka_unit_test(options_that_make_no_sense_are_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
