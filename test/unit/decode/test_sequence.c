/* Sequence numbers: gaps, late and repeated messages, wraps, restarts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sequence.h"

static struct sequence s;
static struct sequence_change sum;

static void
note(uint32_t seq, uint32_t n)
{
	struct sequence_change c = sequence_note(&s, seq, n, false);

	sum.lost += c.lost;
	sum.late += c.late;
	sum.repeated += c.repeated;
	sum.restarts += c.restarts;
}

static void
assert_sum(int64_t lost, uint64_t late, int64_t repeated, uint64_t restarts)
{
	assert_int_equal(sum.lost, lost);
	assert_int_equal(sum.late, late);
	assert_int_equal(sum.repeated, repeated);
	assert_int_equal(sum.restarts, restarts);
}

static int
begin(void **unused)
{
	(void)unused;
	s = (struct sequence) { 0 };
	sum = (struct sequence_change) { 0 };
	return 0;
}

static void
sequence_takes_the_first_number_as_it_is(void **unused)
{
	(void)unused;
	note(4000000000, 30);
	assert_sum(0, 0, 0, 0);
	assert_int_equal(s.next, 4000000030);
}

static void
sequence_counts_a_gap_in_its_unit(void **unused)
{
	(void)unused;
	note(0, 30);
	note(90, 30);
	assert_sum(60, 0, 0, 0);
}

static void
sequence_wraps_at_32_bits(void **unused)
{
	(void)unused;
	note(UINT32_MAX - 9, 10);
	note(0, 10);
	assert_sum(0, 0, 0, 0);
	note(UINT32_MAX - 99, 10);
	begin(NULL);
	note(UINT32_MAX - 9, 5);
	note(5, 5);
	assert_sum(10, 0, 0, 0);
}

static void
sequence_takes_a_late_message_out_of_the_gap(void **unused)
{
	(void)unused;
	note(0, 10);
	note(30, 10);
	note(10, 10);
	assert_sum(10, 10, 0, 0);
	note(20, 10);
	assert_sum(0, 20, 0, 0);
	note(40, 10);
	assert_sum(0, 20, 0, 0);
}

static void
sequence_counts_a_message_that_came_before_as_repeated(void **unused)
{
	(void)unused;
	note(0, 10);
	note(10, 10);
	note(10, 10);
	note(0, 10);
	note(20, 10);
	assert_sum(0, 0, 2, 0);
}

static void
sequence_does_not_fill_a_gap_twice(void **unused)
{
	(void)unused;
	note(0, 10);
	note(20, 10);
	note(10, 10);
	note(10, 10);
	assert_sum(0, 10, 1, 0);
}

static void
sequence_sees_a_restart_by_the_header(void **unused)
{
	struct sequence_change c;

	(void)unused;
	note(500, 1);
	c = sequence_note(&s, 0, 1, true);
	assert_int_equal(c.restarts, 1);
	assert_int_equal(c.repeated, 0);
	note(1, 1);
	assert_sum(0, 0, 0, 0);
}

static void
sequence_takes_a_far_jump_for_a_restart(void **unused)
{
	(void)unused;
	note(5, 1);
	note(5 + 2 * SEQUENCE_WINDOW, 1);
	assert_sum(0, 0, 0, 1);
	note(7, 1);
	assert_sum(0, 0, 0, 2);
}

static void
sequence_sees_a_restart_by_old_messages_that_follow_on(void **unused)
{
	(void)unused;
	note(1000, 1);
	for (uint32_t i = 0; i < 2 * SEQUENCE_REPEATS; i++)
		note(i, 1);
	assert_sum(0, 0, 0, 1);
}

static void
sequence_does_not_take_every_second_message_for_a_restart(void **unused)
{
	(void)unused;
	for (uint32_t i = 0; i < 100; i++) {
		note(i, 1);
		note(i, 1);
	}
	assert_sum(0, 0, 100, 0);
}

static void
sequence_lets_messages_without_units_pass(void **unused)
{
	(void)unused;
	note(10, 5);
	note(15, 0);
	note(12, 0);
	note(15, 5);
	assert_sum(0, 0, 0, 0);
}

static void
sequence_gives_up_the_oldest_of_too_many_gaps(void **unused)
{
	(void)unused;
	for (uint32_t i = 0; i < 2 * SEQUENCE_HOLES; i++)
		note(2 * i, 1);
	assert_sum(2 * SEQUENCE_HOLES - 1, 0, 0, 0);
	note(1, 1);
	assert_sum(2 * SEQUENCE_HOLES - 1, 0, 1, 0);
	note(4 * SEQUENCE_HOLES - 3, 1);
	assert_sum(2 * SEQUENCE_HOLES - 2, 1, 1, 0);
}

static void
sequence_expects_nothing_after_an_unknown_count(void **unused)
{
	(void)unused;
	note(10, 5);
	sequence_forget_next(&s);
	note(100, 5);
	assert_sum(0, 0, 0, 0);
	note(106, 5);
	assert_sum(1, 0, 0, 0);
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sequence_takes_the_first_number_as_it_is),
		TEST(sequence_counts_a_gap_in_its_unit),
		TEST(sequence_wraps_at_32_bits),
		TEST(sequence_takes_a_late_message_out_of_the_gap),
		TEST(sequence_counts_a_message_that_came_before_as_repeated),
		TEST(sequence_does_not_fill_a_gap_twice),
		TEST(sequence_sees_a_restart_by_the_header),
		TEST(sequence_takes_a_far_jump_for_a_restart),
		TEST(sequence_sees_a_restart_by_old_messages_that_follow_on),
		TEST(sequence_does_not_take_every_second_message_for_a_restart),
		TEST(sequence_lets_messages_without_units_pass),
		TEST(sequence_gives_up_the_oldest_of_too_many_gaps),
		TEST(sequence_expects_nothing_after_an_unknown_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
