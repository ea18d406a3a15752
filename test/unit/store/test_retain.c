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

/* Segments 0 to 9; the last one is in use unless the state says otherwise. */
static size_t
choose(struct retain_policy policy, struct retain_state state)
{
	char name[CATALOGUE_NAME], last[CATALOGUE_NAME];
	struct catalogue c;
	size_t n;

	catalogue_init(&c);
	for (unsigned i = 0; i < SEGMENTS; i++) {
		catalogue_name(START + LENGTH * i, 0, name);
		assert_int_equal(catalogue_add(&c, name, SIZE), 0);
	}
	catalogue_name(START + LENGTH * (SEGMENTS - 1), 0, last);
	if (state.in_use == NULL)
		state.in_use = last;
	n = retain_choose(&c, &policy, &state);
	catalogue_fini(&c);
	return n;
}

static void
retain_keeps_everything_without_limits(void **unused)
{
	(void)unused;
	assert_int_equal(choose((struct retain_policy){ 0 },
	    (struct retain_state){ .now_sec = START * 2LL }), 0);
}

static void
retain_counts_the_age_of_the_last_flow_of_a_segment(void **unused)
{
	struct retain_policy p = { .keep_sec = 1000 };

	(void)unused;
	/* Segment 0 ends at START + 300. */
	assert_int_equal(choose(p, (struct retain_state){
	    .now_sec = START + 1299 }), 0);
	assert_int_equal(choose(p, (struct retain_state){
	    .now_sec = START + 1300 }), 1);
	assert_int_equal(choose(p, (struct retain_state){
	    .now_sec = START + 1900 }), 3);
	assert_int_equal(choose(p, (struct retain_state){
	    .now_sec = START + 100000 }), SEGMENTS - 1);
}

static void
retain_ends_a_segment_at_its_last_change(void **unused)
{
	struct retain_policy p = { .keep_sec = 1000 };
	struct retain_state state = { .now_sec = START + 1310 };
	struct catalogue c;
	char name[2][CATALOGUE_NAME];

	(void)unused;
	catalogue_init(&c);
	for (unsigned i = 0; i < 2; i++) {
		/* The one in use has only just begun. */
		catalogue_name(START + 1300 * i, 0, name[i]);
		assert_int_equal(catalogue_add(&c, name[i], SIZE), 0);
	}
	state.in_use = name[1];
	assert_int_equal(retain_choose(&c, &p, &state), 0);
	c.entry[0].changed_sec = START + 311;
	assert_int_equal(retain_choose(&c, &p, &state), 0);
	c.entry[0].changed_sec = START + 310;
	assert_int_equal(retain_choose(&c, &p, &state), 1);
	/* Not before it began, whatever its time says. */
	c.entry[0].changed_sec = 0;
	state.now_sec = START + 999;
	assert_int_equal(retain_choose(&c, &p, &state), 0);
	catalogue_fini(&c);
}

static void
retain_removes_the_oldest_until_the_rest_fits(void **unused)
{
	(void)unused;
	assert_int_equal(choose((struct retain_policy){ .max_octets = 1000 },
	    (struct retain_state){ 0 }), 0);
	assert_int_equal(choose((struct retain_policy){ .max_octets = 999 },
	    (struct retain_state){ 0 }), 1);
	assert_int_equal(choose((struct retain_policy){ .max_octets = 450 },
	    (struct retain_state){ 0 }), 6);
	assert_int_equal(choose((struct retain_policy){ .max_octets = 1 },
	    (struct retain_state){ 0 }), SEGMENTS - 1);
}

static void
retain_makes_room_in_the_file_system(void **unused)
{
	struct retain_policy p = { .free_percent = 5 };

	(void)unused;
	assert_int_equal(choose(p, (struct retain_state){ .fs_octets = 10000,
	    .fs_free = 500 }), 0);
	assert_int_equal(choose(p, (struct retain_state){ .fs_octets = 10000,
	    .fs_free = 499 }), 1);
	assert_int_equal(choose(p, (struct retain_state){ .fs_octets = 10000,
	    .fs_free = 100 }), 4);
	assert_int_equal(choose(p, (struct retain_state){
	    .fs_octets = UINT64_MAX, .fs_free = 0 }), SEGMENTS - 1);
	assert_int_equal(choose(p, (struct retain_state){ .fs_free = 1 }), 0);
}

static void
retain_takes_the_limit_that_wants_most(void **unused)
{
	struct retain_policy p = { .keep_sec = 1000, .max_octets = 950,
		.free_percent = 5 };

	(void)unused;
	assert_int_equal(choose(p, (struct retain_state){
	    .now_sec = START + 1900, .fs_octets = 10000, .fs_free = 100 }), 4);
}

static void
retain_never_removes_what_is_in_use(void **unused)
{
	struct retain_state s = { .in_use = "20261123T101500Z.flow" };

	(void)unused;
	/* The third one, for a clock that went back. */
	assert_int_equal(choose((struct retain_policy){ .max_octets = 1 }, s),
	    2);
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
		cmocka_unit_test(retain_takes_the_limit_that_wants_most),
		cmocka_unit_test(retain_never_removes_what_is_in_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
