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
note_at(uint32_t seq, uint32_t n, int64_t sec)
{
	const struct sequence_message m = { .number = seq, .units = n,
		.export_ns = sec * 1000000000 };
	struct sequence_change c = sequence_note(&s, &m);

	sum.lost += c.lost;
	sum.late += c.late;
	sum.repeated += c.repeated;
	sum.restarts += c.restarts;
}

static void
sequence_send(uint32_t seq, uint32_t n)
{
	note_at(seq, n, 0);
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
sequence_setup(void **unused)
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
	sequence_send(4000000000, 30);
	assert_sum(0, 0, 0, 0);
	assert_int_equal(s.next, 4000000030);
}

static void
sequence_counts_a_gap_in_its_unit(void **unused)
{
	(void)unused;
	sequence_send(0, 30);
	sequence_send(90, 30);
	assert_sum(60, 0, 0, 0);
}

static void
sequence_wraps_at_32_bits(void **unused)
{
	(void)unused;
	sequence_send(UINT32_MAX - 9, 10);
	sequence_send(0, 10);
	assert_sum(0, 0, 0, 0);
	sequence_send(UINT32_MAX - 99, 10);
	sequence_setup(NULL);
	sequence_send(UINT32_MAX - 9, 5);
	sequence_send(5, 5);
	assert_sum(10, 0, 0, 0);
}

static void
sequence_takes_a_late_message_out_of_the_gap(void **unused)
{
	(void)unused;
	sequence_send(0, 10);
	sequence_send(30, 10);
	sequence_send(10, 10);
	assert_sum(10, 10, 0, 0);
	sequence_send(20, 10);
	assert_sum(0, 20, 0, 0);
	sequence_send(40, 10);
	assert_sum(0, 20, 0, 0);
}

static void
sequence_counts_a_message_that_came_before_as_repeated(void **unused)
{
	(void)unused;
	sequence_send(0, 10);
	sequence_send(10, 10);
	sequence_send(10, 10);
	sequence_send(0, 10);
	sequence_send(20, 10);
	assert_sum(0, 0, 2, 0);
}

static void
sequence_does_not_fill_a_gap_twice(void **unused)
{
	(void)unused;
	sequence_send(0, 10);
	sequence_send(20, 10);
	sequence_send(10, 10);
	sequence_send(10, 10);
	assert_sum(0, 10, 1, 0);
}

static void
sequence_sees_a_restart_by_the_header(void **unused)
{
	const struct sequence_message anew = { .units = 1, .restarted = true };
	struct sequence_change c;

	(void)unused;
	sequence_send(500, 1);
	c = sequence_note(&s, &anew);
	assert_int_equal(c.restarts, 1);
	assert_int_equal(c.repeated, 0);
	sequence_send(1, 1);
	assert_sum(0, 0, 0, 0);
}

static void
sequence_takes_a_far_jump_for_a_restart(void **unused)
{
	(void)unused;
	sequence_send(5, 1);
	sequence_send(5 + 2 * SEQUENCE_WINDOW, 1);
	assert_sum(0, 0, 0, 1);
	sequence_send(7, 1);
	assert_sum(0, 0, 0, 2);
}

static void
sequence_sees_a_restart_by_old_messages_that_follow_on(void **unused)
{
	(void)unused;
	sequence_send(1000, 1);
	for (uint32_t i = 0; i < 2 * SEQUENCE_REPEATS; i++)
		sequence_send(i, 1);
	assert_sum(0, 0, 0, 1);
}

static void
sequence_does_not_take_every_second_message_for_a_restart(void **unused)
{
	(void)unused;
	for (uint32_t i = 0; i < 100; i++) {
		sequence_send(i, 1);
		sequence_send(i, 1);
	}
	assert_sum(0, 0, 100, 0);
}

static void
sequence_lets_messages_without_units_pass(void **unused)
{
	(void)unused;
	sequence_send(10, 5);
	sequence_send(15, 0);
	sequence_send(12, 0);
	sequence_send(15, 5);
	assert_sum(0, 0, 0, 0);
}

