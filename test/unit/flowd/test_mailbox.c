/* The mailbox, the ledger and the state box, between two mappings each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "ledger.h"
#include "mailbox.h"
#include "memory.h"
#include "statebox.h"
#include "wire_le.h"

enum { RECORD = 116, SOME = 1000, OCTETS = 64 * 1024 * 1024 };

static struct {
	int fd;
	struct mailbox engine, keeper;
	struct note note;
	uint8_t records[SOME * RECORD];
} t;

static int
setup(void **state)
{
	(void)state;
	t.fd = memory_create("test", mailbox_size(OCTETS));
	assert_true(mailbox_map(&t.engine, UNIT_RECORDS, t.fd));
	assert_true(mailbox_map(&t.keeper, UNIT_RECORDS, t.fd));
	memset(&t.note, 0, sizeof(t.note));
	mailbox_keep(&t.keeper, &t.note);
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

/* What waits, where what is said of its flows is right. */
static struct bytes
peek(const struct mailbox *m)
{
	uint64_t flows;
	struct bytes piece = mailbox_peek(m, &flows);

	if (flows != UNIT_UNKNOWN)
		assert_int_equal(flows, unit_flows(m->kind, piece));
	return piece;
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
	assert_int_equal(peek(&t.keeper).len, 0);
	(void)mailbox_put(&t.engine, some(3), 3, 0);
	piece = peek(&t.keeper);
	assert_int_equal(piece.len, 3 * RECORD);
	assert_memory_equal(piece.ptr, t.records, piece.len);
	assert_int_equal(mailbox_waiting(&t.engine), 3);
	mailbox_take(&t.keeper, piece.len, 3);
	assert_int_equal(mailbox_waiting(&t.engine), 0);
	assert_int_equal(peek(&t.keeper).len, 0);
}

static void
a_full_mailbox_refuses_whole_records_and_counts_them(void **state)
{
	uint64_t put = 0, taken = 0;

	(void)state;
	while (atomic_load(&t.engine.shared->done.refused) == 0) {
		(void)mailbox_put(&t.engine, some(SOME), SOME, 0);
		put += SOME;
	}
	assert_int_equal(mailbox_waiting(&t.engine) +
		atomic_load(&t.engine.shared->done.refused), put);
	for (;;) {
		struct bytes piece = peek(&t.keeper);

		if (piece.len == 0)
			break;
		assert_true(piece.len <= MAILBOX_PIECE);
		assert_int_equal(piece.len % RECORD, 0);
		taken += piece.len / RECORD;
		mailbox_take(&t.keeper, piece.len, piece.len / RECORD);
	}
	assert_int_equal(taken +
		atomic_load(&t.engine.shared->done.refused), put);
}

static void
a_mailbox_is_as_large_as_it_was_made(void **state)
{
	enum { SMALL = 100000, ROUNDED = 2 * 64 * 1024 };
	struct mailbox m;
	int fd = memory_create("small", mailbox_size(SMALL));

	(void)state;
	assert_true(mailbox_map(&m, UNIT_RECORDS, fd));
	assert_int_equal(m.octets, ROUNDED);
	(void)mailbox_put(&m, some(SOME), SOME, 0);
	(void)mailbox_put(&m, some(SOME), SOME, 0);
	assert_int_equal(mailbox_waiting(&m), ROUNDED / RECORD);
	assert_int_equal(peek(&m).len, ROUNDED / RECORD * RECORD);
	mailbox_unmap(&m);
	assert_int_equal(close(fd), 0);
}

static void
memory_of_another_size_is_no_mailbox(void **state)
{
	static const size_t sizes[] = { 0, 1, 64 * 1024, 64 * 1024 + 4096 };
	struct mailbox m;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		int fd = memory_create("other", sizes[i]);

		assert_int_not_equal(fd, -1);
		assert_false(mailbox_map(&m, UNIT_RECORDS, fd));
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
an_empty_mailbox_gives_memory_back(void **state)
{
	struct bytes piece;

	(void)state;
	if (getenv("FLOWD_PORTABLE") != NULL)
		skip();
	while (atomic_load(&t.engine.shared->done.refused) == 0)
		(void)mailbox_put(&t.engine, some(SOME), SOME, 0);
	assert_true(memory_used() > OCTETS - SOME * RECORD);
	while ((piece = peek(&t.keeper)).len > 0)
		mailbox_take(&t.keeper, piece.len, piece.len / RECORD);
	(void)mailbox_put(&t.engine, some(3), 3, 0);
	assert_true(memory_used() < 2 * (size_t)MAILBOX_KEPT);
	piece = peek(&t.keeper);
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

		(void)mailbox_put(&t.engine, some(SOME), SOME, 0);
		piece = peek(&t.keeper);
		for (size_t at = 0; at < piece.len; at += RECORD) {
			assert_int_equal(piece.ptr[at + 2], (uint8_t)next);
			next = (next + 1) % SOME;
		}
		mailbox_take(&t.keeper, piece.len - RECORD,
		    piece.len / RECORD - 1);
		next = (next + SOME - 1) % SOME;
	}
	assert_int_equal(atomic_load(&t.engine.shared->done.refused), 0);
}

