/* Which segments go: by age, by size, by room, and never the one in use. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "retain.h"

enum {
	START = 1795428300,
	SEGMENTS = 10,
	LENGTH = 300,		/* seconds of a segment */
	SIZE = 100
};

static struct {
	struct catalogue c;
	struct retain_policy policy;
	struct retain_state state;
	struct retain r;
} t;

/* Segments 0 to 9; the last one is in use unless the state says otherwise. */
static void
segments_begin(struct retain_policy policy, struct retain_state state)
{
	static char name[CATALOGUE_NAME];

	t.policy = policy;
	t.state = state;
	catalogue_init(&t.c);
	for (unsigned i = 0; i < SEGMENTS; i++) {
		catalogue_name(START + LENGTH * i, 0, name);
		assert_int_equal(catalogue_add(&t.c, name, SIZE), 0);
	}
	if (state.in_use == NULL)
		t.state.in_use = name;
	retain_begin(&t.r, &t.c, &t.policy, &t.state);
}

static size_t
remove_all(void)
{
	enum retain_reason why;
	size_t n = 0;

	while (retain_next(&t.r, &why) != NULL) {
		retain_gone(&t.r);
		n++;
	}
	catalogue_fini(&t.c);
	return n;
}

static size_t
retain_run(struct retain_policy policy, struct retain_state state)
{
	segments_begin(policy, state);
	return remove_all();
}

/* Of a catalogue of its own, the name of the next to go, or "". */
static const char *
next_name(void)
{
	enum retain_reason why;
	struct catalogue_entry *e = retain_next(&t.r, &why);

	if (e == NULL)
		return "";
	retain_gone(&t.r);
	return e->name;
}

static void
begin_with(const struct catalogue_entry *list, size_t n)
{
	catalogue_init(&t.c);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(
		    catalogue_add(&t.c, list[i].name, SIZE), 0);
		t.c.entry[i].changed_sec = list[i].changed_sec;
		t.c.entry[i].noted_sec = list[i].noted_sec;
	}
	catalogue_sort(&t.c);
	retain_begin(&t.r, &t.c, &t.policy, &t.state);
}

static void
retain_keeps_everything_without_limits(void **unused)
{
	(void)unused;
	assert_int_equal(retain_run((struct retain_policy){ 0 },
	    (struct retain_state){ .now_sec = START * 2LL }), 0);
}

static void
retain_counts_the_age_of_the_last_flow_of_a_segment(void **unused)
{
	struct retain_policy p = { .keep_sec = 1000 };

	(void)unused;
	/* Segment 0 ends at START + 300. */
	assert_int_equal(retain_run(p, (struct retain_state){
	    .now_sec = START + 1299 }), 0);
	assert_int_equal(retain_run(p, (struct retain_state){
	    .now_sec = START + 1300 }), 1);
	assert_int_equal(retain_run(p, (struct retain_state){
	    .now_sec = START + 1900 }), 3);
	assert_int_equal(retain_run(p, (struct retain_state){
	    .now_sec = START + 100000 }), SEGMENTS - 1);
}

static void
retain_ends_a_segment_at_its_last_change(void **unused)
{
	struct catalogue_entry list[] = {
		{ .name = "20261123T100500Z.flow", .changed_sec = INT64_MAX },
		/* The one in use has only just begun. */
		{ .name = "20261123T102000Z.flow", .changed_sec = INT64_MAX },
	};
	const struct {
		int64_t changed_sec, now_sec;
		bool goes;
	} cases[] = {
		{ INT64_MAX, START + 1310, false },
		{ START + 311, START + 1310, false },
		{ START + 310, START + 1310, true },
		/* Not before it began, whatever its time says. */
		{ 0, START + 999, false },
		{ 0, START + 1000, true },
	};

	(void)unused;
	t.policy = (struct retain_policy){ .keep_sec = 1000 };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		list[0].changed_sec = cases[i].changed_sec;
		t.state = (struct retain_state){
			.now_sec = cases[i].now_sec, .in_use = list[1].name };
		begin_with(list, 2);
		assert_int_equal(remove_all(), cases[i].goes);
	}
}