static void
sequence_gives_up_the_oldest_of_too_many_gaps(void **unused)
{
	(void)unused;
	for (uint32_t i = 0; i < 2 * SEQUENCE_GAPS; i++)
		sequence_send(2 * i, 1);
	assert_sum(2 * SEQUENCE_GAPS - 1, 0, 0, 0);
	sequence_send(1, 1);
	assert_sum(2 * SEQUENCE_GAPS - 1, 0, 1, 0);
	sequence_send(4 * SEQUENCE_GAPS - 3, 1);
	assert_sum(2 * SEQUENCE_GAPS - 2, 1, 1, 0);
}

static void
sequence_expects_nothing_after_an_unknown_count(void **unused)
{
	(void)unused;
	sequence_send(10, 5);
	sequence_forget_next(&s);
	sequence_send(100, 5);
	assert_sum(0, 0, 0, 0);
	sequence_send(106, 5);
	assert_sum(1, 0, 0, 0);
}

static void
sequence_sees_a_restart_by_an_old_number_made_later(void **unused)
{
	(void)unused;
	note_at(1000, 10, 50);
	note_at(1030, 10, 51);
	assert_sum(20, 0, 0, 0);
	/* Late and repeated messages were exported before. */
	note_at(1010, 10, 50);
	note_at(1000, 10, 50);
	assert_sum(10, 10, 1, 0);
	/* Not even where there is a gap: templates first, then data. */
	note_at(1020, 0, 52);
	note_at(1020, 10, 52);
	assert_sum(10, 10, 1, 1);
	note_at(1030, 10, 53);
	assert_sum(10, 10, 1, 1);
}

static void
sequence_takes_messages_from_before_the_first_for_late(void **unused)
{
	(void)unused;
	sequence_send(100, 10);
	sequence_send(90, 10);
	assert_sum(0, 10, 0, 0);
	sequence_send(90, 10);
	assert_sum(0, 10, 1, 0);
	sequence_send(70, 10);
	assert_sum(10, 20, 1, 0);
	sequence_send(80, 10);
	assert_sum(0, 30, 1, 0);
	sequence_send(110, 10);
	assert_sum(0, 30, 1, 0);
	/* Later on they count as repeated. */
	for (uint32_t i = 0; i < SEQUENCE_GRACE; i++)
		sequence_send(120 + 10 * i, 10);
	sequence_send(60, 10);
	assert_sum(0, 30, 2, 0);
}

static void
sequence_keeps_its_gaps_over_an_unknown_count(void **unused)
{
	(void)unused;
	sequence_send(0, 10);
	sequence_send(20, 10);
	sequence_forget_next(&s);
	sequence_send(50, 10);
	assert_sum(10, 0, 0, 0);
	sequence_send(10, 10);
	assert_sum(0, 10, 0, 0);
	sequence_send(0, 10);
	assert_sum(0, 10, 1, 0);
}

/*
 * A stream of messages that are deleted, repeated and reordered at random: the
 * counters show exactly that.
 */
static void
sequence_counts_exactly_what_was_done(void **unused)
{
	enum { MESSAGES = 20000 };
	uint64_t lost = 0, late = 0, repeated = 0;
	uint32_t random = 7, at = UINT32_MAX - 100000;

	(void)unused;
	sequence_send(at, 5);
	at += 5;
	for (uint32_t i = 0; i < MESSAGES; i++) {
		uint32_t n = 1 + (random >> 10) % 30;

		switch ((random >> 24) % 16) {
		case 0:
			lost += n;
			break;
		case 1:
			sequence_send(at, n);
			sequence_send(at, n);
			repeated++;
			break;
		case 2:		/* behind the next one */
			sequence_send(at + n, 3);
			sequence_send(at, n);
			at += 3;
			late += n;
			break;
		default:
			sequence_send(at, n);
		}
		at += n;
		random = random * 1664525 + 1013904223;
	}
	sequence_send(at, 1);
	assert_sum((int64_t)lost, late, (int64_t)repeated, 0);
}

#define TEST(name) cmocka_unit_test_setup(name, sequence_setup)

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
		TEST(sequence_sees_a_restart_by_an_old_number_made_later),
		TEST(sequence_takes_messages_from_before_the_first_for_late),
		TEST(sequence_keeps_its_gaps_over_an_unknown_count),
		TEST(sequence_counts_exactly_what_was_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
