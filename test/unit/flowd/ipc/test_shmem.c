/* The memory between the children: flowd/ipc/shmem.c. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "shmem.h"
#include "write_intent.h"

enum { ENGINES = 3, OCTETS = 1024 * 1024 };

static struct shmem p;

static int
setup(void **state)
{
	(void)state;
	return shmem_init(&p, ENGINES, OCTETS) ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	shmem_fini(&p);
	return 0;
}

static bool
is_open(int fd)
{
	return fd != -1 && fcntl(fd, F_GETFD) != -1;
}

static void
slots_of_kinds_with_one_log_have_rings_from_the_start(void **state)
{
	(void)state;
	for (unsigned slot = 0; slot < SLOTS; slot++) {
		assert_true(shmem_has_slot(&p, slot) == slot_is_fixed(slot));
		for (unsigned i = 0; i < ENGINES; i++)
			assert_true(is_open(p.engines[i].rings[slot]) ==
			    slot_is_fixed(slot));
	}
	assert_true(slot_is_fixed(SLOT_LOGFILE));
	assert_true(slot_is_fixed(SLOT_LOGSOCK));
	assert_false(slot_is_fixed(SLOT_LOGDIR));
}

static void
slots_are_opened_and_closed_for_all_engines(void **state)
{
	unsigned slot = SLOT_LOGDIR + 1;

	(void)state;
	p.sent[slot] = true;
	assert_true(shmem_open_slot(&p, slot));
	assert_true(shmem_has_slot(&p, slot));
	/* The writer does not have these rings yet. */
	assert_false(p.sent[slot]);
	assert_int_equal(p.serials[slot], 1);
	assert_int_equal(shmem_free_slot(&p, SLOT_LOGDIR), SLOT_LOGDIR);
	assert_int_equal(shmem_free_slot(&p, slot), slot + 1);
	shmem_close_slot(&p, slot);
	assert_int_equal(shmem_free_slot(&p, slot), slot);
	assert_true(shmem_open_slot(&p, slot));
	assert_int_equal(p.serials[slot], 2);
}

static void
the_last_slot_is_free_until_it_is_open(void **state)
{
	(void)state;
	for (unsigned slot = SLOT_LOGDIR; slot < SLOTS; slot++) {
		assert_int_equal(
		    shmem_free_slot(&p, SLOT_LOGDIR), (int)slot);
		assert_true(shmem_open_slot(&p, slot));
	}
	assert_int_equal(shmem_free_slot(&p, SLOT_LOGDIR), -1);
}

static void
counts_of_all_engines_are_added(void **state)
{
	static const uint8_t record[8] = { 3 };
	struct ring_counts counts = { 0, 0, 0, 0 };

	(void)state;
	for (unsigned i = 0; i < ENGINES; i++) {
		struct ring m;

		assert_true(ring_map(&m, UNIT_RECORDS,
		    p.engines[i].rings[SLOT_LOGFILE]));
		ring_begin_engine(&m, 0);
		(void)ring_put(&m,
		    (struct bytes){ record, sizeof(record) }, 1, 1);
		ring_unmap(&m);
	}
	shmem_count(&p, SLOT_LOGFILE, &counts);
	assert_int_equal(counts.waiting, ENGINES);
	assert_int_equal(counts.written + counts.lost, 0);
	/* A slot without rings counts nothing. */
	shmem_count(&p, SLOT_LOGDIR, &counts);
	assert_int_equal(counts.waiting, ENGINES);
}

static void
every_descriptor_is_closed_at_the_end(void **state)
{
	struct shmem q;
	int fds[6];

	(void)state;
	assert_true(shmem_init(&q, 1, OCTETS));
	fds[0] = q.engines[0].counters;
	fds[1] = q.engines[0].snapshot_fd;
	fds[2] = q.engines[0].rings[SLOT_LOGFILE];
	fds[3] = q.intents;
	fds[4] = q.wake[1];
	fds[5] = q.forward_queue[0];
	for (int i = 0; i < 6; i++)
		assert_true(is_open(fds[i]));
	shmem_fini(&q);
	for (int i = 0; i < 6; i++)
		assert_false(is_open(fds[i]));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(slots_of_kinds_with_one_log_have_rings_from_the_start),
		TEST(slots_are_opened_and_closed_for_all_engines),
		TEST(the_last_slot_is_free_until_it_is_open),
		TEST(counts_of_all_engines_are_added),
		TEST(every_descriptor_is_closed_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
