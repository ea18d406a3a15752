/*
 * Units of sequence numbers: exporters of every unit, whose messages are lost,
 * repeated and reordered. The counters show exactly that, in the exporter's
 * unit, from the first message on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "counting.h"
#include "message.h"

static struct counting c;
static struct counting_budget room;
static uint32_t random_state;

static uint32_t
random_below(uint32_t n)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % n;
}

static bool
random_chance(uint32_t percent)
{
	return random_below(100) < percent;
}

static void
counting_begin(unsigned version)
{
	const struct version *v = &versions[version_find((uint16_t)version)];

	counting_fini(&c, &room);
	room = (struct counting_budget) { .max = COUNTING_LEARNERS };
	counting_init(&c, v->sequence_unit, v->sequence_units);
}

static int
counting_end(void **unused)
{
	(void)unused;
	counting_fini(&c, &room);
	assert_int_equal(room.used, 0);
	return 0;
}

static void
counting_take(const struct counting_message *m)
{
	(void)counting_note(&c, m, &room);
}

/* A message with so many flows at second sec. */
static void
note_flows(uint32_t number, uint16_t flows, int64_t sec)
{
	counting_take(&(struct counting_message) { .number = number,
	    .has = { .flows = flows },
	    .export_ns = sec * 1000000000 });
}

static void
assert_sum(int64_t lost, uint64_t late, int64_t repeated, uint64_t restarts)
{
	struct sequence_change sum = counting_sum(&c);

	assert_int_equal(sum.lost, lost);
	assert_int_equal(sum.late, late);
	assert_int_equal(sum.repeated, repeated);
	assert_int_equal(sum.restarts, restarts);
}

/* What an exporter sends, and what happens to it. */
struct exporter_kind {
	const char *name;
	uint32_t least, most; /* flows of a message */
	uint32_t options_each, templates_each; /* so many messages, or 0 */
};

static const struct exporter_kind kinds[] = {
	{ "busy", 20, 30, 0, 0 },
	{ "full", 30, 30, 0, 0 },
	{ "ten", 10, 10, 0, 20 },
	{ "various", 1, 30, 0, 0 },
	{ "templates", 1, 30, 0, 1 },
	{ "templates at times", 5, 24, 0, 20 },
	{ "options", 1, 30, 7, 20 },
	{ "options at times", 8, 30, 40, 40 },
	{ "few", 1, 4, 9, 11 },
};

struct trouble {
	const char *name;
	uint32_t lost, burst, repeated, late; /* percent; length */
};

static const struct trouble troubles[] = {
	{ "none", 0, 0, 0, 0 },
	{ "some lost", 2, 1, 0, 0 },
	{ "many lost", 20, 1, 0, 0 },
	{ "half lost", 50, 1, 0, 0 },
	{ "bursts lost", 5, 9, 0, 0 },
	{ "some repeated", 0, 0, 3, 0 },
	{ "many repeated", 0, 0, 40, 0 },
	{ "some late", 0, 0, 0, 3 },
	{ "many late", 0, 0, 0, 30 },
	{ "all of it", 5, 3, 5, 5 },
};

enum {
	MESSAGES = 500,
	EDGE = 3
};

static struct counting_message made[MESSAGES];

static uint16_t
random_some(uint32_t each, uint32_t i, uint32_t most)
{
	return each != 0 && i % each == 0 ? (uint16_t)(1 + random_below(most))
					  : 0;
}

static void
make_messages(
    const struct exporter_kind *k, enum sequence_unit unit, uint32_t number)
{
	for (uint32_t i = 0; i < MESSAGES; i++) {
		struct counting_records *has = &made[i].has;

		made[i] = (struct counting_message) {
			.export_ns = (int64_t)(i / 10) * 1000000000
		};
		has->flows =
		    (uint16_t)(k->least + random_below(k->most - k->least + 1));
		has->options = random_some(k->options_each, i, 9);
		has->templates = random_some(k->templates_each, i, 3);
		made[i].number = number;
		number += counting_units_of(unit, has);
		if (unit_counts_own(unit))
			made[i].number = number;
	}
}

/* What has happened so far; missing shows only with a later message. */
struct tally {
	int64_t lost, repeated, missing;
	uint64_t late;
};

static struct tally did;

/* Counters may lag behind the truth, but never exceed it. */
static void
assert_not_wrong(void)
{
	struct sequence_change sum = counting_sum(&c);

	assert_in_range(sum.lost, 0, did.lost + did.missing);
	assert_in_range(sum.late, 0, did.late);
	assert_in_range(sum.repeated, 0, did.repeated);
	assert_int_equal(sum.restarts, 0);
}