static void
the_keeper_is_woken_when_it_sleeps(void **state)
{
	(void)state;
	assert_true(mailbox_sleep(&t.keeper));
	assert_true(mailbox_put(&t.engine, some(1), 1, 0));
	assert_false(mailbox_put(&t.engine, some(1), 1, 0));
	assert_false(mailbox_sleep(&t.keeper));
	mailbox_awake(&t.keeper);
	assert_false(mailbox_put(&t.engine, some(1), 1, 0));
}

/* Whatever an engine does to what is the keeper's, it goes on from there. */
static void
a_keeper_believes_its_own_note(void **state)
{
	struct mailbox next;

	(void)state;
	(void)mailbox_put(&t.engine, some(10), 10, 0);
	mailbox_take(&t.keeper, 4 * RECORD, 4);
	atomic_store(&t.engine.shared->taken, 0);
	assert_int_equal(peek(&t.keeper).len, 6 * RECORD);
	assert_true(mailbox_map(&next, UNIT_RECORDS, t.fd));
	mailbox_keep(&next, &t.note);
	assert_int_equal(peek(&next).len, 6 * RECORD);
	assert_memory_equal(
	    peek(&next).ptr, t.records + 4 * RECORD, 6 * RECORD);
	/* It is as the keeper has it for the engine, too. */
	assert_int_equal(atomic_load(&t.engine.shared->taken), 4 * RECORD);
	mailbox_unmap(&next);
}

/* Where something was to be written once the engine has put say again. */
static void
what_is_given_up_was_not_to_be_written(void **state)
{
	const struct stat file = { .st_ino = 1, .st_size = 0 };
	const struct stat after = { .st_ino = 1, .st_size = 3 * RECORD };

	(void)state;
	(void)mailbox_put(&t.engine, some(10), 10, 0);
	note_intend(&t.note, 10 * RECORD, &file);
	assert_int_equal(note_written(&t.note, &after), 3 * RECORD);
	mailbox_take(&t.keeper, 3 * RECORD, 3);
	atomic_store(&t.engine.shared->done.put, 0);
	(void)mailbox_lose(&t.keeper);
	assert_int_equal(atomic_load(&t.note.taken), 0);
	assert_int_equal(note_written(&t.note, &after), 0);
}

static uint64_t
any(void)
{
	static uint64_t seed = 7;

	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return seed >> (seed >> 58);
}

/* What is read lies in the mailbox, whatever an engine says of it. */
static void
a_hostile_engine_leads_nobody_out_of_the_mailbox(void **state)
{
	struct mailbox_shared *s = t.engine.shared;

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		struct bytes piece;
		uint64_t flows;

		atomic_store(&s->base, any());
		atomic_store(&s->taken, any());
		atomic_store(&s->done.put, i % 3 == 0 ? any()
			: atomic_load(&t.note.taken) + any() % (2 * RECORD));
		atomic_store(&s->next.put, i % 2 == 0 ? any()
			: atomic_load(&s->done.put));
		atomic_store(&s->written, any());
		memset(t.engine.ring, (int)(any() & 0xff), RECORD);
		piece = mailbox_peek(&t.keeper, &flows);
		assert_in_range(piece.ptr - t.keeper.ring, 0, OCTETS - 1);
		assert_true(piece.len <= t.keeper.octets);
		if (piece.len > 2 * RECORD)
			piece.len = 2 * RECORD;
		assert_true(unit_whole(UNIT_RECORDS, piece, &flows) <=
		    piece.len);
		if (i % 5 == 0)
			(void)mailbox_lose(&t.keeper);
		else
			mailbox_take(&t.keeper, piece.len, flows);
	}
}

