/* Included files: lib/config/include.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "../folder.h"
#include "../syntax/collect.h"
#include "parse.h"

struct fixture {
	char folder[FOLDER_PATH], path[FOLDER_PATH + 16];
	struct filter filter;
	struct ast ast;
	struct source src;
	struct collected got;
};

static int
setup(void **state)
{
	static struct fixture f;

	*state = &f;
	if (folder_make(f.folder) != 0 || filter_init(&f.filter) != 0)
		return -1;
	(void)snprintf(f.path, sizeof(f.path), "%s/main.conf", f.folder);
	ast_init(&f.ast, &f.filter);
	f.ast.may_include = true;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	filter_fini(&f->filter);
	return 0;
}

static void
file_write(const struct fixture *f, const char *name, const char *text)
{
	char path[FOLDER_PATH + 32];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", f->folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int
main_parse(struct fixture *f, const char *text)
{
	collected_init(&f->got);
	f->src = source_of_text(f->path, bytes_of_text(text));
	return parse_config(&f->ast, &f->src, &f->got.sink);
}

/* The ports that the configuration listens on, in the order of lines. */
static void
assert_ports(const struct fixture *f, const char *want)
{
	char ports[64] = "";

	for (const struct stmt *s = f->ast.first; s != NULL; s = s->next)
		if (s->kind == STMT_LISTEN)
			(void)snprintf(ports + strlen(ports),
			    sizeof(ports) - strlen(ports), "%u ",
			    s->endpoint.port);
	assert_string_equal(ports, want);
}

static void
statements_of_a_file_replace_the_line(void **state)
{
	struct fixture *f = *state;

	file_write(f, "lan", "ours = 10.0.0.1\nlisten on $ours:2\n");
	assert_int_equal(main_parse(f, "listen on 10.0.0.1:1\n"
				       "include \"lan\"\n"
				       "listen on $ours:3\n"), 0);
	assert_ports(f, "1 2 3 ");
}

static void
files_of_a_pattern_come_by_name(void **state)
{
	struct fixture *f = *state;

	file_write(f, "20.conf", "listen on 10.0.0.1:20\n");
	file_write(f, "10.conf", "listen on 10.0.0.1:10\n");
	file_write(f, ".30.conf", "listen on 10.0.0.1:30\n");
	assert_int_equal(main_parse(f, "include \"[0-9]*.conf\"\n"
				       "include \"none*\"\n"), 0);
	assert_ports(f, "10 20 ");
}

static void
errors_are_at_their_place_and_others_follow(void **state)
{
	struct fixture *f = *state;

	file_write(f, "bad", "\nlisten on 1\n");
	assert_int_equal(main_parse(f, "include \"bad\"\n"
				       "include \"missing\"\nfrob\n"),
	    FLOWD_EINVAL);
	assert_int_equal(f->got.sink.count, 3);
	assert_int_equal(f->got.line, 2);
	assert_non_null(strstr(f->got.text, "2: include: cannot open "));
	assert_non_null(strstr(f->got.text, "3: unknown directive"));
}

static void
files_do_not_include_themselves(void **state)
{
	struct fixture *f = *state;
	char name[16], text[32];

	file_write(f, "itself", "include \"itself\"\n");
	assert_int_equal(main_parse(f, "include \"itself\"\n"), FLOWD_EINVAL);
	assert_string_equal(f->got.text,
	    "1: include: the file includes itself\n");
	for (unsigned i = 0; i < 9; i++) {
		(void)snprintf(name, sizeof(name), "deep%u", i);
		(void)snprintf(text, sizeof(text), "include deep%u\n", i + 1);
		file_write(f, name, text);
	}
	assert_int_equal(main_parse(f, "include deep0\n"), FLOWD_EINVAL);
	assert_string_equal(f->got.text,
	    "1: include: files include one another too deeply\n");
}

static void
only_regular_files_are_included_and_only_if_allowed(void **state)
{
	struct fixture *f = *state;
	char path[FOLDER_PATH + 16];

	(void)snprintf(path, sizeof(path), "%s/folder", f->folder);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(main_parse(f, "include folder\n"), FLOWD_EINVAL);
	assert_non_null(strstr(f->got.text, "it is no regular file"));
	f->ast.may_include = false;
	assert_int_equal(main_parse(f, "include folder\n"), FLOWD_EINVAL);
	assert_string_equal(f->got.text,
	    "1: include: no files are read here\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(statements_of_a_file_replace_the_line),
		TEST(files_of_a_pattern_come_by_name),
		TEST(errors_are_at_their_place_and_others_follow),
		TEST(files_do_not_include_themselves),
		TEST(only_regular_files_are_included_and_only_if_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
