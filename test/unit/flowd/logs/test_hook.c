/* Commands that are told of segments: flowd/logs/hook.c. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../folder.h"
#include "hook.h"
#include "log.h"
#include "process.h"

enum { T = 1795428300 }; /* 2026-11-23T10:05:00Z */

static struct hook hook;
static char folder[FOLDER_PATH], out[FOLDER_PATH + 8];

static const struct hook_event event = {
	"/var/flow/20261123T100500Z.flow", T, T + 300 };

static int
setup(void **state)
{
	int fd;

	(void)state;
	memset(&hook, 0, sizeof(hook));
	if (folder_make(folder) != 0)
		return -1;
	(void)snprintf(out, sizeof(out), "%s/out", folder);
	fd = open(out, O_WRONLY | O_CREAT, 0600);
	(void)close(fd);
	return fd == -1;
}

static int
teardown(void **state)
{
	(void)state;
	hook_fini(&hook);
	(void)unlink(out);
	return rmdir(folder);
}

static bool
hook_runs(void)
{
	return hook_timeout(&hook, 0) != -1;
}

/* Wait for those that run, and those that follow them. */
static int
hooks_finish(int64_t now_ms)
{
	int status, last = 0;
	pid_t pid;

	while (hook_runs()) {
		pid = waitpid(-1, &status, 0);
		assert_true(pid > 0);
		assert_true(hook_reaped(&hook, pid, status, now_ms));
		assert_false(hook_reaped(&hook, pid, status, now_ms));
		last = status;
	}
	return last;
}

/* sh -c SCRIPT; $0 and so on are what the event says. */
static int
hook_script(const char *script)
{
	const char *const argv[] = { "/bin/sh", "-c", script, NULL };

	hook_add(&hook, argv, &event, 0);
	return hooks_finish(0);
}

static void
hook_output(char *text, size_t size)
{
	FILE *f = fopen(out, "r");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, size - 1, f);
	text[n] = '\0';
	(void)fclose(f);
}

/* Until a line is there: the command has come so far. */
static void
wait_for_line(char *text, size_t size)
{
	for (hook_output(text, size); strchr(text, '\n') == NULL;
	     hook_output(text, size))
		(void)poll(NULL, 0, 5);
}

static void
a_command_is_told_of_the_segment(void **state)
{
	char script[128], text[256];

	(void)state;
	(void)snprintf(script, sizeof(script),
	    "printf '%%s|' \"$#\" \"$0\" \"$@\" > %s", out);
	assert_int_equal(hook_script(script), 0);
	hook_output(text, sizeof(text));
	assert_string_equal(text, "2|/var/flow/20261123T100500Z.flow|"
	    "2026-11-23T10:05:00Z|2026-11-23T10:10:00Z|");
	assert_int_equal(hook.failed, 0);
}

/* Arguments are what they are, whatever a shell would make of them. */
static void
no_shell_looks_at_a_command(void **state)
{
	const char *const argv[] = { "/bin/sh", "-c",
		"exec printf '%s|' \"$@\" > \"$0\"", out, "$(id) > `x`; *", "",
		NULL };
	char text[256];

	(void)state;
	hook_add(&hook, argv, &event, 0);
	(void)hooks_finish(0);
	hook_output(text, sizeof(text));
	assert_string_equal(text, "$(id) > `x`; *||"
	    "/var/flow/20261123T100500Z.flow|2026-11-23T10:05:00Z|"
	    "2026-11-23T10:10:00Z|");
}

static void
a_command_begins_with_a_clean_process(void **state)
{
	int fd = open("/dev/null", O_RDWR), status;

	(void)state;
	assert_true(fd != -1);
	assert_int_equal(dup2(fd, 9), 9);
	assert_int_equal(hook_script("! (: <&9) 2>/dev/null"), 0);
	(void)close(9);
	(void)close(fd);
	/* An end of file is all there is to read. */
	assert_int_equal(hook_script("test -z \"$(cat)\""), 0);
	assert_int_equal(
	    hook_script("test \"$PWD\" = / || test \"$(pwd)\" = /"), 0);
	(void)signal(SIGPIPE, SIG_IGN);
	status = hook_script("kill -PIPE $$; exit 0");
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGPIPE);
	(void)signal(SIGPIPE, SIG_DFL);
}