static void
message_deliver(uint32_t i)
{
	counting_take(&made[i]);
	assert_not_wrong();
}

static uint32_t
message_units(enum sequence_unit unit, uint32_t i)
{
	return counting_units_of(unit, &made[i].has);
}

/* The message arrives after its successor. */
static void
deliver_late(enum sequence_unit unit, uint32_t i)
{
	did.missing = message_units(unit, i);
	message_deliver(i + 1);
	did.missing = 0;
	did.late += message_units(unit, i);
	message_deliver(i);
}

static void
send_messages(const struct trouble *t, enum sequence_unit unit, uint32_t n)
{
	did = (struct tally) { 0 };
	for (uint32_t i = 0; i < n; i++) {
		if (i < EDGE || i + EDGE + t->burst >= n) {
			message_deliver(i);
		} else if (random_chance(t->lost)) {
			for (uint32_t k = 0; k < t->burst; k++)
				did.lost += message_units(unit, i + k);
			i += t->burst - 1;
		} else if (random_chance(t->late)) {
			deliver_late(unit, i++);
		} else {
			message_deliver(i);
			if (!random_chance(t->repeated))
				continue;
			did.repeated++;
			message_deliver(i);
		}
	}
}

static const uint8_t protocols[] = { 5, 9, 10 };

static void
one_run(unsigned version, const struct exporter_kind *k,
    const struct trouble *t, enum sequence_unit unit, uint32_t first,
    uint32_t n)
{
	struct sequence_change sum;

	counting_begin(version);
	make_messages(k, unit, first);
	send_messages(t, unit, n);
	sum = counting_sum(&c);
	/* With half of the messages lost, rare records say too little. */
	if (t->lost == 50 && c.nhypotheses > 1)
		return;
	if (sum.lost != did.lost || sum.late != did.late ||
	    sum.repeated != did.repeated || sum.restarts != 0)
		fail_msg("v%u, %s, %s, %u messages, counts %d from %u: lost "
			 "%lld for %lld, "
			 "late %llu for %llu, repeated %lld for %lld, "
			 "restarts %llu, unit %s",
		    version, k->name, t->name, n, unit, first,
		    (long long)sum.lost, (long long)did.lost,
		    (unsigned long long)sum.late, (unsigned long long)did.late,
		    (long long)sum.repeated, (long long)did.repeated,
		    (unsigned long long)sum.restarts, counting_word(&c));
}

/* Runs of one kind of exporter, version, unit and trouble. */
static void
many_runs(size_t v, size_t k, size_t t, enum sequence_unit unit)
{
	const struct version *version =
	    &versions[version_find(protocols[v])];
	struct exporter_kind kind = kinds[k];

	if (!(version->sequence_units & UNIT(unit)) || unit == SEQUENCE_NONE)
		return;
	if (protocols[v] == 5)
		kind.options_each = kind.templates_each = 0;
	for (uint32_t run = 0; run < 60; run++) {
		uint32_t first = run % 2
		    ? UINT32_MAX - random_below(2000)
		    : random_below(3) * random_below(1000000);

		one_run(protocols[v], &kind, &troubles[t], unit, first,
		    t == 0 ? 5 + run : MESSAGES - run);
	}
}

static void
counting_learns_every_unit_in_every_trouble(void **unused)
{
	(void)unused;
	random_state = 11;
	for (size_t v = 0; v < 3; v++)
		for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
			for (size_t t = 0;
			    t < sizeof(troubles) / sizeof(troubles[0]); t++)
				for (int unit = 0; unit < SEQUENCE_UNITS;
				    unit++)
					many_runs(v, k, t,
					    (enum sequence_unit)unit);
}

/* n messages with so many flows each, starting at number. */
static uint32_t
note_run(
    uint32_t number, uint32_t n, uint16_t flows, uint32_t step, int64_t sec)
{
	for (uint32_t i = 0; i < n; i++, number += step)
		note_flows(number, flows, sec + i / 10);
	return number;
}

static void
counting_has_the_unit_of_the_protocol_at_first(void **unused)
{
	(void)unused;
	counting_begin(5);
	assert_string_equal(counting_word(&c), "flows");
	/* A gap at once: no other unit explains the numbers better. */
	note_flows(0, 30, 1);
	note_flows(90, 30, 1);
	assert_sum(60, 0, 0, 0);
	counting_begin(9);
	note_flows(0, 30, 1);
	note_flows(5, 30, 1);
	assert_string_equal(counting_word(&c), "datagrams");
	assert_sum(4, 0, 0, 0);
	counting_begin(10);
	note_flows(0, 7, 1);
	note_flows(8, 7, 1);
	assert_string_equal(counting_word(&c), "records");
	assert_sum(1, 0, 0, 0);
	counting_begin(1);
	assert_string_equal(counting_word(&c), "none");
}

