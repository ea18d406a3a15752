/* A child that does not listen: flowd/parent/child.c. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "child.h"
#include "log.h"

/* It takes the five seconds for which a message waits. */
static void
one_that_does_not_listen_is_killed(void **state)
{
	struct imsg msg = { .type = IMSG_LOG, .nfds = 0,
		.len = IMSG_DATA };
	struct child c;
	int ends[2], status;

	(void)state;
	child_init(&c, PROC_WRITER, 0, 1);
	assert_int_equal(imsg_pair(ends), 0);
	c.channel = ends[0];
	c.pid = fork();
	if (c.pid == 0)
		for (;;)
			(void)pause();
	assert_true(c.pid > 0);
	while (child_send(&c, &msg) == 0)
		;
	assert_int_equal(waitpid(c.pid, &status, 0), c.pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_int_equal(child_send_type(&c, IMSG_QUIT), -1);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_does_not_listen_is_killed),
	};

	log_init(false);
	return cmocka_run_group_tests_name("child", tests, NULL, NULL);
}
