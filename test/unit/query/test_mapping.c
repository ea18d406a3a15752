/* The octets of logs, of files and of pipes: lib/query/mapping.c. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "logs.h"
#include "mapping.h"

static struct {
	char folder[FOLDER_PATH], path[FOLDER_PATH + 8];
	struct mapping m;
} t;

static int
set_up(void **state)
{
	(void)state;
	if (folder_make(t.folder) != 0)
		return -1;
	(void)snprintf(t.path, sizeof(t.path), "%s/log", t.folder);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	return unlink(t.path) != 0 || rmdir(t.folder) != 0;
}

static void
put_octets(const char *octets, int flags)
{
	int fd = open(t.path, O_WRONLY | O_CREAT | flags, 0600);

	assert_int_equal(write(fd, octets, strlen(octets)), strlen(octets));
	assert_int_equal(close(fd), 0);
}

static void
file_map(void)
{
	struct flowd_error err;
	int fd = open(t.path, O_RDONLY);

	assert_int_equal(mapping_init(&t.m, fd, (struct bytes){ NULL, 0 },
	    "log", &err), 0);
}

static void
assert_has(const char *octets)
{
	assert_int_equal(t.m.all.len, strlen(octets));
	if (t.m.all.len > 0)
		assert_memory_equal(t.m.all.ptr, octets, t.m.all.len);
}

static void
a_file_that_grows_is_mapped_anew(void **state)
{
	struct flowd_error err;
	size_t used = 3;

	(void)state;
	put_octets("", O_TRUNC);
	file_map();
	assert_true(t.m.is_file && t.m.eof);
	assert_has("");
	assert_int_equal(mapping_more(&t.m, &used, "log", &err), 0);
	put_octets("some", O_APPEND);
	assert_int_equal(mapping_more(&t.m, &used, "log", &err), 1);
	assert_has("some");
	put_octets(" more", O_APPEND);
	assert_int_equal(mapping_more(&t.m, &used, "log", &err), 1);
	assert_has("some more");
	/* What was used stays where it was. */
	assert_int_equal(used, 3);
	assert_int_equal(truncate(t.path, 4), 0);
	assert_int_equal(mapping_more(&t.m, &used, "log", &err), FLOWD_EIO);
	assert_string_equal(err.text, "log: became shorter while it was read");
	mapping_fini(&t.m);
}

static void
what_is_used_of_a_pipe_goes(void **state)
{
	struct flowd_error err;
	int fd[2];
	size_t used = 0;

	(void)state;
	put_octets("", O_TRUNC);
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(mapping_init(&t.m, fd[0],
	    (struct bytes){ (const uint8_t *)"a", 1 }, "pipe", &err), 0);
	assert_true(!t.m.is_file && !t.m.eof);
	assert_has("a");
	assert_int_equal(write(fd[1], "bcdef", 5), 5);
	assert_int_equal(mapping_more(&t.m, &used, "pipe", &err), 1);
	assert_has("abcdef");
	used = 4;
	assert_int_equal(write(fd[1], "gh", 2), 2);
	assert_int_equal(mapping_more(&t.m, &used, "pipe", &err), 1);
	assert_has("efgh");
	assert_true(used == 0 && t.m.offset == 4);
	assert_int_equal(close(fd[1]), 0);
	assert_int_equal(mapping_more(&t.m, &used, "pipe", &err), 0);
	assert_true(t.m.eof);
	assert_int_equal(mapping_more(&t.m, &used, "pipe", &err), 0);
	mapping_fini(&t.m);
}

static void
what_cannot_be_read_is_said(void **state)
{
	struct flowd_error err;

	(void)state;
	put_octets("", O_TRUNC);
	assert_int_equal(mapping_init(&t.m, -1, (struct bytes){ NULL, 0 },
	    "log", &err), FLOWD_EIO);
	assert_string_equal(err.text, "log: Bad file descriptor");
}

static void
a_block_behind_damage_is_found(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, LOGS_OCTETS_MAX);
	logs_put_blocks(&out, 0, 2, 100);
	assert_int_equal(logs_save(t.path, &out, false), 0);
	file_map();
	/* A log that is whole is not damaged. */
	assert_false(mapping_has_block(&t.m));
	mapping_fini(&t.m);
	memset(out.ptr, 'x', 8);
	assert_int_equal(logs_save(t.path, &out, false), 0);
	file_map();
	assert_true(mapping_has_block(&t.m));
	mapping_fini(&t.m);
	memset(out.ptr, 'x', out.len);
	assert_int_equal(logs_save(t.path, &out, false), 0);
	file_map();
	assert_false(mapping_has_block(&t.m));
	mapping_fini(&t.m);
	buf_fini(&out);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_file_that_grows_is_mapped_anew),
		TEST(what_is_used_of_a_pipe_goes),
		TEST(what_cannot_be_read_is_said),
		TEST(a_block_behind_damage_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
