/* Text as a terminal shows it: lib/format/screen.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../random.h"
#include "screen.h"

static const struct {
	const char *text, *shown;
	size_t columns;
} rows[] = {
	{ "", "", 0 },
	{ "ge-0/0/1", "ge-0/0/1", 8 },
	{ "Zürich", "Zürich", 6 },
	{ "Zu\xcc\x88rich", "Zu\xcc\x88rich", 6 },
	{ "Москва", "Москва", 6 },
	{ "東京", "東京", 4 },
	{ "서울", "서울", 4 },
	{ "\xf0\x9f\x90\xa1", "\xf0\x9f\x90\xa1", 2 },
	{ "\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd",
	    "\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd", 2 },
	{ "a\033[2Jb", "a?[2Jb", 6 },
	{ "a\nb\tc\rd\x7f", "a?b?c?d?", 8 },
	{ "\xc2\x9b" "2J", "?2J", 3 },
	{ "\xe2\x80\xae" "abc", "?abc", 4 },
	{ "\xff\xc3)x", "?" "?)x", 4 },
	{ "\xe6\x9d", "??", 2 },
	{ "\xed\xa0\x80", "???", 3 },
};

static void
texts_are_shown_in_their_columns(void **state)
{
	struct buf out;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_init(&out, 1000);
		assert_int_equal(screen_put(&out, rows[i].text),
		    rows[i].columns);
		buf_append_char(&out, '\0');
		assert_string_equal(out.ptr, rows[i].shown);
		buf_fini(&out);
	}
}

static void
no_octets_can_do_more_than_show(void **state)
{
	struct random r = { 1 };
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	for (unsigned i = 0; i < 100000; i++) {
		char text[16];

		for (size_t k = 0; k < sizeof(text); k++)
			text[k] = (char)random_u64(&r);
		text[sizeof(text) - 1] = '\0';
		buf_reset(&out);
		assert_true(screen_put(&out, text) <= 2 * sizeof(text));
		for (size_t k = 0; k < out.len; k++)
			assert_true(out.ptr[k] >= ' ' && out.ptr[k] != 0x7f);
	}
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_shown_in_their_columns),
		cmocka_unit_test(no_octets_can_do_more_than_show),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
