/* Numbers and times as text: lib/base/text.c, against printf and the libc. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "../random.h"
#include "text.h"

/* Nothing may be written behind TEXT_MAX octets. */
struct room {
	char text[TEXT_MAX];
	char guard[8];
};

static char *
room_begin(struct room *room)
{
	memset(room, '~', sizeof(*room));
	return room->text;
}

static void
assert_end(struct room *room, const char *end, const char *want)
{
	size_t len = (size_t)(end - room->text);

	assert_memory_equal(room->guard, "~~~~~~~~", 8);
	assert_int_equal(len, strlen(want));
	assert_memory_equal(room->text, want, len);
}

static void
assert_u64(uint64_t v)
{
	struct room room;
	char want[32];

	(void)snprintf(want, sizeof(want), "%" PRIu64, v);
	assert_end(&room, text_u64(room_begin(&room), v), want);
}

static void
numbers_are_as_printf_has_them(void **state)
{
	struct random r = { 1 };

	(void)state;
	/* Both halves of eight digits take every value they can have. */
	for (uint64_t v = 0; v < 10000; v++) {
		assert_u64(v);
		assert_u64(v * 10000 + random_u32(&r) % 10000);
	}
	for (uint64_t ten = 1; ten < UINT64_MAX / 10; ten *= 10) {
		assert_u64(ten - 1);
		assert_u64(ten);
		assert_u64(ten + 1);
	}
	for (unsigned i = 0; i < 200000; i++)
		assert_u64(random_bits(&r));
	assert_u64(UINT32_MAX);
	assert_u64(UINT64_MAX);
}

static void
small_numbers_are_in_their_table(void **state)
{
	(void)state;
	for (unsigned v = 0; v < 256; v++) {
		struct room room;
		char want[8];

		(void)snprintf(want, sizeof(want), "%u", v);
		assert_end(&room, text_u8(room_begin(&room), (uint8_t)v), want);
	}
}

static void
signed_numbers_are_as_printf_has_them(void **state)
{
	const int64_t special[] = { 0, -1, 1, INT64_MAX, INT64_MIN, INT32_MIN,
		-9, -10, -99999999, -100000000 };
	struct random r = { 2 };
	struct room room;
	char want[32];

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		int64_t v = i < 10 ? special[i] : (int64_t)random_bits(&r);

		if (i >= 10 && i % 2 == 0)
			v = -v;
		(void)snprintf(want, sizeof(want), "%" PRId64, v);
		assert_end(&room, text_i64(room_begin(&room), v), want);
	}
}

static void
padded_numbers_are_as_printf_has_them(void **state)
{
	struct random r = { 3 };
	struct room room;
	char want[32];

	(void)state;
	for (unsigned i = 0; i < 200000; i++) {
		uint64_t v = i % 64 == 0 ? 0 : random_bits(&r);
		unsigned width = i % 21;

		(void)snprintf(want, sizeof(want), "%0*" PRIu64, (int)width,
		    v);
		assert_end(
		    &room, text_u64_pad(room_begin(&room), v, width), want);
	}
}

static void
hexadecimal_is_as_printf_has_it(void **state)
{
	struct random r = { 4 };
	struct room room;
	char want[32];

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		uint64_t v = i % 64 == 0 ? 0 : random_bits(&r);
		unsigned width = i % 21;

		(void)snprintf(want, sizeof(want), "%0*" PRIx64, (int)width,
		    v);
		assert_end(&room, text_hex(room_begin(&room), v, width), want);
	}
}

static void
a_mac_is_six_octets_with_colons(void **state)
{
	struct room room;

	(void)state;
	assert_end(&room, text_mac(room_begin(&room), UINT64_C(0x001122aabbcc)),
	    "00:11:22:aa:bb:cc");
	assert_end(&room, text_mac(room_begin(&room), UINT64_MAX),
	    "ff:ff:ff:ff:ff:ff");
	assert_end(&room, text_mac(room_begin(&room), 0), "00:00:00:00:00:00");
}

static void
octets_are_two_digits_each(void **state)
{
	const uint8_t octets[] = { 0x00, 0x0f, 0xf0, 0xff, 0xa5 };
	struct room room;

	(void)state;
	assert_end(
	    &room, text_octets(room_begin(&room), octets, 5), "000ff0ffa5");
	assert_end(&room, text_octets(room_begin(&room), octets, 0), "");
}

/* The time in the zone of TZ or UTC, by the C library alone. */
static void
assert_time(struct clock *clock, int64_t sec)
{
	struct room room;
	time_t t = (time_t)sec;
	struct tm tm;
	char want[64];

	assert_non_null(clock->utc ? gmtime_r(&t, &tm) : localtime_r(&t, &tm));
	(void)strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%S", &tm);
	assert_end(&room, text_time(room_begin(&room), clock, sec), want);
}

static void
times_in_utc_are_as_the_c_library_has_them(void **state)
{
	struct random r = { 5 };
	struct clock clock;
	int64_t sec = 0;

	(void)state;
	clock_init(&clock, true);
	for (unsigned i = 0; i < 200000; i++) {
		/* Near the last one, as flows are, or anywhere. */
		if (i % 16 == 0)
			sec = (int64_t)random_u32(&r);
		else
			sec += (int64_t)(random_u32(&r) % 4000) - 2000;
		assert_time(&clock, sec);
	}
	for (sec = -5; sec < 5; sec++)
		assert_time(&clock, sec);
	assert_time(&clock, UINT32_MAX);
}

