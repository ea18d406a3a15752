/* Sockets of a service manager: flowd/sockets/inherit.c. */
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "inherit.h"

static struct inherit in;

static void
listen_env(const char *pid, const char *fds, const char *names)
{
	char self[32];

	(void)snprintf(self, sizeof(self), "%ld", (long)getpid());
	(void)setenv("LISTEN_PID", pid != NULL ? pid : self, 1);
	(void)setenv("LISTEN_FDS", fds, 1);
	(void)unsetenv("LISTEN_FDNAMES");
	if (names != NULL)
		(void)setenv("LISTEN_FDNAMES", names, 1);
}

/* A UDP socket of the loopback address as this descriptor. */
static uint16_t
socket_at(int at, int family)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };
	struct sockaddr *sa = (struct sockaddr *)&sin;
	socklen_t len = sizeof(sin);
	int fd = socket(family, SOCK_DGRAM, 0);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (family == AF_INET6) {
		sa = (struct sockaddr *)&sin6;
		len = sizeof(sin6);
	}
	assert_int_equal(bind(fd, sa, len), 0);
	assert_int_equal(getsockname(fd, sa, &len), 0);
	if (fd != at) {
		assert_int_equal(dup2(fd, at), at);
		(void)close(fd);
	}
	return ntohs(family == AF_INET ? sin.sin_port : sin6.sin6_port);
}

static bool
is_open(int fd)
{
	return fcntl(fd, F_GETFD) != -1;
}

static int
teardown(void **state)
{
	(void)state;
	inherit_close(&in);
	for (int fd = 3; fd < 8; fd++)
		(void)close(fd);
	return 0;
}

static void
what_is_not_for_this_process_is_not_counted(void **state)
{
	static const char *const counts[] = { "", "-1", "x", "1x", "0",
		"99999", "4294967297" };

	(void)state;
	listen_env("1", "2", NULL);
	assert_int_equal(inherit_count(), 0);
	listen_env("", "2", NULL);
	assert_int_equal(inherit_count(), 0);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		listen_env(NULL, counts[i], NULL);
		assert_int_equal(inherit_count(), 0);
		assert_int_equal(inherit_init(&in), 0);
		assert_int_equal(in.n, 0);
	}
	listen_env(NULL, "2", NULL);
	assert_int_equal(inherit_count(), 2);
}

static void
sockets_are_found_by_their_address(void **state)
{
	struct addr loop = addr_from_v4(INADDR_LOOPBACK), any = { .family = 0 };
	uint16_t a = socket_at(3, AF_INET), b = socket_at(4, AF_INET);
	bool both = true;
	int fd;

	(void)state;
	listen_env(NULL, "2", "one:two");
	assert_int_equal(inherit_init(&in), 0);
	assert_int_equal(in.n, 2);
	assert_string_equal(in.list[0].name, "one");
	assert_string_equal(in.list[1].name, "two");
	assert_null(getenv("LISTEN_PID"));
	assert_null(getenv("LISTEN_FDS"));
	assert_null(getenv("LISTEN_FDNAMES"));
	fd = inherit_take(&in, &loop, b, &both);
	assert_true(fd > 4);
	assert_false(both);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	(void)close(fd);
	fd = inherit_take(&in, &loop, b, NULL);
	assert_true(fd > 4);
	(void)close(fd);
	assert_int_equal(inherit_take(&in, &any, a, NULL), -1);
	assert_int_equal(inherit_take(&in, &loop, (uint16_t)(a ^ 1), NULL), -1);
	assert_int_equal(inherit_take(NULL, &loop, a, NULL), -1);
	inherit_close(&in);
	assert_false(is_open(3));
	assert_false(is_open(4));
}

static void
one_that_takes_both_families_is_known(void **state)
{
	struct addr any = addr_from_v6((struct addr6){ 0, 0 });
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);
	bool both = false;
	uint16_t port;

	(void)state;
	if (fd == -1)
		skip();
	(void)close(fd);
	port = socket_at(3, AF_INET6);
	listen_env(NULL, "1", NULL);
	assert_int_equal(inherit_init(&in), 0);
	fd = inherit_take(&in, &any, port, &both);
	assert_true(fd >= 0);
	assert_true(both);
	(void)close(fd);
}

static void
what_is_no_udp_socket_is_kept_but_never_given(void **state)
{
	struct addr none = { .family = ADDR_NONE };
	int pair[2];

	(void)state;
	assert_int_equal(pipe(pair), 0);
	assert_int_equal(pair[0], 3);
	listen_env(NULL, "3", "a::c:d:e");
	assert_int_equal(inherit_init(&in), 0);
	assert_int_equal(in.n, 2);
	assert_string_equal(in.list[1].name, "");
	for (size_t i = 0; i < in.n; i++)
		assert_int_equal(in.list[i].addr.family, ADDR_NONE);
	assert_int_equal(inherit_take(&in, &none, 1, NULL), -1);
}

#define T(f) cmocka_unit_test_teardown(f, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_is_not_for_this_process_is_not_counted),
		T(sockets_are_found_by_their_address),
		T(one_that_takes_both_families_is_known),
		T(what_is_no_udp_socket_is_kept_but_never_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
