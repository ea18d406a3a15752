/* Messages with descriptors, and what a child is left with. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "imsg.h"
#include "sandbox.h"

static void
messages_come_whole_and_in_order(void **state)
{
	static struct imsg msg;
	int ends[2];

	(void)state;
	assert_int_equal(imsg_pair(ends), 0);
	assert_int_equal(imsg_receive(ends[1], &msg), 0);
	for (uint32_t i = 0; i < 20; i++) {
		msg.type = i;
		msg.nfds = 0;
		msg.len = i * 800;
		memset(msg.data, (int)i, msg.len);
		assert_int_equal(imsg_send(ends[0], &msg), 0);
	}
	for (uint32_t i = 0; i < 20; i++) {
		assert_int_equal(imsg_receive(ends[1], &msg), 1);
		assert_int_equal(msg.type, i);
		assert_int_equal(msg.len, i * 800);
		assert_true(i == 0 || msg.data[msg.len - 1] == i);
	}
	(void)close(ends[0]);
	assert_int_equal(imsg_receive(ends[1], &msg), -1);
	(void)close(ends[1]);
}

static void
descriptors_come_with_their_message(void **state)
{
	static struct imsg msg;
	int ends[2], pipes[2];
	char c = 'x';

	(void)state;
	assert_int_equal(imsg_pair(ends), 0);
	assert_int_equal(pipe(pipes), 0);
	msg.type = IMSG_LISTENERS;
	msg.len = 0;
	msg.nfds = IMSG_FDS;
	for (int i = 0; i < IMSG_FDS; i++)
		msg.fds[i] = pipes[1];
	assert_int_equal(imsg_send(ends[0], &msg), 0);
	memset(&msg, 0, sizeof(msg));
	assert_int_equal(imsg_receive(ends[1], &msg), 1);
	assert_int_equal(msg.nfds, IMSG_FDS);
	for (int i = 0; i < IMSG_FDS; i++) {
		assert_true(fcntl(msg.fds[i], F_GETFD) & FD_CLOEXEC);
		assert_int_equal(write(msg.fds[i], &c, 1), 1);
		assert_int_equal(read(pipes[0], &c, 1), 1);
		(void)close(msg.fds[i]);
	}
	for (int i = 0; i < 2; i++) {
		(void)close(ends[i]);
		(void)close(pipes[i]);
	}
}

/* What ends a process of the kind that does this; 0: it may. */
static int
signal_of(enum sandbox_kind kind, void (*act)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid != -1);
	if (pid == 0) {
		if (sandbox_enter(kind) != 0)
			_exit(3);
		act();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void
act_open(void)
{
	(void)!open("/dev/null", O_RDONLY);
}

static void
act_socket(void)
{
	(void)!socket(AF_INET, SOCK_DGRAM, 0);
}

static void
act_exec(void)
{
	char *const argv[] = { NULL };

	(void)execv("/bin/true", argv);
}

static void
act_fork(void)
{
	(void)!fork();
}

static void
act_kill(void)
{
	(void)kill(getpid(), 0);
}

static void
act_chdir(void)
{
	(void)!chdir("/");
}

static void
act_allowed(void)
{
	void *p = malloc(1 << 22);

	if (p == NULL || write(STDERR_FILENO, "", 0) != 0)
		_exit(3);
	free(p);
}

static void
what_a_process_does_not_need_ends_it(void **state)
{
	static void (*const acts[])(void) = { act_open, act_socket, act_exec,
		act_fork, act_kill, act_chdir };
	static const enum sandbox_kind kinds[] = { SANDBOX_ENGINE,
		SANDBOX_WRITER, SANDBOX_FORWARDER };

	(void)state;
	if (strcmp(sandbox_name(), "seccomp") != 0)
		skip();
#if defined(__SANITIZE_ADDRESS__)
	skip(); /* it makes calls of its own */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
	skip();
#endif
#endif
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		assert_int_equal(signal_of(kinds[k], act_allowed), 0);
		for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
			assert_int_equal(signal_of(kinds[k], acts[i]), SIGSYS);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_come_whole_and_in_order),
		cmocka_unit_test(descriptors_come_with_their_message),
		cmocka_unit_test(what_a_process_does_not_need_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