static void
times_in_zones_are_as_the_c_library_has_them(void **state)
{
	/* Rules written out, so that no zone files are needed. */
	static const char *const zones[] = { "CET-1CEST,M3.5.0,M10.5.0/3",
		"NPT-5:45", "NST3:30NDT,M3.2.0,M11.1.0",
		"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
		"EST5EDT,M3.2.0,M11.1.0" };
	char *old = getenv("TZ");

	(void)state;
	old = old != NULL ? strdup(old) : NULL;
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		struct clock clock;

		assert_int_equal(setenv("TZ", zones[i], 1), 0);
		tzset();
		clock_init(&clock, false);
		/* A year in steps that meet every change of the offset. */
		for (int64_t sec = 1767225600; sec < 1798761600; sec += 433)
			assert_time(&clock, sec);
	}
	if (old != NULL)
		(void)setenv("TZ", old, 1);
	else
		(void)unsetenv("TZ");
	tzset();
	free(old);
}

static void
rfc3339_has_the_digits_that_are_known(void **state)
{
	static const struct {
		int64_t ns;
		const char *text;
	} cases[] = {
		{ 0, "1970-01-01T00:00:00Z" },
		{ INT64_C(1795408432674663000), "2026-11-23T04:33:52.674663Z" },
		{ INT64_C(1795408432000000000), "2026-11-23T04:33:52Z" },
		{ INT64_C(1795408432100000000), "2026-11-23T04:33:52.100Z" },
		{ INT64_C(1795408432001000000), "2026-11-23T04:33:52.001Z" },
		{ INT64_C(1795408432000001000), "2026-11-23T04:33:52.000001Z" },
		{ INT64_C(1795408432000000001),
		    "2026-11-23T04:33:52.000000001Z" },
		{ INT64_C(1795408432999999999),
		    "2026-11-23T04:33:52.999999999Z" },
		{ INT64_C(1709164800000000000), "2024-02-29T00:00:00Z" },
		{ -1, "1969-12-31T23:59:59.999999999Z" },
		{ INT64_C(-1000000000), "1969-12-31T23:59:59Z" },
		{ INT64_MAX, "2262-04-11T23:47:16.854775807Z" },
		{ INT64_MIN, "1677-09-21T00:12:43.145224192Z" },
	};
	struct clock clock;
	struct room room;

	(void)state;
	clock_init(&clock, true);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_end(&room,
		    text_rfc3339(room_begin(&room), &clock, cases[i].ns),
		    cases[i].text);
}

static void
no_time_at_all_writes_past_its_room(void **state)
{
	struct random r = { 6 };
	struct clock clock;
	struct room room;

	(void)state;
	clock_init(&clock, true);
	for (unsigned i = 0; i < 100000; i++) {
		int64_t t = (int64_t)random_bits(&r);

		if (i % 2 == 0)
			t = -t;
		assert_true(
		    text_time(room_begin(&room), &clock, t) < room.guard);
		assert_memory_equal(room.guard, "~~~~~~~~", 8);
		assert_true(text_rfc3339(room_begin(&room), &clock, t) <
		    room.guard);
		assert_memory_equal(room.guard, "~~~~~~~~", 8);
	}
}

static void
an_interval_names_units_that_are_not_zero(void **state)
{
	static const struct {
		uint32_t sec;
		const char *text;
	} cases[] = {
		{ 0, "0s" },
		{ 59, "59s" },
		{ 60, "1m0s" },
		{ 3600, "1h0s" },
		{ 3661, "1h1m1s" },
		{ 86400, "1d0s" },
		{ 604800, "1w0s" },
		{ 364 * 86400, "1y0s" },
		{ 364 * 86400 - 1, "51w6d23h59m59s" },
		{ 7 * 604800 + 17 * 3600 + 2 * 60 + 47, "7w17h2m47s" },
		{ UINT32_MAX, "136y29w3d6h28m15s" },
	};
	struct room room;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_end(&room,
		    text_interval(room_begin(&room), cases[i].sec),
		    cases[i].text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_as_printf_has_them),
		cmocka_unit_test(small_numbers_are_in_their_table),
		cmocka_unit_test(signed_numbers_are_as_printf_has_them),
		cmocka_unit_test(padded_numbers_are_as_printf_has_them),
		cmocka_unit_test(hexadecimal_is_as_printf_has_it),
		cmocka_unit_test(a_mac_is_six_octets_with_colons),
		cmocka_unit_test(octets_are_two_digits_each),
		cmocka_unit_test(times_in_utc_are_as_the_c_library_has_them),
		cmocka_unit_test(times_in_zones_are_as_the_c_library_has_them),
		cmocka_unit_test(rfc3339_has_the_digits_that_are_known),
		cmocka_unit_test(no_time_at_all_writes_past_its_room),
		cmocka_unit_test(an_interval_names_units_that_are_not_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
