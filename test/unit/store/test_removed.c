/* Segments that were removed, and their flows: lib/store/logdir/removed.c. */
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../folder.h"
#include "block_head.h"
#include "removed.h"

static struct {
	char folder[FOLDER_PATH];
	int dir;
} t;

static int
setup(void **unused)
{
	(void)unused;
	if (folder_make(t.folder) != 0)
		return -1;
	t.dir = open(t.folder, O_RDONLY | O_DIRECTORY);
	return t.dir == -1;
}

static int
teardown(void **unused)
{
	(void)unused;
	(void)close(t.dir);
	return folder_remove(t.folder);
}

/* A descriptor of a new file with these octets. */
static int
file_of(const void *octets, size_t len)
{
	int fd = openat(t.dir, "segment", O_RDWR | O_CREAT | O_TRUNC, 0600);

	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, octets, len), len);
	return fd;
}

static int64_t
removed_count(int fd)
{
	struct removed_walk walk = { 0, 0, 0 };
	unsigned budget = UINT_MAX;

	assert_true(removed_walk(&walk, fd, &budget));
	return walk.flows;
}

/* The front of a block, which is what is looked at, and room behind it. */
static size_t
put_block(uint8_t *p, uint8_t kind, uint8_t head, uint8_t data, uint16_t flows)
{
	memset(p, 0, 24);
	memcpy(p, block_magic, sizeof(block_magic));
	p[8] = kind;
	p[12] = head;
	p[16] = data;
	p[20] = (uint8_t)flows;
	p[21] = (uint8_t)(flows >> 8);
	memset(p + 24, 0x55, (size_t)head + data - 24);
	return (size_t)head + data;
}

/* It is gone on from where it was left. */
static void
some_at_a_time(int fd)
{
	struct removed_walk walk = { 0, 0, 0 };
	unsigned budget = 1;

	assert_false(removed_walk(&walk, fd, &budget));
	assert_int_equal(walk.flows, 500);
	assert_int_equal(budget, 0);
	assert_false(removed_walk(&walk, fd, &budget));
	budget = 10;
	assert_true(removed_walk(&walk, fd, &budget));
	assert_int_equal(walk.flows, 507);
	assert_int_equal(budget, 8);
}

static void
flows_are_those_of_whole_blocks(void **unused)
{
	uint8_t octets[1024];
	size_t len = 0;
	int fd;

	(void)unused;
	fd = file_of("", 0);
	assert_int_equal(removed_count(fd), 0);
	(void)close(fd);
	len += put_block(octets, BLOCK_FLOWS, 60, 40, 500);
	len += put_block(octets + len, BLOCK_FLOWS, 52, 0, 7);
	len += put_block(octets + len, BLOCK_INDEX, 100, 40, 507);
	fd = file_of(octets, len);
	assert_int_equal(removed_count(fd), 507);
	some_at_a_time(fd);
	(void)close(fd);
	/* Up to damage; a head of no length is none to go on from. */
	octets[100] ^= 1;
	fd = file_of(octets, len);
	assert_int_equal(removed_count(fd), 500);
	(void)close(fd);
	octets[100] ^= 1;
	octets[112] = 0;
	fd = file_of(octets, len);
	assert_int_equal(removed_count(fd), 507);
	(void)close(fd);
}

/* Blocks that take as good as nothing do not keep it for long. */
static void
too_many_blocks_are_not_counted(void **unused)
{
	const size_t n = 300000;
	uint8_t *octets = malloc(n * 24);
	int fd;

	(void)unused;
	assert_non_null(octets);
	for (size_t i = 0; i < n; i++)
		(void)put_block(octets + i * 24, BLOCK_FLOWS, 24, 0, 1);
	fd = file_of(octets, n * 24);
	assert_int_equal(removed_count(fd), -1);
	(void)close(fd);
	free(octets);
}

static void
add_removed(unsigned n, int fd)
{
	const struct file_access access = { .mode = 0 };
	char name[CATALOGUE_NAME];
	struct removed r;

	catalogue_name(1795428000 + n, 0, name);
	removed_load(&r, t.dir);
	removed_add(&r, name, fd != -1 ? removed_count(fd) : -1);
	assert_int_equal(removed_save(&r, t.dir, &access), 0);
	removed_fini(&r);
}

/* The lines of the file from this octet on: how many, and the sum of flows. */
static struct {
	unsigned lines, unknown, earlier;
	uint64_t flows;
} sum;

static void
sum_lines(const struct removed *r, size_t at)
{
	struct removed_line line;

	memset(&sum, 0, sizeof(sum));
	while (removed_next(r, &at, &line)) {
		sum.earlier += line.earlier;
		sum.lines += !line.earlier;
		sum.unknown += !line.earlier && !line.has_flows;
		sum.flows += line.flows;
	}
	assert_int_equal(at, r->text.len);
}

static void
sum_file(void)
{
	struct removed r;

	removed_load(&r, t.dir);
	sum_lines(&r, 0);
	removed_fini(&r);
}