static void
counting_withholds_what_is_in_doubt(void **unused)
{
	(void)unused;
	/* A single gap as large as the message before may mean another unit. */
	counting_begin(9);
	note_flows(100, 10, 1);
	note_flows(110, 7, 1);
	assert_sum(0, 0, 0, 0);
	/* It does not: it was a loss. */
	note_flows(111, 5, 1);
	assert_sum(9, 0, 0, 0);
	assert_string_equal(counting_word(&c), "datagrams");
	/* It does. */
	counting_begin(9);
	(void)note_run(100, 3, 10, 10, 1);
	assert_sum(0, 0, 0, 0);
	assert_string_equal(counting_word(&c), "flows");
	assert_false(counting_is_learnt(&c));
	(void)note_run(130, 7, 10, 10, 1);
	assert_true(counting_is_learnt(&c));
	assert_int_equal(room.used, 0);
}

static void
counting_does_not_take_a_loss_for_a_unit(void **unused)
{
	(void)unused;
	/*
	 * After some messages the unit is certain, and nine lost messages
	 * count.
	 */
	counting_begin(9);
	(void)note_run(0, 20, 10, 1, 1);
	for (uint32_t i = 0; i < 50; i++)
		note_flows(20 + 10 * i + 9, 10, 3);
	assert_sum(50 * 9, 0, 0, 0);
	assert_string_equal(counting_word(&c), "datagrams");
}

static void
counting_takes_a_number_that_stays_for_none(void **unused)
{
	(void)unused;
	for (int zero = 0; zero < 2; zero++) {
		counting_begin(zero ? 9 : 10);
		for (int i = 0; i < 40; i++) {
			note_flows(zero ? 0 : 77, 2, i);
			assert_sum(0, 0, 0, 0);
		}
		assert_string_equal(counting_word(&c), "none");
		assert_true(counting_is_learnt(&c));
		/* It counts after all. */
		(void)note_run(1000, 30, 5, zero ? 1 : 5, 50);
		assert_sum(0, 0, 0, 0);
		assert_string_equal(
		    counting_word(&c), zero ? "datagrams" : "records");
	}
}

static void
counting_takes_a_message_that_comes_often_for_repeated(void **unused)
{
	(void)unused;
	counting_begin(10);
	note_flows(0, 3, 1);
	note_flows(3, 3, 1);
	for (int i = 0; i < 10; i++)
		note_flows(3, 3, 1);
	assert_sum(0, 0, 10, 0);
	note_flows(6, 3, 1);
	assert_sum(0, 0, 10, 0);
	assert_string_equal(counting_word(&c), "records");
}

static void
counting_learns_anew_when_the_exporter_begins_anew(void **unused)
{
	(void)unused;
	for (int by_header = 0; by_header < 2; by_header++) {
		struct counting_message m = { .has = { .flows = 12 },
			.export_ns = INT64_C(100000000000),
			.restarted = by_header };
		uint32_t next;

		counting_begin(9);
		next = note_run(100000, 50, 10, 1, 1);
		note_flows(next + 3, 10, 6);
		/* New software counts flows. */
		counting_take(&m);
		next = note_run(12, 30, 11, 11, 100);
		assert_sum(3, 0, 0, 1);
		assert_string_equal(counting_word(&c), "flows");
		note_flows(next + 25, 4, 103);
		assert_sum(28, 0, 0, 1);
	}
}

static void
counting_keeps_its_unit_when_the_exporter_begins_anew(void **unused)
{
	uint32_t next;

	(void)unused;
	counting_begin(9);
	(void)note_run(3000000, 30, 10, 10, 1);
	next = note_run(0, 4, 10, 10, 50);
	assert_string_equal(counting_word(&c), "flows");
	note_flows(next + 20, 10, 51);
	assert_sum(20, 0, 0, 1);
}

static void
counting_sees_that_it_is_another_unit_now(void **unused)
{
	uint32_t next;

	(void)unused;
	counting_begin(9);
	next = note_run(5, 30, 10, 1, 1);
	next = note_run(next, 200, 10, 10, 4);
	assert_string_equal(counting_word(&c), "flows");
	assert_sum(0, 0, 0, 1);
	note_flows(next + 10, 10, 30);
	assert_sum(10, 0, 0, 1);
}