/* A unit that is longer than a piece is one piece. */
static void
a_long_block_is_taken_whole(void **state)
{
	enum { LEN = 3 * MAILBOX_PIECE };
	static uint8_t block[LEN];
	struct mailbox m;

	(void)state;
	assert_true(mailbox_map(&m, UNIT_BLOCKS, t.fd));
	mailbox_keep(&m, &t.note);
	store_le32(block + 12, 100);
	store_le32(block + 16, LEN - 100);
	store_le32(block + 20, 65536);
	(void)mailbox_put(&m, (struct bytes){ block, LEN }, 65536, 1);
	(void)mailbox_put(&m, (struct bytes){ block, LEN }, 65536, 2);
	assert_int_equal(mailbox_waiting(&m), 2 * 65536);
	assert_int_equal(peek(&m).len % LEN, 0);
	assert_true(peek(&m).len >= LEN);
	mailbox_take(&m, LEN, 65536);
	assert_int_equal(peek(&m).len, LEN);
	/* What is no block is one unit without flows. */
	mailbox_take(&m, LEN, 65536);
	memset(block, 0, 100);
	(void)mailbox_put(&m, (struct bytes){ block, 100 }, 0, 3);
	assert_int_equal(peek(&m).len, 100);
	assert_int_equal(mailbox_waiting(&m), 0);
	mailbox_unmap(&m);
}

static void
datagrams_of_a_dead_engine_are_counted_once(void **state)
{
	struct mailbox_counts c = { 0, 0, 0, 0 };

	(void)state;
	/* The first engine has none before it. */
	mailbox_bury(&t.engine, 0);
	(void)mailbox_put(&t.engine, some(10), 10, 90);
	mailbox_bury(&t.engine, 107);
	mailbox_bury(&t.engine, 107);
	(void)mailbox_put(&t.engine, (struct bytes){ NULL, 0 }, 0, 120);
	mailbox_bury(&t.engine, 121);
	mailbox_count(&t.engine, &c);
	assert_int_equal(c.buried, 17 + 1);
	assert_int_equal(c.waiting, 10);
}

/* It died when the records were put and nothing else of it was noted. */
static void
what_was_put_is_put_whenever_an_engine_dies(void **state)
{
	struct mailbox_shared *s = t.engine.shared;
	struct mailbox_counts c = { 0, 0, 0, 0 };

	(void)state;
	mailbox_bury(&t.engine, 0);
	(void)mailbox_put(&t.engine, some(10), 10, 50);
	atomic_store(&s->done.flows, 4);
	atomic_store(&s->done.through, 20);
	mailbox_bury(&t.engine, 50);
	/* And here before they were. */
	atomic_store(&s->next.flows, 999);
	atomic_store(&s->next.through, 60);
	atomic_store(&s->next.put, atomic_load(&s->done.put) + 1);
	mailbox_bury(&t.engine, 60);
	mailbox_count(&t.engine, &c);
	assert_int_equal(c.waiting, 10);
	assert_int_equal(c.buried, 10);
}

static void
what_waits_can_be_given_up(void **state)
{
	struct mailbox_counts c = { 0, 0, 0, 0 };

	(void)state;
	(void)mailbox_put(&t.engine, some(10), 10, 1);
	mailbox_take(&t.keeper, 3 * RECORD, 3);
	assert_int_equal(mailbox_lose(&t.keeper), 7);
	mailbox_count(&t.engine, &c);
	assert_int_equal(c.written, 3);
	assert_int_equal(c.lost, 7);
	assert_int_equal(c.waiting, 0);
	assert_int_equal(peek(&t.keeper).len, 0);
}

static void
a_ledger_outlives_its_engine(void **state)
{
	struct engine_counters c = { .datagrams = 3, .unforwarded = 9 }, d;
	int fd = memory_create("ledger", ledger_size());
	struct ledger engine, next;

	(void)state;
	assert_true(ledger_map(&engine, fd));
	assert_true(ledger_map(&next, fd));
	ledger_put(&engine, &c);
	atomic_store(&engine.shared->received, 100);
	engine.shared->live.datagrams = 57;
	atomic_store(&engine.shared->live_from, 50);
	ledger_get(&next, &d);
	assert_memory_equal(&c, &d, sizeof(c));
	assert_int_equal(ledger_settle(&next), 107);
	assert_int_equal(ledger_settle(&next), 107);
	ledger_unmap(&engine);
	ledger_unmap(&next);
	(void)close(fd);
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
		T(a_mailbox_is_as_large_as_it_was_made),
		T(memory_of_another_size_is_no_mailbox),
		T(an_empty_mailbox_gives_memory_back),
		T(records_are_whole_over_the_end_of_the_ring),
		T(the_keeper_is_woken_when_it_sleeps),
		T(a_keeper_believes_its_own_note),
		T(what_is_given_up_was_not_to_be_written),
		T(a_hostile_engine_leads_nobody_out_of_the_mailbox),
		T(a_long_block_is_taken_whole),
		T(datagrams_of_a_dead_engine_are_counted_once),
		T(what_was_put_is_put_whenever_an_engine_dies),
		T(what_waits_can_be_given_up),
		T(a_ledger_outlives_its_engine),
		T(a_state_box_keeps_the_latest_that_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
