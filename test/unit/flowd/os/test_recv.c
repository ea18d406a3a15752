/* Receiving, by one datagram and by many: flowd/recv*.c. */
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

#include "clock.h"
#include "recv.h"
#include "sock.h"

typedef int drain_fn(int fd, struct recv_queue *in, struct recv_counters *c);

/* With a call of its own. */
static int
drain_with_call(int fd, struct recv_queue *in, struct recv_counters *c)
{
	static struct recv_call call;
	int rc = recv_drain(fd, in, c, &call);

	assert_int_equal(recv_call_received(&call), 0);
	return rc;
}

static struct {
	int to, from;
	struct recv_queue in;
	struct recv_counters c;
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
	t.c = (struct recv_counters){ .datagrams = 0 };
	return recv_queue_init(&t.in, 2 * RECV_QUEUE_CHUNK_OCTETS) ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	(void)close(t.to);
	(void)close(t.from);
	recv_queue_fini(&t.in);
	return 0;
}

static void
send_size(size_t len, uint8_t fill)
{
	static uint8_t octets[65507];

	memset(octets, fill, len);
	assert_int_equal(send(t.from, octets, len, 0), len);
}

/* The next one that waits. */
static const struct datagram *
datagram_check(size_t len, uint8_t fill)
{
	size_t n;
	const struct datagram *d = recv_queue_take(&t.in, 1, &n);

	assert_int_equal(n, 1);
	assert_int_equal(d->payload.len, len);
	assert_int_equal(d->src.v4, INADDR_LOOPBACK);
	assert_int_not_equal(d->port, 0);
	for (size_t k = 0; k < len; k++)
		assert_int_equal(d->payload.ptr[k], fill);
	return d;
}

static void
sizes_and_contents_are_kept(drain_fn *drain)
{
	int64_t before = clock_real_ns();

	send_size(0, 0);
	send_size(1, 1);
	send_size(65507, 2);
	send_size(1464, 3);
	send_size(RECV_QUEUE_SLOT, 4);
	send_size(RECV_QUEUE_SLOT + 1, 5);
	assert_int_equal(drain(t.to, &t.in, &t.c), 0);
	assert_int_equal(t.in.n, 6);
	datagram_check(0, 0);
	datagram_check(1, 1);
	datagram_check(65507, 2);
	assert_true(datagram_check(1464, 3)->recv_ns >= before);
	datagram_check(RECV_QUEUE_SLOT, 4);
	datagram_check(RECV_QUEUE_SLOT + 1, 5);
	assert_int_equal(t.c.datagrams, 6);
	assert_int_equal(t.c.octets,
	    1 + 65507 + 1464 + 2 * RECV_QUEUE_SLOT + 1);
	assert_int_equal(drain(t.to, &t.in, &t.c), 0);
	assert_true(recv_queue_empty(&t.in));
}

static void
more_than_one_batch_comes_in_order(drain_fn *drain)
{
	for (unsigned i = 0; i < 3 * RECV_QUEUE_BATCH + 1; i++)
		send_size(10 + i, (uint8_t)i);
	assert_int_equal(drain(t.to, &t.in, &t.c), 0);
	assert_int_equal(t.in.n, 3 * RECV_QUEUE_BATCH + 1);
	for (unsigned i = 0; i < 3 * RECV_QUEUE_BATCH + 1; i++)
		datagram_check(10 + i, (uint8_t)i);
}

static void
a_full_queue_leaves_the_rest_in_the_socket(drain_fn *drain)
{
	unsigned sent = 0;
	size_t n;

	do {
		for (unsigned i = 0; i < RECV_QUEUE_BATCH; i++, sent++)
			send_size(5, 1);
	} while (drain(t.to, &t.in, &t.c) == 0);
	assert_in_range(t.in.n, 2 * (RECV_QUEUE_CHUNK - RECV_QUEUE_BATCH),
	    sent);
	send_size(5, 77);
	assert_int_equal(drain(t.to, &t.in, &t.c), 1);
	while (recv_queue_take(&t.in, 1000, &n) != NULL)
		;
	assert_int_equal(drain(t.to, &t.in, &t.c), 0);
	assert_int_equal(t.c.datagrams, sent + 1);
	while (t.in.n > 1)
		datagram_check(5, 1);
	datagram_check(5, 77);
}

static void
a_broken_socket_is_an_error(drain_fn *drain)
{
	assert_int_equal(drain(-1, &t.in, &t.c), -1);
	assert_int_equal(errno, EBADF);
}

static void
drops_are_counted_across_the_wrap(void **state)
{
	struct recv_counters c = { .dropped = 0 };

	(void)state;
	recv_count_drops(&c, 5);
	recv_count_drops(&c, 5);
	assert_int_equal(c.dropped, 5);
	/* A datagram that was queued before the counter was last looked at. */
	recv_count_drops(&c, 2);
	assert_int_equal(c.dropped, 5);
	recv_count_drops(&c, UINT32_C(1) << 31);
	recv_count_drops(&c, UINT32_MAX);
	assert_int_equal(c.dropped, UINT32_MAX);
	recv_count_drops(&c, 3);
	assert_int_equal(c.dropped, UINT64_C(1) << 32 | 3);
	recv_count_drops(&c, UINT32_MAX - 7);
	recv_count_drops(&c, 0);
	recv_count_drops(&c, 4);
	assert_int_equal(c.dropped, UINT64_C(1) << 32 | 4);
}

/* What was sent was received or is counted, also what no datagram tells of. */
static void
the_system_counts_what_it_drops(void **state)
{
	uint64_t dropped;
	int size = 4096;

	(void)state;
	if (sock_count_drops(t.to) != 0)
		skip();
	assert_int_equal(setsockopt(t.to, SOL_SOCKET, SO_RCVBUF, &size,
			     sizeof(size)), 0);
	for (unsigned i = 0; i < 100; i++)
		send_size(500, 1);
	assert_int_equal(drain_with_call(t.to, &t.in, &t.c), 0);
	assert_true(t.c.datagrams < 100);
	assert_int_equal(t.c.dropped, 0);
	assert_true(recv_update_drops(t.to, &t.c));
	assert_int_equal(t.c.datagrams + t.c.dropped, 100);
	for (unsigned i = 0; i < 100; i++)
		send_size(500, 1);
	assert_int_equal(drain_with_call(t.to, &t.in, &t.c), 0);
	dropped = t.c.dropped;
	send_size(500, 1);
	assert_int_equal(drain_with_call(t.to, &t.in, &t.c), 0);
	assert_true(t.c.dropped > dropped);
	assert_int_equal(t.c.datagrams + t.c.dropped, 201);
}

#define BOTH_WAYS(f)                             \
	static void f##_in_batches(void **state) \
	{                                        \
		(void)state;                     \
		f(drain_with_call);              \
	}                                        \
	static void f##_one_by_one(void **state) \
	{                                        \
		(void)state;                     \
		f(recv_drain_posix);             \
	}

BOTH_WAYS(sizes_and_contents_are_kept)
BOTH_WAYS(more_than_one_batch_comes_in_order)
BOTH_WAYS(a_full_queue_leaves_the_rest_in_the_socket)
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
		T(a_full_queue_leaves_the_rest_in_the_socket),
		T(a_broken_socket_is_an_error),
		cmocka_unit_test(drops_are_counted_across_the_wrap),
		cmocka_unit_test_setup_teardown(
		    the_system_counts_what_it_drops, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
