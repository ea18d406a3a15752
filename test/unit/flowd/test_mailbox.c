/* The mailbox and the state box, between two mappings of their memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "mailbox.h"
#include "memory.h"
#include "statebox.h"

enum { RECORD = 116, SOME = 1000 };

static struct {
	int fd;
	struct mailbox engine, keeper;
	uint8_t records[SOME * RECORD];
} t;

static int
setup(void **state)
{
	(void)state;
	t.fd = memory_create("test", mailbox_size());
	assert_true(mailbox_map(&t.engine, t.fd));
	assert_true(mailbox_map(&t.keeper, t.fd));
	for (unsigned i = 0; i < SOME; i++) {
		memset(t.records + i * RECORD, (int)i, RECORD);
		t.records[i * RECORD + 1] = (RECORD - 8) / 4;
	}
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	mailbox_unmap(&t.engine);
	mailbox_unmap(&t.keeper);
	return close(t.fd);
}

static struct bytes
some(size_t n)
{
	return (struct bytes){ t.records, n * RECORD };
}

static void
what_is_put_is_taken_in_its_order(void **state)
{
	struct bytes piece;

	(void)state;
	assert_int_equal(mailbox_peek(&t.keeper).len, 0);
	(void)mailbox_put(&t.engine, some(3));
	piece = mailbox_peek(&t.keeper);
	assert_int_equal(piece.len, 3 * RECORD);
	assert_memory_equal(piece.ptr, t.records, piece.len);
	assert_int_equal(mailbox_waiting(&t.engine), 3);
	mailbox_take(&t.keeper, piece.len, 3);
	assert_int_equal(mailbox_waiting(&t.engine), 0);
	assert_int_equal(mailbox_peek(&t.keeper).len, 0);
}

static void
a_full_mailbox_refuses_whole_records_and_counts_them(void **state)
{
	uint64_t put = 0, taken = 0;

	(void)state;
	while (atomic_load(&t.engine.shared->refused_records) == 0) {
		(void)mailbox_put(&t.engine, some(SOME));
		put += SOME;
	}
	assert_int_equal(mailbox_waiting(&t.engine) +
		atomic_load(&t.engine.shared->refused_records), put);
	for (;;) {
		struct bytes piece = mailbox_peek(&t.keeper);

		if (piece.len == 0)
			break;
		assert_true(piece.len <= MAILBOX_PIECE);
		assert_int_equal(piece.len % RECORD, 0);
		taken += piece.len / RECORD;
		mailbox_take(&t.keeper, piece.len, piece.len / RECORD);
	}
	assert_int_equal(taken +
		atomic_load(&t.engine.shared->refused_records), put);
}

/* Over the end of the ring again and again, never empty. */
static void
records_are_whole_over_the_end_of_the_ring(void **state)
{
	unsigned next = 0;

	(void)state;
	for (unsigned round = 0; round < 3000; round++) {
		struct bytes piece;

		(void)mailbox_put(&t.engine, some(SOME));
		piece = mailbox_peek(&t.keeper);
		for (size_t at = 0; at < piece.len; at += RECORD) {
			assert_int_equal(piece.ptr[at + 2], (uint8_t)next);
			next = (next + 1) % SOME;
		}
		mailbox_take(&t.keeper, piece.len - RECORD,
		    piece.len / RECORD - 1);
		next = (next + SOME - 1) % SOME;
	}
	assert_int_equal(atomic_load(&t.engine.shared->refused_records), 0);
}

static void
the_keeper_is_woken_when_it_sleeps(void **state)
{
	(void)state;
	assert_true(mailbox_sleep(&t.keeper));
	assert_true(mailbox_put(&t.engine, some(1)));
	assert_false(mailbox_put(&t.engine, some(1)));
	assert_false(mailbox_sleep(&t.keeper));
	mailbox_awake(&t.keeper);
	assert_false(mailbox_put(&t.engine, some(1)));
}

static void
what_a_keeper_wrote_before_it_died_is_known(void **state)
{
	(void)state;
	(void)mailbox_put(&t.engine, some(10));
	mailbox_intend(&t.keeper, 10 * RECORD, 1, 2, 5000);
	assert_int_equal(mailbox_recover(&t.keeper, 1, 2, 5000), 0);
	assert_int_equal(mailbox_recover(&t.keeper, 1, 2, 5300), 300);
	assert_int_equal(
	    mailbox_recover(&t.keeper, 1, 2, 5000 + 10 * RECORD),
	    10 * RECORD);
	/* Another file, or one that somebody else wrote to or cut. */
	assert_int_equal(mailbox_recover(&t.keeper, 1, 3, 5300), 0);
	assert_int_equal(mailbox_recover(&t.keeper, 9, 2, 5300), 0);
	assert_int_equal(mailbox_recover(&t.keeper, 1, 2, 4999), 0);
	assert_int_equal(
	    mailbox_recover(&t.keeper, 1, 2, 5001 + 10 * RECORD), 0);
	/* What was taken is not written again. */
	mailbox_take(&t.keeper, RECORD, 1);
	assert_int_equal(mailbox_recover(&t.keeper, 1, 2, 5300), 0);
}

static void
datagrams_of_a_dead_engine_are_counted_once(void **state)
{
	struct mailbox_shared *s = t.engine.shared;

	(void)state;
	atomic_store(&s->received, 100);
	s->live.datagrams = 57;
	atomic_store(&s->live_from, 50);
	atomic_store(&s->finished, 90);
	assert_int_equal(mailbox_bury(&t.engine), 17);
	assert_int_equal(mailbox_bury(&t.engine), 0);
	assert_int_equal(atomic_load(&s->received), 107);
}

static void
a_state_box_keeps_the_latest_that_is_whole(void **state)
{
	static uint8_t large[STATEBOX_OCTETS + 1];
	int fd = memory_create("state", statebox_size());
	struct statebox engine, parent;

	(void)state;
	assert_true(statebox_map(&engine, fd));
	assert_true(statebox_map(&parent, fd));
	assert_int_equal(statebox_get(&parent).len, 0);
	for (uint8_t i = 1; i < 10; i++) {
		large[0] = i;
		assert_true(statebox_put(&engine, (struct bytes){ large, i }));
		assert_int_equal(statebox_get(&parent).len, i);
		assert_int_equal(statebox_get(&parent).ptr[0], i);
	}
	assert_false(statebox_put(
	    &engine, (struct bytes){ large, sizeof(large) }));
	assert_int_equal(statebox_get(&parent).len, 9);
	statebox_unmap(&engine);
	statebox_unmap(&parent);
	(void)close(fd);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(what_is_put_is_taken_in_its_order),
		T(a_full_mailbox_refuses_whole_records_and_counts_them),
		T(records_are_whole_over_the_end_of_the_ring),
		T(the_keeper_is_woken_when_it_sleeps),
		T(what_a_keeper_wrote_before_it_died_is_known),
		T(datagrams_of_a_dead_engine_are_counted_once),
		T(a_state_box_keeps_the_latest_that_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
