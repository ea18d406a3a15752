/* Where messages go and what they look like: flowd/log/log.c. */
#ifdef __linux__
#define _GNU_SOURCE
#include <sched.h>
#include <sys/mount.h>
#endif
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../folder.h"
#include "buf.h"
#include "log.h"

static struct {
	FILE *file; /* standard error, while a test runs */
	int standard;
} t;

static int
setup(void **state)
{
	(void)state;
	t.file = tmpfile();
	t.standard = dup(STDERR_FILENO);
	if (t.file == NULL || t.standard == -1 ||
	    dup2(fileno(t.file), STDERR_FILENO) == -1)
		return -1;
	(void)unsetenv("JOURNAL_STREAM");
	log_init(false);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	(void)dup2(t.standard, STDERR_FILENO);
	(void)close(t.standard);
	return fclose(t.file);
}

/* Everything that was written so far. */
static const char *
log_text(void)
{
	static char text[16384];
	ssize_t n = pread(fileno(t.file), text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void
a_message_is_a_line(void **state)
{
	(void)state;
	log_error("%d", 1);
	log_warn("two");
	log_info("three");
	log_debug("not shown");
	assert_string_equal(log_text(), "1\ntwo\nthree\n");
	log_init(true);
	log_debug("shown");
	assert_string_equal(log_text(), "1\ntwo\nthree\nshown\n");
}

static void
what_could_move_the_cursor_is_not_written(void **state)
{
	(void)state;
	log_warn("a\nb\r\033[2J\x7f \tc \xc3\xa9 \xc2\x9b" "0m");
	assert_string_equal(log_text(), "a?b??[2J? \tc \xc3\xa9 ?0m\n");
}

/* To a terminal of Latin 1 it is a control character, too. */
static void
what_is_no_utf8_is_not_written(void **state)
{
	(void)state;
	log_warn("\x9b" "0m \xc3 \xe2\x82\xac \xe2\x82");
	assert_string_equal(log_text(), "?0m ? \xe2\x82\xac ??\n");
}

static void
a_long_message_is_cut(void **state)
{
	static char text[10000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	log_warn("%s", text);
	assert_int_equal(strlen(log_text()), 2048);
}

static void
errors_and_warnings_are_copied_for_who_asked(void **state)
{
	struct buf copy;

	(void)state;
	buf_init(&copy, 4096);
	log_error("before");
	log_copy(&copy);
	log_error("line %d\x1b", 3);
	log_warn("warning");
	log_info("not this");
	/* Who asked is told, whatever else was written of that kind. */
	for (int i = 0; i < 6; i++)
		log_limited(LOG_KIND_LOGDIR, "some");
	log_copy(NULL);
	log_error("behind");
	buf_append_char(&copy, '\0');
	assert_string_equal(copy.ptr, "line 3?\nwarning\n"
	    "some\nsome\nsome\nsome\nsome\nsome\n");
	assert_string_equal(log_text(), "before\nline 3?\nwarning\nnot this\n"
	    "some\nsome\nsome\nsome\nsome\nbehind\n");
	buf_fini(&copy);
}

static void
the_journal_gets_levels(void **state)
{
	char stream[64];
	struct stat st;

	(void)state;
	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	(void)snprintf(stream, sizeof(stream), "%ju:%ju",
	    (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	(void)setenv("JOURNAL_STREAM", stream, 1);
	log_init(true);
	log_error("e");
	log_warn("w");
	log_info("i");
	log_debug("d");
	assert_string_equal(log_text(), "<3>e\n<4>w\n<6>i\n<7>d\n");
	/* Another file than ours: somebody else's journal. */
	(void)setenv("JOURNAL_STREAM", "1:1", 1);
	log_init(false);
	log_error("e");
	assert_string_equal(log_text() + 20, "e\n");
}

/* What no process of flowd says, one that was taken over may. */
static void
a_mark_is_of_a_level_that_processes_have(void **state)
{
	static const char *const lines[] = { "<7>a", "<6>b", "<4>c", "<3>d",
		"<2>e", "<0>f", "<8>g", "<9>h", "i", "<12>j", "<>k", "<-1>l" };
	struct log_source source = { .name = "engine" };

	(void)state;
	log_prefix_level();
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		log_relay(&source, lines[i]);
	assert_string_equal(log_text(),
	    "<7>a\n<6>b\n<4>c\n<3>d\n<3>e\n<3>f\n<3>g\n<3>h\n<3>i\n"
	    "<3><12>j\n<3><>k\n<3><-1>l\n");
}

static void
a_kind_is_written_a_few_times(void **state)
{
	(void)state;
	assert_int_equal(log_timeout(), -1);
	for (unsigned i = 0; i < 1000; i++)
		log_limited(LOG_KIND_POLL, "%u", i);
	assert_string_equal(log_text(), "0\n1\n2\n");
	assert_in_range(log_timeout(), 50000, 60000);
	log_tick();
	log_limited(LOG_KIND_LISTENER, "of another kind");
	assert_string_equal(log_text(), "0\n1\n2\nof another kind\n");
}

static void
a_lasting_state_is_told_once_in_its_interval(void **state)
{
	struct log_limit limit = { 0 };

	(void)state;
	assert_true(log_due(&limit));
	assert_false(log_due(&limit));
	limit.again_s -= LOG_INTERVAL_S;
	assert_true(log_due(&limit));
}

#ifdef __linux__
/*
 * In a process that has a /dev of its own: open the log, go where there is no
 * /dev, and write. Returns the exit status; 2: that is not permitted here.
 */
static int
log_from_a_chroot(const char *dir)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	char text[256] = "";
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	(void)snprintf(un.sun_path, sizeof(un.sun_path), "/dev/log");
	if (unshare(CLONE_NEWNS) != 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("none", "/dev", "tmpfs", 0, NULL) != 0 ||
	    bind(fd, (struct sockaddr *)&un, sizeof(un)) != 0)
		return 2;
	log_to_syslog();
	if (chroot(dir) != 0 || chdir("/") != 0)
		return 2;
	log_warn("from behind");
	(void)!recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);
	/* daemon is facility 3, warning is level 4 */
	return memcmp(text, "<28>", 4) != 0 ||
	    strstr(text, "flowd[") == NULL ||
	    strstr(text, "from behind") == NULL;
}

static void
the_system_log_is_reached_from_a_chroot(void **state)
{
	char dir[FOLDER_PATH];
	int status = 0;
	pid_t child;

	(void)state;
	assert_int_equal(folder_make(dir), 0);
	child = fork();
	if (child == 0)
		_exit(log_from_a_chroot(dir));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(rmdir(dir), 0);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 2)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}
#endif

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_message_is_a_line),
		T(what_could_move_the_cursor_is_not_written),
		T(what_is_no_utf8_is_not_written),
		T(a_long_message_is_cut),
		T(errors_and_warnings_are_copied_for_who_asked),
		T(the_journal_gets_levels),
		T(a_mark_is_of_a_level_that_processes_have),
		T(a_kind_is_written_a_few_times),
		T(a_lasting_state_is_told_once_in_its_interval),
#ifdef __linux__
		T(the_system_log_is_reached_from_a_chroot),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