static void
retain_removes_the_oldest_until_the_rest_fits(void **unused)
{
	(void)unused;
	assert_int_equal(
	    retain_run((struct retain_policy) { .max_octets = 1000 },
		(struct retain_state) { 0 }),
	    0);
	assert_int_equal(retain_run((struct retain_policy){ .max_octets = 999 },
	    (struct retain_state){ 0 }), 1);
	assert_int_equal(retain_run((struct retain_policy){ .max_octets = 450 },
	    (struct retain_state){ 0 }), 6);
	assert_int_equal(retain_run((struct retain_policy){ .max_octets = 1 },
	    (struct retain_state){ 0 }), SEGMENTS - 1);
}

static void
retain_makes_room_in_the_file_system(void **unused)
{
	struct retain_policy p = { .free_percent = 5 };

	(void)unused;
	assert_int_equal(
	    retain_run(p,
		(struct retain_state) { .fs_octets = 10000, .fs_free = 500 }),
	    0);
	assert_int_equal(
	    retain_run(p,
		(struct retain_state) { .fs_octets = 10000, .fs_free = 499 }),
	    1);
	assert_int_equal(
	    retain_run(p,
		(struct retain_state) { .fs_octets = 10000, .fs_free = 100 }),
	    4);
	assert_int_equal(retain_run(p, (struct retain_state){
	    .fs_octets = UINT64_MAX, .fs_free = 0 }), SEGMENTS - 1);
	assert_int_equal(
	    retain_run(p, (struct retain_state) { .fs_free = 1 }), 0);
	assert_false(t.r.others);
}

/* It has 1000 octets, a tenth of the file system. */
static void
retain_makes_no_room_for_others(void **unused)
{
	struct retain_policy p = { .free_percent = 5, .least_percent = 8 };
	struct retain_state s = { .fs_octets = 10000, .fs_free = 0 };

	(void)unused;
	assert_int_equal(retain_run(p, s), 2);
	assert_true(t.r.others);
	p.least_percent = 10;
	assert_int_equal(retain_run(p, s), 0);
	assert_true(t.r.others);
	p.least_percent = 0;
	assert_int_equal(retain_run(p, s), 5);
	assert_false(t.r.others);
	/* That is not for max. */
	p.least_percent = 10;
	p.max_octets = 300;
	assert_int_equal(retain_run(p, s), 7);
}

/* Every other one. */
static void
retain_passes_over_what_cannot_be_removed(void **unused)
{
	enum retain_reason why;
	unsigned n = 0, gone = 0;

	(void)unused;
	segments_begin((struct retain_policy){ .keep_sec = 1 },
	    (struct retain_state){ .now_sec = START + 100000 });
	for (; retain_next(&t.r, &why) != NULL; n++) {
		assert_int_equal(why, RETAIN_KEEP);
		if (n % 2 == 0)
			retain_stuck(&t.r);
		else
			retain_gone(&t.r);
	}
	assert_int_equal(n, SEGMENTS - 1);
	catalogue_fini(&t.c);
	/* The others are not to make up for one that stays for ever. */
	segments_begin((struct retain_policy){ .max_octets = 500 },
	    (struct retain_state){ .now_sec = START });
	for (n = 0; retain_next(&t.r, &why) != NULL; n++) {
		assert_int_equal(why, RETAIN_MAX);
		if (n == 0) {
			retain_stuck(&t.r);
			continue;
		}
		retain_gone(&t.r);
		gone++;
	}
	assert_int_equal(gone, 4);
	assert_int_equal(t.r.octets, 600);
	assert_false(retain_exceeds(&t.r));
	catalogue_fini(&t.c);
}

static void
retain_counts_no_gap_of_the_clock(void **unused)
{
	struct clockgaps gaps = { .n = 0 };
	struct retain_policy p = { .keep_sec = 1000 };
	struct retain_state s = { .gaps = &gaps };
	int64_t year = 365 * 86400;

	(void)unused;
	/* It went ahead while the last but one was written. */
	s.now_sec = START + 8 * LENGTH + 10 + year;
	assert_int_equal(retain_run(p, s), SEGMENTS - 1);
	clockgaps_add(&gaps, START + 8 * LENGTH + 10, s.now_sec);
	/* As without it: the fourth had ended 1210 seconds before. */
	assert_int_equal(retain_run(p, s), 4);
	assert_int_equal(t.r.held, 5);
	s.now_sec += LENGTH;
	assert_int_equal(retain_run(p, s), 5);
	s.now_sec += 1000;
	assert_int_equal(retain_run(p, s), 9);
	assert_int_equal(t.r.held, 0);
}

