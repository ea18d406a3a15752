/* Receiving, by one datagram and by many: flowd/recv_*.c, flowd/inbox.c. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "recv.h"

static struct {
	int to, from;
	struct inbox in;
} t;

static int
setup(void **state)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);
	int size = 1024 * 1024;

	(void)state;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	t.to = socket(AF_INET, SOCK_DGRAM, 0);
	t.from = socket(AF_INET, SOCK_DGRAM, 0);
	if (bind(t.to, (struct sockaddr *)&sin, len) != 0 ||
	    getsockname(t.to, (struct sockaddr *)&sin, &len) != 0 ||
	    connect(t.from, (struct sockaddr *)&sin, len) != 0 ||
	    fcntl(t.to, F_SETFL, O_NONBLOCK) != 0 ||
	    setsockopt(t.to, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) != 0)
		return -1;
	return inbox_init(&t.in) ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	(void)close(t.to);
	(void)close(t.from);
	inbox_fini(&t.in);
	return 0;
}

static void
send_size(size_t len, uint8_t fill)
{
	static uint8_t octets[65507];

	memset(octets, fill, len);
	assert_int_equal(send(t.from, octets, len, 0), len);
}

static void
check(size_t i, size_t len, uint8_t fill)
{
	const struct datagram *d = &t.in.list[i];

	assert_int_equal(d->payload.len, len);
	assert_int_equal(d->src.v4, INADDR_LOOPBACK);
	assert_int_not_equal(d->port, 0);
	for (size_t k = 0; k < len; k++)
		assert_int_equal(d->payload.ptr[k], fill);
}

static void
sizes_and_contents_are_kept(int (*drain)(int, struct inbox *))
{
	int64_t before = recv_clock();

	send_size(0, 0);
	send_size(1, 1);
	send_size(65507, 2);
	send_size(1464, 3);
	assert_int_equal(drain(t.to, &t.in), 0);
	assert_int_equal(t.in.n, 4);
	check(0, 0, 0);
	check(1, 1, 1);
	check(2, 65507, 2);
	check(3, 1464, 3);
	assert_true(t.in.list[3].recv_ns >= before);
	assert_int_equal(t.in.used, 1 + 65507 + 1464);
	inbox_reset(&t.in);
	assert_int_equal(drain(t.to, &t.in), 0);
	assert_int_equal(t.in.n, 0);
}

static void
more_than_one_batch_comes_in_order(int (*drain)(int, struct inbox *))
{
	for (unsigned i = 0; i < 3 * INBOX_BATCH + 1; i++)
		send_size(10 + i, (uint8_t)i);
	assert_int_equal(drain(t.to, &t.in), 0);
	assert_int_equal(t.in.n, 3 * INBOX_BATCH + 1);
	for (unsigned i = 0; i < 3 * INBOX_BATCH + 1; i++)
		check(i, 10 + i, (uint8_t)i);
}

static void
a_full_inbox_leaves_the_rest_in_the_socket(int (*drain)(int, struct inbox *))
{
	send_size(5, 1);
	t.in.n = INBOX_MAX - INBOX_BATCH + 1;
	assert_int_equal(drain(t.to, &t.in), 0);
	assert_int_equal(t.in.n, INBOX_MAX - INBOX_BATCH + 1);
	inbox_reset(&t.in);
	t.in.used = INBOX_OCTETS + 1;
	assert_int_equal(drain(t.to, &t.in), 0);
	assert_int_equal(t.in.n, 0);
	/* The last octets that are free may still be filled. */
	t.in.used = INBOX_OCTETS;
	assert_int_equal(drain(t.to, &t.in), 0);
	assert_int_equal(t.in.n, 1);
	check(0, 5, 1);
}

static void
a_broken_socket_is_an_error(int (*drain)(int, struct inbox *))
{
	assert_int_equal(drain(-1, &t.in), -1);
	assert_int_equal(errno, EBADF);
}

#define BOTH_WAYS(f)                             \
	static void f##_in_batches(void **state) \
	{                                        \
		(void)state;                     \
		f(recv_drain);                   \
	}                                        \
	static void f##_one_by_one(void **state) \
	{                                        \
		(void)state;                     \
		f(recv_drain_posix);             \
	}

BOTH_WAYS(sizes_and_contents_are_kept)
BOTH_WAYS(more_than_one_batch_comes_in_order)
BOTH_WAYS(a_full_inbox_leaves_the_rest_in_the_socket)
BOTH_WAYS(a_broken_socket_is_an_error)

#define T(f)                                                              \
	cmocka_unit_test_setup_teardown(f##_in_batches, setup, teardown), \
	    cmocka_unit_test_setup_teardown(f##_one_by_one, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(sizes_and_contents_are_kept),
		T(more_than_one_batch_comes_in_order),
		T(a_full_inbox_leaves_the_rest_in_the_socket),
		T(a_broken_socket_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
