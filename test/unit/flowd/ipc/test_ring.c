/* The ring, shared counters and the snapshot, between two mappings each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "memory.h"
#include "ring.h"
#include "shared_counters.h"
#include "snapshot.h"
#include "wire_le.h"

enum { RECORD = 116, SOME = 1000, OCTETS = 64 * 1024 * 1024 };

static struct {
	int fd;
	struct ring engine, writer;
	struct write_intent intent;
	uint8_t records[SOME * RECORD];
} t;

static int
setup(void **state)
{
	(void)state;
	t.fd = memory_create("test", ring_size(OCTETS));
	assert_true(ring_map(&t.engine, UNIT_RECORDS, t.fd));
	assert_true(ring_map(&t.writer, UNIT_RECORDS, t.fd));
	memset(&t.intent, 0, sizeof(t.intent));
	ring_begin_writer(&t.writer, &t.intent);
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
	ring_unmap(&t.engine);
	ring_unmap(&t.writer);
	return close(t.fd);
}

/* What waits, where what is said of its flows is right. */
static struct bytes
ring_front(const struct ring *m)
{
	uint64_t flows;
	struct bytes piece = ring_peek(m, &flows);

	if (flows != UNIT_UNKNOWN)
		assert_int_equal(flows, unit_flows(m->kind, piece));
	return piece;
}

static struct bytes
octets_some(size_t n)
{
	return (struct bytes){ t.records, n * RECORD };
}

static void
what_is_put_is_taken_in_its_order(void **state)
{
	struct bytes piece;

	(void)state;
	assert_int_equal(ring_front(&t.writer).len, 0);
	(void)ring_put(&t.engine, octets_some(3), 3, 0);
	piece = ring_front(&t.writer);
	assert_int_equal(piece.len, 3 * RECORD);
	assert_memory_equal(piece.ptr, t.records, piece.len);
	assert_int_equal(ring_waiting(&t.engine), 3);
	ring_take(&t.writer, piece.len, 3);
	assert_int_equal(ring_waiting(&t.engine), 0);
	assert_int_equal(ring_front(&t.writer).len, 0);
}

static void
a_full_ring_refuses_whole_records_and_counts_them(void **state)
{
	uint64_t put = 0, taken = 0;

	(void)state;
	while (atomic_load(&t.engine.shared->done.refused) == 0) {
		(void)ring_put(&t.engine, octets_some(SOME), SOME, 0);
		put += SOME;
	}
	assert_int_equal(ring_waiting(&t.engine) +
		atomic_load(&t.engine.shared->done.refused), put);
	for (;;) {
		struct bytes piece = ring_front(&t.writer);

		if (piece.len == 0)
			break;
		assert_true(piece.len <= RING_PIECE);
		assert_int_equal(piece.len % RECORD, 0);
		taken += piece.len / RECORD;
		ring_take(&t.writer, piece.len, piece.len / RECORD);
	}
	assert_int_equal(taken +
		atomic_load(&t.engine.shared->done.refused), put);
}

static void
a_ring_is_as_large_as_it_was_made(void **state)
{
	enum { SMALL = 100000, ROUNDED = 2 * 64 * 1024 };
	struct ring m;
	int fd = memory_create("small", ring_size(SMALL));

	(void)state;
	assert_true(ring_map(&m, UNIT_RECORDS, fd));
	assert_int_equal(m.octets, ROUNDED);
	(void)ring_put(&m, octets_some(SOME), SOME, 0);
	(void)ring_put(&m, octets_some(SOME), SOME, 0);
	assert_int_equal(ring_waiting(&m), ROUNDED / RECORD);
	assert_int_equal(ring_front(&m).len, ROUNDED / RECORD * RECORD);
	ring_unmap(&m);
	assert_int_equal(close(fd), 0);
}

static void
memory_of_another_size_is_no_ring(void **state)
{
	static const size_t sizes[] = { 0, 1, 64 * 1024, 64 * 1024 + 4096 };
	struct ring m;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		int fd = memory_create("other", sizes[i]);

		assert_int_not_equal(fd, -1);
		assert_false(ring_map(&m, UNIT_RECORDS, fd));
		assert_int_equal(close(fd), 0);
	}
}

