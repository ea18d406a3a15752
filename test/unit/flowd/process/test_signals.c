/* Signals as events: flowd/process/signals.c. */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <cmocka.h>

#include "signals.h"

static int fd;

static int
setup(void **state)
{
	(void)state;
	fd = signals_open();
	return fd == -1 ? -1 : 0;
}

static bool
has_input(void)
{
	struct pollfd pfd = { fd, POLLIN, 0 };

	return poll(&pfd, 1, 0) == 1;
}

static void
each_signal_is_an_event(void **state)
{
	static const struct {
		int number;
		enum signal_event event;
	} rows[] = { { SIGTERM, SIGNAL_QUIT }, { SIGINT, SIGNAL_QUIT },
		{ SIGUSR1, SIGNAL_REOPEN }, { SIGUSR2, SIGNAL_STATISTICS },
		{ SIGHUP, SIGNAL_RELOAD }, { SIGCHLD, SIGNAL_CHILD } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(raise(rows[i].number), 0);
		assert_true(has_input());
		assert_int_equal(signals_take(), rows[i].event);
		assert_false(has_input());
		assert_int_equal(signals_take(), 0);
	}
}

static void
signals_before_one_call_are_joined(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++)
		(void)raise(SIGHUP);
	(void)raise(SIGUSR2);
	assert_int_equal(signals_take(), SIGNAL_RELOAD | SIGNAL_STATISTICS);
	assert_false(has_input());
}

/* More than the pipe holds: the handler must not block. */
static void
a_flood_of_signals_does_not_block(void **state)
{
	(void)state;
	for (int i = 0; i < 100000; i++)
		(void)raise(SIGUSR1);
	assert_true(has_input());
	assert_int_equal(signals_take(), SIGNAL_REOPEN);
	assert_int_equal(signals_take(), 0);
}

static void
sigpipe_is_ignored(void **state)
{
	(void)state;
	(void)raise(SIGPIPE);
	assert_int_equal(signals_take(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_signal_is_an_event),
		cmocka_unit_test(signals_before_one_call_are_joined),
		cmocka_unit_test(a_flood_of_signals_does_not_block),
		cmocka_unit_test(sigpipe_is_ignored),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
