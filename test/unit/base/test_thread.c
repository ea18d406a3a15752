/* A thread gets no signals but those of its own faults. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "thread.h"

static void *
thread_mask(void *arg)
{
	(void)pthread_sigmask(SIG_SETMASK, NULL, arg);
	return arg;
}

static void
only_faults_are_signals_to_a_thread(void **state)
{
	sigset_t before, after, inside;
	pthread_t thread;

	(void)state;
	(void)sigemptyset(&inside);
	(void)pthread_sigmask(SIG_SETMASK, NULL, &before);
	assert_int_equal(thread_start(&thread, thread_mask, &inside), 0);
	(void)pthread_join(thread, NULL);
	assert_true(sigismember(&inside, SIGINT));
	assert_true(sigismember(&inside, SIGTERM));
	assert_true(sigismember(&inside, SIGALRM));
	assert_false(sigismember(&inside, SIGBUS));
	assert_false(sigismember(&inside, SIGSEGV));
	/* The caller's mask is what it was. */
	(void)pthread_sigmask(SIG_SETMASK, NULL, &after);
	assert_int_equal(sigismember(&before, SIGINT),
	    sigismember(&after, SIGINT));
	assert_false(sigismember(&after, SIGTERM));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_faults_are_signals_to_a_thread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