static size_t
memory_used(void)
{
	struct stat st;

	assert_int_equal(fstat(t.fd, &st), 0);
	return (size_t)st.st_blocks * 512;
}

/* What has it waits no more; what comes then is as it was put. */
static void
an_empty_ring_gives_memory_back(void **state)
{
	struct bytes piece;

	(void)state;
	if (getenv("FLOWD_PORTABLE") != NULL)
		skip();
	while (atomic_load(&t.engine.shared->done.refused) == 0)
		(void)ring_put(&t.engine, octets_some(SOME), SOME, 0);
	assert_true(memory_used() > OCTETS - SOME * RECORD);
	while ((piece = ring_front(&t.writer)).len > 0)
		ring_take(&t.writer, piece.len, piece.len / RECORD);
	(void)ring_put(&t.engine, octets_some(3), 3, 0);
	assert_true(memory_used() < 2 * (size_t)RING_KEPT);
	piece = ring_front(&t.writer);
	assert_int_equal(piece.len, 3 * RECORD);
	assert_memory_equal(piece.ptr, t.records, piece.len);
}

/* Over the end of the ring again and again, never empty. */
static void
records_are_whole_over_the_end_of_the_ring(void **state)
{
	unsigned next = 0;

	(void)state;
	for (unsigned round = 0; round < 3000; round++) {
		struct bytes piece;

		(void)ring_put(&t.engine, octets_some(SOME), SOME, 0);
		piece = ring_front(&t.writer);
		for (size_t at = 0; at < piece.len; at += RECORD) {
			assert_int_equal(piece.ptr[at + 2], (uint8_t)next);
			next = (next + 1) % SOME;
		}
		ring_take(&t.writer, piece.len - RECORD,
		    piece.len / RECORD - 1);
		next = (next + SOME - 1) % SOME;
	}
	assert_int_equal(atomic_load(&t.engine.shared->done.refused), 0);
}

static void
the_writer_is_woken_when_it_sleeps(void **state)
{
	(void)state;
	assert_true(ring_sleep(&t.writer));
	assert_true(ring_put(&t.engine, octets_some(1), 1, 0));
	assert_false(ring_put(&t.engine, octets_some(1), 1, 0));
	assert_false(ring_sleep(&t.writer));
	ring_awake(&t.writer);
	assert_false(ring_put(&t.engine, octets_some(1), 1, 0));
}

/* Whatever an engine does to what is the writer's, it goes on from there. */
static void
a_writer_believes_its_own_note(void **state)
{
	struct ring next;

	(void)state;
	(void)ring_put(&t.engine, octets_some(10), 10, 0);
	ring_take(&t.writer, 4 * RECORD, 4);
	atomic_store(&t.engine.shared->taken, 0);
	assert_int_equal(ring_front(&t.writer).len, 6 * RECORD);
	assert_true(ring_map(&next, UNIT_RECORDS, t.fd));
	ring_begin_writer(&next, &t.intent);
	assert_int_equal(ring_front(&next).len, 6 * RECORD);
	assert_memory_equal(
	    ring_front(&next).ptr, t.records + 4 * RECORD, 6 * RECORD);
	/* It is as the writer has it for the engine, too. */
	assert_int_equal(atomic_load(&t.engine.shared->taken), 4 * RECORD);
	ring_unmap(&next);
}

/* Where something was to be written once the engine has put say again. */
static void
what_is_given_up_was_not_to_be_written(void **state)
{
	const struct stat file = { .st_ino = 1, .st_size = 0 };
	const struct stat after = { .st_ino = 1, .st_size = 3 * RECORD };

	(void)state;
	(void)ring_put(&t.engine, octets_some(10), 10, 0);
	write_intent_set(&t.intent, 10 * RECORD, &file);
	assert_int_equal(write_intent_written(&t.intent, &after), 3 * RECORD);
	ring_take(&t.writer, 3 * RECORD, 3);
	atomic_store(&t.engine.shared->done.put, 0);
	(void)ring_discard(&t.writer);
	assert_int_equal(atomic_load(&t.intent.taken), 0);
	assert_int_equal(write_intent_written(&t.intent, &after), 0);
}

