/* What a service manager is told: flowd/parent/notify.c. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../folder.h"
#include "notify.h"

static struct {
	char dir[FOLDER_PATH];
	char path[FOLDER_PATH + 8];
	int manager;
	struct notify n;
} t;

static int
setup(void **state)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	(void)state;
	if (folder_make(t.dir) != 0)
		return -1;
	(void)snprintf(t.path, sizeof(t.path), "%s/s", t.dir);
	(void)snprintf(un.sun_path, sizeof(un.sun_path), "%s", t.path);
	t.manager = socket(AF_UNIX, SOCK_DGRAM, 0);
	return bind(t.manager, (struct sockaddr *)&un, sizeof(un));
}

static int
teardown(void **state)
{
	(void)state;
	notify_close(&t.n);
	(void)close(t.manager);
	(void)unlink(t.path);
	return rmdir(t.dir);
}

static void
open_with(const char *usec, const char *pid)
{
	assert_int_equal(setenv("NOTIFY_SOCKET", t.path, 1), 0);
	if (usec != NULL)
		assert_int_equal(setenv("WATCHDOG_USEC", usec, 1), 0);
	if (pid != NULL)
		assert_int_equal(setenv("WATCHDOG_PID", pid, 1), 0);
	notify_close(&t.n);
	assert_int_equal(notify_open(&t.n), 0);
}

/* The next message, or an empty text. */
static const char *
message_received(void)
{
	static char text[4096];
	ssize_t n = recv(t.manager, text, sizeof(text) - 1, MSG_DONTWAIT);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void
without_a_manager_nothing_happens(void **state)
{
	(void)state;
	(void)unsetenv("NOTIFY_SOCKET");
	assert_int_equal(setenv("WATCHDOG_USEC", "1000000", 1), 0);
	assert_int_equal(notify_open(&t.n), 0);
	assert_int_equal(t.n.fd, -1);
	notify_ready(&t.n);
	notify_reloading(&t.n);
	notify_status(&t.n, "x");
	notify_stopping(&t.n);
	notify_alive(&t.n, 1000);
	assert_int_equal(notify_timeout(&t.n, 1000), -1);
	assert_null(getenv("WATCHDOG_USEC"));
}

static void
the_environment_is_used_up(void **state)
{
	(void)state;
	open_with("1000000", "1");
	assert_null(getenv("NOTIFY_SOCKET"));
	assert_null(getenv("WATCHDOG_USEC"));
	assert_null(getenv("WATCHDOG_PID"));
}

static void
states_are_words(void **state)
{
	(void)state;
	open_with(NULL, NULL);
	notify_ready(&t.n);
	assert_string_equal(message_received(), "READY=1\n");
	notify_stopping(&t.n);
	assert_string_equal(message_received(), "STOPPING=1\n");
	notify_reloading(&t.n);
	assert_memory_equal(
	    message_received(), "RELOADING=1\nMONOTONIC_USEC=", 27);
	assert_string_equal(message_received(), "");
}

static void
a_status_is_one_line(void **state)
{
	char longer[2000];

	(void)state;
	open_with(NULL, NULL);
	notify_status(&t.n, "a%d\nREADY=1", 1);
	assert_string_equal(message_received(), "STATUS=a1 READY=1");
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	notify_status(&t.n, "%s", longer);
	assert_int_equal(strlen(message_received()), 511);
}

static void
life_signs_come_thrice_in_the_time_allowed(void **state)
{
	char pid[32];
	unsigned signs = 0;

	(void)state;
	(void)snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	open_with("3000000", pid);
	assert_int_equal(t.n.interval_ms, 1000);
	for (int64_t now = 5000; now < 15000; now += 10) {
		notify_alive(&t.n, now);
		signs += strcmp(message_received(), "WATCHDOG=1\n") == 0;
	}
	assert_int_equal(signs, 10);
	assert_int_equal(notify_timeout(&t.n, 14990), 10);
	assert_int_equal(notify_timeout(&t.n, 16000), 1);
	assert_int_equal(notify_timeout(&t.n, 0), 1000);
}

static void
nonsense_is_no_watchdog(void **state)
{
	static const char *const wrong[] = { "", "0", "x", "-1", "1e6",
		"99999999999999999999" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		open_with(wrong[i], NULL);
		assert_int_equal(t.n.interval_ms, 0);
		assert_int_equal(notify_timeout(&t.n, 0), -1);
	}
	open_with("1", NULL);
	assert_int_equal(t.n.interval_ms, 1);
}

static void
a_manager_that_stalls_or_goes_is_not_waited_for(void **state)
{
	(void)state;
	open_with("3000000", NULL);
	for (unsigned i = 0; i < 100000; i++)
		notify_ready(&t.n);
	notify_alive(&t.n, 1000);
	assert_int_equal(t.n.next_ms, 0);
	while (message_received()[0] != '\0')
		;
	notify_alive(&t.n, 1001);
	assert_int_equal(t.n.next_ms, 2001);
	(void)close(t.manager);
	t.manager = -1;
	notify_ready(&t.n);
}

static void
a_socket_that_is_none_is_an_error(void **state)
{
	static const char *const names[] = { "", "x", "@", "/", "/nonexistent",
		"vsock:2:1", "@flowd-nobody" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(setenv("NOTIFY_SOCKET", names[i], 1), 0);
		assert_int_equal(notify_open(&t.n), -1);
		assert_int_not_equal(errno, 0);
		assert_int_equal(t.n.fd, -1);
		notify_ready(&t.n);
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(without_a_manager_nothing_happens),
		T(the_environment_is_used_up),
		T(states_are_words),
		T(a_status_is_one_line),
		T(life_signs_come_thrice_in_the_time_allowed),
		T(nonsense_is_no_watchdog),
		T(a_manager_that_stalls_or_goes_is_not_waited_for),
		T(a_socket_that_is_none_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