/* This process may have more than it was started with. */
static void
a_command_has_the_limit_of_who_started_this(void **state)
{
	struct rlimit was, low;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
	low = was;
	low.rlim_cur = 100;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	assert_true(process_raise_nofile() > 100);
	assert_int_equal(hook_script("test $(ulimit -n) -eq 100"), 0);
	/* Asked again it has not forgotten. */
	assert_true(process_raise_nofile() > 100);
	assert_int_equal(hook_script("test $(ulimit -n) -eq 100"), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
}

static void
failures_are_counted(void **state)
{
	const char *const none[] = { "/nonexistent/command", NULL };

	(void)state;
	assert_int_equal(WEXITSTATUS(hook_script("exit 3")), 3);
	assert_int_equal(hook.failed, 1);
	hook_add(&hook, none, &event, 0);
	assert_int_equal(WEXITSTATUS(hooks_finish(0)), 127);
	assert_int_equal(hook.failed, 2);
	assert_int_equal(hook_script("exit 0"), 0);
	assert_int_equal(hook.failed, 2);
}

static unsigned
count_running(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < HOOKS_RUNNING; i++)
		n += hook.running[i].pid != 0;
	return n;
}

static void
so_many_run_and_so_many_wait(void **state)
{
	char script[128], text[256];
	const char *const argv[] = { "/bin/sh", "-c", script, NULL };

	(void)state;
	(void)snprintf(script, sizeof(script), "printf x >> %s", out);
	for (int i = 0; i < HOOKS_RUNNING + HOOKS_WAITING + 3; i++)
		hook_add(&hook, argv, &event, 0);
	assert_int_equal(count_running(), HOOKS_RUNNING);
	assert_int_equal(hook.nwaiting, HOOKS_WAITING);
	assert_int_equal(hook.left_out, 3);
	(void)hooks_finish(0);
	assert_int_equal(hook.nwaiting, 0);
	hook_output(text, sizeof(text));
	assert_int_equal(strlen(text), HOOKS_RUNNING + HOOKS_WAITING);
}

static void
one_that_takes_too_long_is_ended(void **state)
{
	const char *const argv[] = { "/bin/sh", "-c",
		"sleep 1000 & echo $! > \"$0\"; wait", out, NULL };
	char text[64] = "";
	int status;
	pid_t pid;

	(void)state;
	hook_add(&hook, argv, &event, 5000);
	wait_for_line(text, sizeof(text));
	assert_int_equal(hook_timeout(&hook, 5000), HOOK_TIME_MS);
	hook_tick(&hook, 5000 + HOOK_TIME_MS - 1);
	assert_int_equal(hook_timeout(&hook, 5000 + HOOK_TIME_MS), 0);
	hook_tick(&hook, 5000 + HOOK_TIME_MS);
	pid = hook.running[0].pid;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
	assert_true(hook_reaped(&hook, pid, status, 0));
	assert_int_equal(hook.failed, 1);
	/* What it had started is ended, too. */
	pid = (pid_t)strtol(text, NULL, 10);
	while (kill(pid, 0) == 0) {
		char path[64], stat[64] = "";
		FILE *f;

		/* Where nobody reaps it, it stays as a zombie. */
		(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
		f = fopen(path, "r");
		if (f == NULL)
			continue;
		if (fread(stat, 1, sizeof(stat) - 1, f) > 0 &&
		    strstr(stat, ") Z") != NULL)
			pid = -1;
		(void)fclose(f);
		if (pid == -1)
			break;
	}
}

static void
one_that_does_not_end_is_killed(void **state)
{
	const char *const argv[] = { "/bin/sh", "-c",
		"trap '' TERM; echo > \"$0\"; while :; do sleep 1000; done",
		out, NULL };
	char text[64] = "";
	int status;
	pid_t pid;

	(void)state;
	hook_add(&hook, argv, &event, 0);
	wait_for_line(text, sizeof(text));
	hook_tick(&hook, HOOK_TIME_MS);
	assert_int_equal(hook_timeout(&hook, HOOK_TIME_MS), HOOK_GRACE_MS);
	hook_tick(&hook, HOOK_TIME_MS + HOOK_GRACE_MS);
	pid = hook.running[0].pid;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
	assert_true(hook_reaped(&hook, pid, status, 0));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_command_is_told_of_the_segment),
		TEST(no_shell_looks_at_a_command),
		TEST(a_command_begins_with_a_clean_process),
		TEST(a_command_has_the_limit_of_who_started_this),
		TEST(failures_are_counted),
		TEST(so_many_run_and_so_many_wait),
		TEST(one_that_takes_too_long_is_ended),
		TEST(one_that_does_not_end_is_killed),
	};

	log_init(false);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