/*
 * The clock was years ahead, from the second segment on, and is right again
 * since the fourth.
 */
static void
retain_knows_the_age_of_what_is_named_after_the_future(void **unused)
{
	struct catalogue_entry list[] = {
		{ .name = "20261123T100500Z.flow", .changed_sec = START,
		    .noted_sec = START },
		{ .name = "20380101T000000Z.flow", .changed_sec = INT64_MAX,
		    .noted_sec = START + 700 },
		{ .name = "20380101T000500Z.flow", .changed_sec = INT64_MAX,
		    .noted_sec = START + 700 },
		{ .name = "20261123T102000Z.flow",
		    .changed_sec = START + 1200, .noted_sec = START + 1200 },
		{ .name = "20261123T102500Z.flow",
		    .changed_sec = START + 1500, .noted_sec = START + 1500 },
	};

	(void)unused;
	t.state = (struct retain_state){ .now_sec = START + 1500,
		.in_use = list[4].name };
	t.policy = (struct retain_policy){ .max_octets = 1 };
	begin_with(list, 5);
	for (int i = 0; i < 4; i++)
		assert_string_equal(next_name(), list[i].name);
	assert_string_equal(next_name(), "");
	catalogue_fini(&t.c);
	/* By keep, too. */
	t.policy = (struct retain_policy){ .keep_sec = 800 };
	begin_with(list, 5);
	assert_int_equal(remove_all(), 3);
	t.policy = (struct retain_policy){ .keep_sec = 801 };
	begin_with(list, 5);
	assert_int_equal(remove_all(), 1);
	/* Where nothing is known it is new; it is to be noted. */
	list[2].noted_sec = list[1].noted_sec = INT64_MAX;
	t.policy = (struct retain_policy){ .keep_sec = 1 };
	begin_with(list, 5);
	assert_int_equal(remove_all(), 2);
	list[0].start_sec = list[0].noted_sec = START + 61;
	assert_true(retain_is_ahead(&list[0], START));
	assert_false(retain_is_ahead(&list[0], START + 1));
	list[0].noted_sec = START;
	assert_false(retain_is_ahead(&list[0], START));
}

static void
retain_takes_the_limit_that_wants_most(void **unused)
{
	struct retain_policy p = { .keep_sec = 1000, .max_octets = 950,
		.free_percent = 5 };

	(void)unused;
	assert_int_equal(retain_run(p, (struct retain_state){
	    .now_sec = START + 1900, .fs_octets = 10000, .fs_free = 100 }), 4);
}

static void
retain_never_removes_what_is_in_use(void **unused)
{
	struct retain_state s = { .now_sec = START + 100000,
		.in_use = "20261123T101500Z.flow" };

	(void)unused;
	/* The third one, as another flowd writes to those behind it. */
	assert_int_equal(
	    retain_run((struct retain_policy) { .max_octets = 1 }, s), 2);
	assert_true(retain_exceeds(&t.r));
	/* The next one may be in front of it: the clock went back. */
	s.begun = "20261123T101000Z.flow";
	assert_int_equal(
	    retain_run((struct retain_policy) { .max_octets = 1 }, s), 1);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(retain_keeps_everything_without_limits),
		cmocka_unit_test(
		    retain_counts_the_age_of_the_last_flow_of_a_segment),
		cmocka_unit_test(retain_ends_a_segment_at_its_last_change),
		cmocka_unit_test(retain_removes_the_oldest_until_the_rest_fits),
		cmocka_unit_test(retain_makes_room_in_the_file_system),
		cmocka_unit_test(retain_makes_no_room_for_others),
		cmocka_unit_test(retain_passes_over_what_cannot_be_removed),
		cmocka_unit_test(retain_counts_no_gap_of_the_clock),
		cmocka_unit_test(
		    retain_knows_the_age_of_what_is_named_after_the_future),
		cmocka_unit_test(retain_takes_the_limit_that_wants_most),
		cmocka_unit_test(retain_never_removes_what_is_in_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