static uint64_t
random_any(void)
{
	static uint64_t seed = 7;

	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return seed >> (seed >> 58);
}

/* What is read lies in the ring, whatever an engine says of it. */
static void
a_hostile_engine_leads_nobody_out_of_the_ring(void **state)
{
	struct ring_shared *s = t.engine.shared;

	(void)state;
	for (unsigned i = 0; i < 10000; i++) {
		struct bytes piece;
		uint64_t flows;

		atomic_store(&s->base, random_any());
		atomic_store(&s->taken, random_any());
		atomic_store(&s->done.put,
		    i % 3 == 0 ? random_any()
			       : atomic_load(&t.intent.taken) +
			    random_any() % (2 * RECORD));
		atomic_store(&s->next.put, i % 2 == 0 ? random_any()
			: atomic_load(&s->done.put));
		atomic_store(&s->written, random_any());
		memset(t.engine.ring, (int)(random_any() & 0xff), RECORD);
		piece = ring_peek(&t.writer, &flows);
		assert_in_range(piece.ptr - t.writer.ring, 0, OCTETS - 1);
		assert_true(piece.len <= t.writer.octets);
		if (piece.len > 2 * RECORD)
			piece.len = 2 * RECORD;
		assert_true(unit_whole(UNIT_RECORDS, piece, &flows) <=
		    piece.len);
		if (i % 5 == 0)
			(void)ring_discard(&t.writer);
		else
			ring_take(&t.writer, piece.len, flows);
	}
}

/* A unit that is longer than a piece is one piece. */
static void
a_long_block_is_taken_whole(void **state)
{
	enum { LEN = 3 * RING_PIECE };
	static uint8_t block[LEN];
	struct ring m;

	(void)state;
	assert_true(ring_map(&m, UNIT_BLOCKS, t.fd));
	ring_begin_writer(&m, &t.intent);
	store_le32(block + 12, 100);
	store_le32(block + 16, LEN - 100);
	store_le32(block + 20, 65536);
	(void)ring_put(&m, (struct bytes){ block, LEN }, 65536, 1);
	(void)ring_put(&m, (struct bytes){ block, LEN }, 65536, 2);
	assert_int_equal(ring_waiting(&m), 2 * 65536);
	assert_int_equal(ring_front(&m).len % LEN, 0);
	assert_true(ring_front(&m).len >= LEN);
	ring_take(&m, LEN, 65536);
	assert_int_equal(ring_front(&m).len, LEN);
	/* What is no block is one unit without flows. */
	ring_take(&m, LEN, 65536);
	memset(block, 0, 100);
	(void)ring_put(&m, (struct bytes){ block, 100 }, 0, 3);
	assert_int_equal(ring_front(&m).len, 100);
	assert_int_equal(ring_waiting(&m), 0);
	ring_unmap(&m);
}

static void
datagrams_of_a_dead_engine_are_counted_once(void **state)
{
	struct ring_counts c = { 0, 0, 0, 0 };

	(void)state;
	/* The first engine has none before it. */
	ring_begin_engine(&t.engine, 0);
	(void)ring_put(&t.engine, octets_some(10), 10, 90);
	ring_begin_engine(&t.engine, 107);
	ring_begin_engine(&t.engine, 107);
	(void)ring_put(&t.engine, (struct bytes){ NULL, 0 }, 0, 120);
	ring_begin_engine(&t.engine, 121);
	ring_count(&t.engine, &c);
	assert_int_equal(c.buried, 17 + 1);
	assert_int_equal(c.waiting, 10);
}

/* It died when it had found the writer asleep, and before it woke it. */
static void
a_wakeup_is_not_lost_with_its_engine(void **state)
{
	(void)state;
	assert_false(ring_begin_engine(&t.engine, 0));
	assert_true(ring_sleep(&t.writer));
	assert_true(ring_put(&t.engine, octets_some(10), 10, 1));
	assert_false(ring_put(&t.engine, octets_some(10), 10, 2));
	assert_true(ring_begin_engine(&t.engine, 2));
}