static void
counting_keeps_what_a_bad_network_lost(void **unused)
{
	int64_t lost = 0;
	uint32_t next;

	(void)unused;
	counting_begin(9);
	next = note_run(5, 30, 10, 1, 1);
	/* For a long time no number continues the last. */
	random_state = 5;
	for (int i = 0; i < 300; i++) {
		uint32_t gap = 2 + random_below(9);

		lost += gap;
		next += gap;
		note_flows(next++, (uint16_t)(1 + random_below(30)), 5);
	}
	next = note_run(next, 5, 10, 1, 6);
	assert_sum(lost, 0, 0, 0);
	assert_string_equal(counting_word(&c), "datagrams");
}

static void
counting_says_nothing_of_numbers_without_sense(void **unused)
{
	(void)unused;
	random_state = 3;
	for (int v = 0; v < 3; v++) {
		counting_begin(v == 0 ? 5 : v == 1 ? 9 : 10);
		for (int i = 0; i < 1000; i++) {
			note_flows(random_below(1 << 24) * 251, 10, i / 10);
			if (i > COUNTING_FEW)
				assert_sum(0, 0, 0, 0);
		}
		assert_string_equal(counting_word(&c), "unknown");
	}
}

static void
counting_waits_for_records_that_it_cannot_count(void **unused)
{
	struct counting_message m = { .has = { .partly = true } };

	(void)unused;
	/*
	 * No template for some time, while it counts flows, 10 in each message.
	 */
	counting_begin(9);
	for (; m.number < 200; m.number += 10)
		counting_take(&m);
	assert_sum(0, 0, 0, 0);
	m.has = (struct counting_records) { .flows = 10 };
	for (; m.number < 300; m.number += 10)
		counting_take(&m);
	assert_string_equal(counting_word(&c), "flows");
	m.number += 20;
	counting_take(&m);
	assert_sum(20, 0, 0, 0);
}

static void
counting_goes_on_from_a_state(void **unused)
{
	(void)unused;
	counting_begin(9);
	(void)note_run(0, 30, 10, 10, 1);
	assert_true(counting_is_learnt(&c));
	counting_begin(9);
	c.best.sequence.known = true;
	c.best.sequence.next = 300;
	counting_restore(&c, UNIT(SEQUENCE_FLOWS), 10, true);
	note_flows(320, 10, 3);
	assert_sum(20, 0, 0, 0);
	assert_string_equal(counting_word(&c), "flows");
	/* It was unknown. */
	counting_begin(9);
	c.best.sequence.known = true;
	c.best.sequence.next = 300;
	counting_restore(&c, UNIT(SEQUENCE_MESSAGES), 1, false);
	(void)note_run(320, 20, 10, 10, 3);
	assert_sum(0, 0, 0, 1);
	assert_string_equal(counting_word(&c), "flows");
	counting_restore(&c, 0, 0, true);
	counting_restore(&c, 1 << 7, 0, true);
	assert_string_equal(counting_word(&c), "flows");
}

static void
counting_learns_when_there_is_room(void **unused)
{
	uint32_t next;

	(void)unused;
	counting_begin(9);
	room.max = 0;
	next = note_run(0, 10, 10, 10, 1);
	assert_string_equal(counting_word(&c), "unknown");
	room.max = 1;
	(void)note_run(next, 20, 10, 10, 2);
	assert_string_equal(counting_word(&c), "flows");
}

static void
counting_copy_goes_on_by_itself(void **unused)
{
	struct counting copy;

	(void)unused;
	counting_begin(9);
	(void)note_run(0, 4, 10, 10, 1);
	assert_int_equal(room.used, 1);
	counting_copy(&copy, &c, &room);
	assert_int_equal(room.used, 2);
	(void)note_run(40, 20, 10, 10, 1);
	assert_string_equal(counting_word(&c), "flows");
	counting_fini(&copy, &room);
	room.max = 0;
	counting_begin(9);
}

#define TEST(name) cmocka_unit_test_teardown(name, counting_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(counting_has_the_unit_of_the_protocol_at_first),
		TEST(counting_withholds_what_is_in_doubt),
		TEST(counting_does_not_take_a_loss_for_a_unit),
		TEST(counting_takes_a_number_that_stays_for_none),
		TEST(counting_takes_a_message_that_comes_often_for_repeated),
		TEST(counting_learns_anew_when_the_exporter_begins_anew),
		TEST(counting_keeps_its_unit_when_the_exporter_begins_anew),
		TEST(counting_sees_that_it_is_another_unit_now),
		TEST(counting_keeps_what_a_bad_network_lost),
		TEST(counting_says_nothing_of_numbers_without_sense),
		TEST(counting_waits_for_records_that_it_cannot_count),
		TEST(counting_goes_on_from_a_state),
		TEST(counting_learns_when_there_is_room),
		TEST(counting_copy_goes_on_by_itself),
		TEST(counting_learns_every_unit_in_every_trouble),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