static void
lines_have_names_and_flows(void **unused)
{
	uint8_t octets[64];
	size_t len = put_block(octets, BLOCK_FLOWS, 52, 0, 9), at = 0;
	struct removed_line line;
	struct removed r;
	int fd;

	(void)unused;
	(void)unlinkat(t.dir, removed_file, 0);
	sum_file();
	assert_int_equal(sum.lines, 0);
	fd = file_of(octets, len);
	for (unsigned n = 0; n < 5; n++)
		add_removed(n, fd);
	(void)close(fd);
	/* Of one that cannot be opened nothing is known. */
	add_removed(6, -1);
	sum_file();
	assert_true(sum.lines == 6 && sum.flows == 45 && sum.unknown == 1);
	removed_load(&r, t.dir);
	assert_true(removed_next(&r, &at, &line));
	assert_string_equal(line.name, "20261123T100000Z.flow");
	assert_true(line.flows == 9 && line.has_flows && !line.earlier);
	removed_fini(&r);
}

/* Add so many lines in front of which there are already at. */
static void
add_lines(struct removed *r, unsigned at, unsigned n)
{
	char name[CATALOGUE_NAME];

	for (unsigned i = at; i < at + n; i++) {
		catalogue_name(1795428000 + i, 0, name);
		removed_add(r, name, -1);
	}
}

static void
what_was_added_is_found(void **unused)
{
	struct removed before, now;
	bool cut = false;

	(void)unused;
	(void)unlinkat(t.dir, removed_file, 0);
	removed_load(&before, t.dir);
	removed_load(&now, t.dir);
	assert_int_equal(removed_since(&now, &before, &cut), 0);
	add_lines(&now, 0, 100);
	assert_int_equal(removed_since(&now, &before, &cut), 0);
	add_lines(&before, 0, 90);
	sum_lines(&now, removed_since(&now, &before, &cut));
	assert_int_equal(sum.lines, 10);
	assert_int_equal(removed_since(&now, &now, &cut), now.text.len);
	/* Also where the front is left out. */
	add_lines(&before, 90, 3900);
	add_lines(&now, 100, 4000);
	assert_true(now.text.len < before.text.len && !cut);
	sum_lines(&now, removed_since(&now, &before, &cut));
	assert_true(sum.lines == 110 && !cut);
	/* Or all of it. */
	add_lines(&now, 4100, 20000);
	assert_int_equal(removed_since(&now, &before, &cut), 0);
	assert_true(cut);
	removed_fini(&before);
	removed_fini(&now);
}

static void
a_list_that_is_long_loses_its_front(void **unused)
{
	const struct file_access access = { .mode = 0 };
	struct removed r;

	(void)unused;
	(void)unlinkat(t.dir, removed_file, 0);
	removed_load(&r, t.dir);
	add_lines(&r, 0, 10000);
	assert_true(r.text.len <= REMOVED_TEXT && r.text.len >= REMOVED_KEPT);
	assert_int_equal(removed_save(&r, t.dir, &access), 0);
	removed_fini(&r);
	sum_file();
	assert_true(sum.lines > 1000 && sum.lines < 9998 && sum.earlier == 1);
}

static void
what_is_no_list_is_none(void **unused)
{
	static const char text[] =
	    "removed\nremoved x 5\nremoved 20261123T100001Z.flow\n"
	    "earlier\nearlier nothing\n\n\x80\xff\n"
	    "removed 20261123T100002Z.flow 99999999999999999999999\n"
	    "removed 20261123T100003Z.flow 5";
	int fd;

	(void)unused;
	(void)unlinkat(t.dir, removed_file, 0);
	fd = openat(t.dir, removed_file, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	(void)close(fd);
	sum_file();
	assert_true(sum.lines == 2 && sum.unknown == 2 && sum.earlier == 0);
}

/* Whoever may write there may write any number. */
static void
numbers_that_none_can_be_are_not_summed_up(void **unused)
{
	static const char *const numbers[] = { "18446744073709551615",
		"9223372036854775807", "-1", "1125899906842625", "5x",
		"99999999999999999999999", "+3" };

	(void)unused;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		char text[200];
		int len = snprintf(text, sizeof(text),
		    "removed 20261123T100001Z.flow 4\n"
		    "removed 20261123T100002Z.flow %s\n"
		    "removed 20261123T100003Z.flow 5\n", numbers[i]);
		int fd = openat(t.dir, removed_file,
		    O_WRONLY | O_CREAT | O_TRUNC, 0600);

		assert_int_equal(write(fd, text, (size_t)len), len);
		(void)close(fd);
		sum_file();
		assert_int_equal(sum.lines, 3);
		assert_int_equal(sum.flows, 9);
		assert_int_equal(sum.unknown, 1);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(flows_are_those_of_whole_blocks),
		cmocka_unit_test(too_many_blocks_are_not_counted),
		cmocka_unit_test(lines_have_names_and_flows),
		cmocka_unit_test(what_was_added_is_found),
		cmocka_unit_test(a_list_that_is_long_loses_its_front),
		cmocka_unit_test(what_is_no_list_is_none),
		cmocka_unit_test(numbers_that_none_can_be_are_not_summed_up),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