/* It died when the records were put and nothing else of it was noted. */
static void
what_was_put_is_put_whenever_an_engine_dies(void **state)
{
	struct ring_shared *s = t.engine.shared;
	struct ring_counts c = { 0, 0, 0, 0 };

	(void)state;
	ring_begin_engine(&t.engine, 0);
	(void)ring_put(&t.engine, octets_some(10), 10, 50);
	atomic_store(&s->done.flows, 4);
	atomic_store(&s->done.through, 20);
	ring_begin_engine(&t.engine, 50);
	/* And here before they were. */
	atomic_store(&s->next.flows, 999);
	atomic_store(&s->next.through, 60);
	atomic_store(&s->next.put, atomic_load(&s->done.put) + 1);
	ring_begin_engine(&t.engine, 60);
	ring_count(&t.engine, &c);
	assert_int_equal(c.waiting, 10);
	assert_int_equal(c.buried, 10);
}

static void
what_waits_can_be_given_up(void **state)
{
	struct ring_counts c = { 0, 0, 0, 0 };

	(void)state;
	(void)ring_put(&t.engine, octets_some(10), 10, 1);
	ring_take(&t.writer, 3 * RECORD, 3);
	assert_int_equal(ring_discard(&t.writer), 7);
	ring_count(&t.engine, &c);
	assert_int_equal(c.written, 3);
	assert_int_equal(c.lost, 7);
	assert_int_equal(c.waiting, 0);
	assert_int_equal(ring_front(&t.writer).len, 0);
}

static void
a_ledger_outlives_its_engine(void **state)
{
	struct engine_counters c = { .datagrams = 3, .unforwarded = 9 }, d;
	int fd = memory_create("counters", shared_counters_size());
	struct shared_counters engine, next;

	(void)state;
	assert_true(shared_counters_map(&engine, fd));
	assert_true(shared_counters_map(&next, fd));
	shared_counters_store(&engine, &c);
	atomic_store(&engine.shared->received, 100);
	engine.shared->live.datagrams = 57;
	atomic_store(&engine.shared->live_from, 50);
	shared_counters_load(&next, &d);
	assert_memory_equal(&c, &d, sizeof(c));
	assert_int_equal(shared_counters_recover(&next), 107);
	assert_int_equal(shared_counters_recover(&next), 107);
	shared_counters_unmap(&engine);
	shared_counters_unmap(&next);
	(void)close(fd);
}

static void
a_state_box_keeps_the_latest_that_is_whole(void **state)
{
	static uint8_t large[SNAPSHOT_OCTETS + 1];
	int fd = memory_create("state", snapshot_size());
	struct snapshot engine, parent;

	(void)state;
	assert_true(snapshot_map(&engine, fd));
	assert_true(snapshot_map(&parent, fd));
	assert_int_equal(snapshot_get(&parent).len, 0);
	for (uint8_t i = 1; i < 10; i++) {
		large[0] = i;
		assert_true(snapshot_put(&engine, (struct bytes){ large, i }));
		assert_int_equal(snapshot_get(&parent).len, i);
		assert_int_equal(snapshot_get(&parent).ptr[0], i);
	}
	assert_false(snapshot_put(
	    &engine, (struct bytes){ large, sizeof(large) }));
	assert_int_equal(snapshot_get(&parent).len, 9);
	snapshot_unmap(&engine);
	snapshot_unmap(&parent);
	(void)close(fd);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(what_is_put_is_taken_in_its_order),
		T(a_full_ring_refuses_whole_records_and_counts_them),
		T(a_ring_is_as_large_as_it_was_made),
		T(memory_of_another_size_is_no_ring),
		T(an_empty_ring_gives_memory_back),
		T(records_are_whole_over_the_end_of_the_ring),
		T(the_writer_is_woken_when_it_sleeps),
		T(a_writer_believes_its_own_note),
		T(what_is_given_up_was_not_to_be_written),
		T(a_hostile_engine_leads_nobody_out_of_the_ring),
		T(a_long_block_is_taken_whole),
		T(datagrams_of_a_dead_engine_are_counted_once),
		T(a_wakeup_is_not_lost_with_its_engine),
		T(what_was_put_is_put_whenever_an_engine_dies),
		T(what_waits_can_be_given_up),
		T(a_ledger_outlives_its_engine),
		T(a_state_box_keeps_the_latest_that_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
