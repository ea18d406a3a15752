/* The segments of a directory: their names, their order, and which are old. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <unistd.h>

#include <cmocka.h>

#include "../folder.h"
#include "catalogue.h"

enum {
	START = 1795428300	/* 2026-11-23T10:05:00Z */
};

static void
catalogue_names_are_times(void **unused)
{
	char name[CATALOGUE_NAME];
	uint32_t number;
	int64_t sec;

	(void)unused;
	catalogue_name(START, 0, name);
	assert_string_equal(name, "20261123T100500Z.flow");
	assert_true(catalogue_parse(name, &sec, &number));
	assert_int_equal(sec, START);
	assert_int_equal(number, 0);
	catalogue_name(START, 12, name);
	assert_string_equal(name, "20261123T100500Z-12.flow");
	assert_true(catalogue_parse(name, &sec, &number));
	assert_int_equal(number, 12);
}

static void
catalogue_passes_over_other_names(void **unused)
{
	static const char *const names[] = { "", "x", ".", "flow",
		"20261123T100500Z.flow.gz", ".20261123T100500Z.flow.tmp",
		"20261323T100500Z.flow", "20261123T106000Z.flow",
		"20261123T100500Z-0.flow", "20261123T100500Z-01.flow",
		"20261123T100500Z-x.flow", "20261123T100500Z-99999999999.flow",
		"20261123t100500z.flow", "2026112\xffT100500Z.flow",
		"20261123T10:500Z.flow.." };
	uint32_t number;
	int64_t sec;

	(void)unused;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_false(catalogue_parse(names[i], &sec, &number));
}

/* n segments of 100 octets, five minutes each. */
static void
catalogue_fill(struct catalogue *c, unsigned n)
{
	char name[CATALOGUE_NAME];

	catalogue_init(c);
	/* Not in their order. */
	for (unsigned i = 0; i < n; i++) {
		catalogue_name(START + 300 * (i * 7 % n), 0, name);
		assert_int_equal(catalogue_add(c, name, 100), 0);
	}
	catalogue_sort(c);
}

static void
catalogue_is_in_the_order_of_time(void **unused)
{
	struct catalogue c;

	(void)unused;
	catalogue_fill(&c, 100);
	assert_int_equal(c.n, 100);
	for (size_t i = 0; i < c.n; i++)
		assert_int_equal(c.entry[i].start_sec, START + 300 * i);
	assert_int_equal(catalogue_add(&c, "20261123T100500Z-2.flow", 1), 0);
	assert_int_equal(catalogue_add(&c, "20261123T100500Z-10.flow", 1), 0);
	catalogue_sort(&c);
	assert_int_equal(c.entry[1].number, 2);
	assert_int_equal(c.entry[2].number, 10);
	catalogue_fini(&c);
}

static void
catalogue_finds_the_segments_of_a_time(void **unused)
{
	struct catalogue c;
	size_t first;

	(void)unused;
	catalogue_fill(&c, 10);
	assert_int_equal(catalogue_range(&c, INT64_MIN / 2, INT64_MAX / 2, 0,
	    &first), 10);
	assert_int_equal(first, 0);
	assert_int_equal(catalogue_range(&c, START + 600, START + 900, 0,
	    &first), 1);
	assert_int_equal(first, 2);
	assert_int_equal(catalogue_range(&c, START + 599, START + 901, 0,
	    &first), 3);
	assert_int_equal(first, 1);
	assert_int_equal(catalogue_range(&c, START + 600, START + 900, 300,
	    &first), 3);
	assert_int_equal(catalogue_range(&c, START - 100, START - 50, 0,
	    &first), 0);
	assert_int_equal(catalogue_range(&c, START + 9999, START + 99999, 0,
	    &first), 1);
	assert_int_equal(first, 9);
	catalogue_fini(&c);
}

/* As when a clock went back: those of one second may be of one time. */
static void
catalogue_ends_a_segment_at_the_next_second(void **unused)
{
	struct catalogue c;
	size_t first;

	(void)unused;
	catalogue_fill(&c, 3);
	assert_int_equal(catalogue_add(&c, "20261123T100500Z-1.flow", 1), 0);
	catalogue_sort(&c);
	assert_int_equal(catalogue_end(&c, 0), START + 300);
	assert_int_equal(catalogue_end(&c, 1), START + 300);
	assert_int_equal(catalogue_end(&c, 2), START + 600);
	assert_int_equal(catalogue_end(&c, 3), INT64_MAX);
	assert_int_equal(catalogue_range(&c, START + 100, START + 200, 0,
	    &first), 2);
	assert_int_equal(first, 0);
	assert_int_equal(catalogue_range(&c, START + 300, START + 301, 0,
	    &first), 1);
	assert_int_equal(first, 2);
	catalogue_fini(&c);
}

static void
catalogue_reads_a_directory(void **unused)
{
	static const char *const names[] = { "20261123T101000Z.flow",
		"20261123T100500Z.flow", "notes.txt", ".x" };
	char path[FOLDER_PATH];
	struct flowd_error err;
	struct catalogue c;
	int dir;

	(void)unused;
	assert_int_equal(folder_make(path), 0);
	dir = open(path, O_RDONLY | O_DIRECTORY);
	for (size_t i = 0; i < 4; i++) {
		int fd = openat(dir, names[i], O_WRONLY | O_CREAT, 0600);

		assert_int_equal(write(fd, "abc", 3), 3);
		(void)close(fd);
	}
	catalogue_init(&c);
	assert_int_equal(catalogue_read(&c, dir, &err), 0);
	assert_int_equal(c.n, 2);
	assert_string_equal(c.entry[0].name, names[1]);
	assert_int_equal(c.entry[0].size, 3);
	assert_true(c.entry[0].changed_sec < INT64_MAX);
	assert_true(c.entry[0].noted_sec < INT64_MAX);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(unlinkat(dir, names[i], 0), 0);
	(void)close(dir);
	assert_int_equal(rmdir(path), 0);
	catalogue_fini(&c);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(catalogue_names_are_times),
		cmocka_unit_test(catalogue_passes_over_other_names),
		cmocka_unit_test(catalogue_is_in_the_order_of_time),
		cmocka_unit_test(catalogue_finds_the_segments_of_a_time),
		cmocka_unit_test(catalogue_ends_a_segment_at_the_next_second),
		cmocka_unit_test(catalogue_reads_a_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
