/* Datagrams that wait: flowd/os/recv_queue.c. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../random.h"
#include "recv_queue.h"

enum { MAX = 3 * RECV_QUEUE_CHUNK_OCTETS };

static struct {
	struct recv_queue in;
	uint32_t put, got; /* numbers of the next datagrams */
} t;

static int
setup(void **state)
{
	(void)state;
	t.put = t.got = 0;
	return recv_queue_init(&t.in, MAX) ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	recv_queue_fini(&t.in);
	return 0;
}

/* What a datagram is follows from its number. */
static size_t
len_of(uint32_t number, bool large)
{
	return large ? number * 7919 % RECV_QUEUE_DATAGRAM : 4 + number % 1461;
}

static uint8_t
octet_of(uint32_t number, size_t at)
{
	return (uint8_t)(number * 31 + at + at / 256);
}

static void
slot_fill(size_t slot, size_t len)
{
	uint8_t *head = recv_queue_slot(&t.in, slot);
	uint8_t *rest = recv_queue_rest(&t.in, slot);

	for (size_t i = 0; i < len; i++)
		if (i < RECV_QUEUE_SLOT)
			head[i] = octet_of(t.put, i);
		else
			rest[i - RECV_QUEUE_SLOT] = octet_of(t.put, i);
}

/* A batch of n datagrams. False when it is full. */
static bool
batch_put(size_t n, bool large)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = 256 };
	uint32_t first = t.put;

	if (!recv_queue_begin(&t.in))
		return false;
	for (size_t i = 0; i < n; i++, t.put++)
		slot_fill(i, len_of(t.put, large));
	recv_queue_received(&t.in, n);
	for (size_t i = 0; i < n; i++)
		recv_queue_add(&t.in, i, len_of(first + (uint32_t)i, large),
		    (struct sockaddr *)&sin, first + (uint32_t)i);
	return true;
}

static size_t
queue_take(size_t some, bool large)
{
	size_t n;
	const struct datagram *d = recv_queue_take(&t.in, some, &n);

	assert_int_equal(d == NULL, n == 0);
	for (size_t i = 0; i < n; i++, t.got++) {
		assert_int_equal(d[i].recv_ns, t.got);
		assert_int_equal(d[i].payload.len, len_of(t.got, large));
		for (size_t k = 0; k < d[i].payload.len; k += 97)
			if (d[i].payload.ptr[k] != octet_of(t.got, k))
				fail_msg("datagram %u, octet %zu", t.got, k);
	}
	return n;
}

static void
what_is_put_is_taken_in_its_order(void **state)
{
	struct random random = { .state = 1 };

	(void)state;
	assert_int_equal(queue_take(1, false), 0);
	for (unsigned round = 0; round < 3000; round++) {
		if (random_u32(&random) % 2 == 0)
			(void)batch_put(
			    random_u32(&random) % (RECV_QUEUE_BATCH + 1),
			    false);
		else
			(void)queue_take(random_u32(&random) % 200, false);
		assert_int_equal(t.in.n, t.put - t.got);
		assert_int_equal(recv_queue_empty(&t.in), t.put == t.got);
	}
	while (!recv_queue_empty(&t.in))
		assert_int_not_equal(queue_take(1000, false), 0);
	assert_int_equal(t.put, t.got);
}

static void
long_datagrams_are_put_together(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 20; round++) {
		while (batch_put(RECV_QUEUE_BATCH, true))
			continue;
		assert_int_not_equal(t.put, t.got);
		while (queue_take(50, true) > 0)
			;
		assert_int_equal(t.put, t.got);
	}
}

static void
it_is_bounded_and_has_room_again(void **state)
{
	uint32_t fit;

	(void)state;
	while (batch_put(RECV_QUEUE_BATCH, false))
		;
	fit = t.put;
	assert_int_equal(fit, MAX / RECV_QUEUE_SLOT);
	assert_int_equal(t.in.peak, fit);
	assert_false(recv_queue_begin(&t.in));
	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(queue_take(RECV_QUEUE_CHUNK, false),
		    RECV_QUEUE_CHUNK);
		for (size_t k = 0; k < RECV_QUEUE_CHUNK; k += RECV_QUEUE_BATCH)
			assert_true(batch_put(RECV_QUEUE_BATCH, false));
		assert_false(recv_queue_begin(&t.in));
	}
	assert_int_equal(t.in.peak, fit);
	while (queue_take(RECV_QUEUE_CHUNK, false) > 0)
		;
	recv_queue_limit(&t.in, 0);
	while (batch_put(RECV_QUEUE_BATCH, false))
		;
	assert_int_equal(t.in.n, RECV_QUEUE_CHUNK);
}

static void
little_uses_the_same_memory_again(void **state)
{
	const uint8_t *slot;

	(void)state;
	assert_true(recv_queue_begin(&t.in));
	slot = recv_queue_slot(&t.in, 0);
	for (unsigned i = 0; i < 100; i++) {
		assert_true(batch_put(10, false));
		assert_int_equal(queue_take(4, false), 4);
		assert_int_equal(queue_take(9, false), 6);
		assert_true(recv_queue_begin(&t.in));
		assert_ptr_equal(recv_queue_slot(&t.in, 0), slot);
	}
	assert_int_equal(t.in.nchunks, 1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_is_put_is_taken_in_its_order),
		T(long_datagrams_are_put_together),
		T(it_is_bounded_and_has_room_again),
		T(little_uses_the_same_memory_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
