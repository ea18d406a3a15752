/* Texts to be parsed: lib/syntax/source.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "../folder.h"
#include "collect.h"

static const struct source conf = { .name = "/etc/flowd/flowd.conf" };

static void
file_write(const char *path, const char *text, size_t n)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	for (size_t i = 0; i < n; i++)
		assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void
path_is_relative_to_the_text(void **unused)
{
	char out[32];

	(void)unused;
	assert_true(source_path(&conf, "lan.txt", out, sizeof(out)));
	assert_string_equal(out, "/etc/flowd/lan.txt");
	assert_true(source_path(&conf, "/tmp/lan.txt", out, sizeof(out)));
	assert_string_equal(out, "/tmp/lan.txt");
	assert_true(source_path(&(struct source){ .name = "flowd.conf" },
	    "lan.txt", out, sizeof(out)));
	assert_string_equal(out, "lan.txt");
	assert_false(source_path(&conf, "123456789/123456789/.", out,
	    sizeof(out)));
}

static void
folder_of_a_text_is_found_in_front_of_a_path(void **unused)
{
	(void)unused;
	assert_int_equal(source_folder_len(&conf, "/etc/flowd/lan.txt"), 11);
	assert_int_equal(source_folder_len(&conf, "/etc/lan.txt"), 0);
	assert_int_equal(source_folder_len(&conf, "/etc/flowd//lan.txt"), 0);
	assert_int_equal(source_folder_len(&conf, "lan.txt"), 0);
}

static void
assert_line(const struct source *src, uint32_t line, const char *want)
{
	struct bytes got = source_line(src, line);

	assert_int_equal(got.len, strlen(want));
	assert_true(got.len == 0 || memcmp(got.ptr, want, got.len) == 0);
}

static void
lines_are_numbered_from_the_first(void **unused)
{
	struct source src = source_of_text("t", bytes_of_text("a\n\nlast"));

	(void)unused;
	assert_line(&src, 1, "a");
	assert_line(&src, 2, "");
	assert_line(&src, 3, "last");
	assert_line(&src, 4, "");
	src.first_line = 10;
	assert_line(&src, 10, "a");
	assert_line(&src, 12, "last");
	assert_line(&src, 9, "");
}

static void
files_are_read_up_to_a_size(void **unused)
{
	char folder[FOLDER_PATH], path[FOLDER_PATH + 16];
	struct source src;
	struct flowd_error err;

	(void)unused;
	assert_int_equal(folder_make(folder), 0);
	(void)snprintf(path, sizeof(path), "%s/t.conf", folder);
	assert_int_equal(source_read(&src, path, &err), FLOWD_EIO);
	assert_non_null(strstr(err.text, path));
	file_write(path, "listen\n", 2);
	assert_int_equal(source_read(&src, path, &err), 0);
	assert_ptr_equal(src.name, path);
	assert_int_equal(src.text.len, 14);
	assert_line(&src, 2, "listen");
	source_fini(&src);
	file_write(path, "1234567\n", SOURCE_MAX / 8);
	assert_int_equal(source_read_regular(&src, path, &err), 0);
	source_fini(&src);
	file_write(path, "1234567\n", SOURCE_MAX / 8 + 1);
	assert_int_equal(source_read_regular(&src, path, &err), FLOWD_ERANGE);
}

static void
folders_and_fifos_are_refused(void **unused)
{
	char folder[FOLDER_PATH], path[FOLDER_PATH + 16];
	struct source src;
	struct flowd_error err;

	(void)unused;
	assert_int_equal(folder_make(folder), 0);
	assert_int_equal(source_read_regular(&src, folder, &err), FLOWD_EIO);
	assert_non_null(strstr(err.text, "it is no regular file"));
	(void)snprintf(path, sizeof(path), "%s/fifo", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(source_read(&src, path, &err), FLOWD_EIO);
	assert_non_null(strstr(err.text, "FIFO"));
	assert_null(source_open(path, &err));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(path_is_relative_to_the_text),
		cmocka_unit_test(folder_of_a_text_is_found_in_front_of_a_path),
		cmocka_unit_test(lines_are_numbered_from_the_first),
		cmocka_unit_test(files_are_read_up_to_a_size),
		cmocka_unit_test(folders_and_fifos_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
