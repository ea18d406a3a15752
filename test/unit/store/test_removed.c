/* Segments that were removed, and their flows: lib/store/removed.c. */
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
#include "block.h"
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
	char command[FOLDER_PATH + 8];

	(void)unused;
	(void)close(t.dir);
	(void)snprintf(command, sizeof(command), "rm -r %s", t.folder);
	return system(command);
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

static struct removed_sum
sum_between(const char *first, bool counts, const char *last)
{
	struct removed r;
	struct removed_sum sum;

	removed_load(&r, t.dir);
	sum = removed_between(&r, first, counts, last);
	removed_fini(&r);
	return sum;
}

static void
add(unsigned n, int fd)
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

static void
those_between_two_are_summed_up(void **unused)
{
	uint8_t octets[64];
	size_t len = put_block(octets, BLOCK_FLOWS, 52, 0, 9);
	struct removed_sum sum;
	int fd;

	(void)unused;
	(void)unlinkat(t.dir, removed_file, 0);
	sum = sum_between("20261123T100000Z.flow", true,
	    "20261123T100009Z.flow");
	assert_true(sum.segments == 0 && sum.flows == 0 && !sum.more);
	fd = file_of(octets, len);
	for (unsigned n = 0; n < 5; n++)
		add(n, fd);
	(void)close(fd);
	sum = sum_between("20261123T100000Z.flow", true,
	    "20261123T100003Z.flow");
	assert_true(sum.segments == 3 && sum.flows == 27 && !sum.more);
	sum = sum_between("20261123T100000Z.flow", false,
	    "20261123T100003Z.flow");
	assert_true(sum.segments == 2 && sum.flows == 18 && !sum.more);
	sum = sum_between("20261123T100000Z-1.flow", true,
	    "20261123T100002Z-1.flow");
	assert_true(sum.segments == 2 && sum.flows == 18);
	sum = sum_between("20261123T100004Z.flow", false,
	    "20261123T110000Z.flow");
	assert_true(sum.segments == 0 && !sum.more);
	/* Of one that cannot be opened nothing is known. */
	add(6, -1);
	sum = sum_between("20261123T100004Z.flow", false,
	    "20261123T110000Z.flow");
	assert_true(sum.segments == 1 && sum.flows == 0 && sum.more);
}

static void
a_list_that_is_long_loses_its_front(void **unused)
{
	const struct file_access access = { .mode = 0 };
	char name[CATALOGUE_NAME];
	struct removed_sum sum;
	struct removed r;

	(void)unused;
	(void)unlinkat(t.dir, removed_file, 0);
	removed_load(&r, t.dir);
	for (unsigned n = 0; n < 10000; n++) {
		catalogue_name(1795428000 + n, 0, name);
		removed_add(&r, name, -1);
	}
	assert_true(r.text.len <= REMOVED_TEXT && r.text.len >= REMOVED_KEPT);
	assert_int_equal(removed_save(&r, t.dir, &access), 0);
	removed_fini(&r);
	sum = sum_between("20261123T100000Z.flow", false,
	    "20261123T124639Z.flow");
	assert_true(sum.more && sum.segments > 1000 && sum.segments < 9998);
	sum = sum_between("20261123T124630Z.flow", false,
	    "20261123T124639Z.flow");
	assert_int_equal(sum.segments, 8);
}

static void
what_is_no_list_is_none(void **unused)
{
	static const char text[] =
	    "removed\nremoved x 5\nremoved 20261123T100001Z.flow\n"
	    "earlier\nearlier nothing\n\n\x80\xff\n"
	    "removed 20261123T100002Z.flow 99999999999999999999999\n"
	    "removed 20261123T100003Z.flow 5";
	struct removed_sum sum;
	int fd;

	(void)unused;
	(void)unlinkat(t.dir, removed_file, 0);
	fd = openat(t.dir, removed_file, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	(void)close(fd);
	sum = sum_between("20261123T100000Z.flow", true,
	    "20261123T110000Z.flow");
	assert_true(sum.segments == 2 && sum.more);
}

/* Whoever may write there may write any number. */
static void
numbers_that_none_can_be_are_not_summed_up(void **unused)
{
	static const char *const numbers[] = { "18446744073709551615",
		"9223372036854775807", "-1", "1125899906842625", "5x",
		"99999999999999999999999", "+3" };
	struct removed_sum sum;

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
		sum = sum_between("20261123T100000Z.flow", true,
		    "20261123T110000Z.flow");
		assert_int_equal(sum.segments, 3);
		assert_int_equal(sum.flows, 9);
		assert_true(sum.more);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(flows_are_those_of_whole_blocks),
		cmocka_unit_test(too_many_blocks_are_not_counted),
		cmocka_unit_test(those_between_two_are_summed_up),
		cmocka_unit_test(a_list_that_is_long_loses_its_front),
		cmocka_unit_test(what_is_no_list_is_none),
		cmocka_unit_test(numbers_that_none_can_be_are_not_summed_up),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
