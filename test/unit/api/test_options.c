/*
 * Options of a later version of the library are refused, and versions have
 * numbers: lib/api/options_check.c, flowd_version.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <flowd/flowd.h>

static int some;

static void
assert_refused(void *object, const struct flowd_error *err, const char *text)
{
	assert_null(object);
	assert_int_equal(err->code, FLOWD_EINVAL);
	assert_non_null(strstr(err->text, text));
}

static void
flags_that_are_not_known_are_refused(void **state)
{
	const char *const paths[] = { "/nonexistent", NULL };
	struct flowd_scan_options scan = { .paths = paths,
		.flags = FLOWD_SCAN_UTC | 1U << 30 };
	struct flowd_writer_options writer = { .version = 3,
		.fields = FLOWD_FIELD_TAG | 1U << 31 };
	struct flowd_format_options format = { .fields = 1U << 29 };
	struct flowd_error err = { .text = "" };

	(void)state;
	assert_refused(flowd_scan_open(&scan, &err), &err,
	    "flags: 0x40000000 is not known");
	assert_refused(flowd_writer_open("/nonexistent", &writer, &err), &err,
	    "fields: 0x80000000 is not known");
	assert_refused(flowd_formatter_new(&format, &err), &err,
	    "fields: 0x20000000 is not known");
}

/* The last of its members: all of them are looked at. */
#define SET_RESERVED(o) \
	(o).reserved[sizeof((o).reserved) / sizeof((o).reserved[0]) - 1] = \
	    &some

static void
members_that_are_reserved_are_null(void **state)
{
	const char *const paths[] = { "/nonexistent", NULL };
	struct flowd_scan_options scan = { .paths = paths };
	struct flowd_query_options query = { .keys = NULL };
	struct flowd_writer_options writer = { .version = 3 };
	struct flowd_format_options format = { .utc = 1 };
	struct flowd_arrow_options arrow = { .addresses = 0 };
	struct flowd_batch *b = flowd_batch_new("octets", 1, NULL);
	struct ArrowSchema schema;
	struct flowd_error err = { .text = "" };

	(void)state;
	SET_RESERVED(scan);
	SET_RESERVED(query);
	SET_RESERVED(writer);
	SET_RESERVED(format);
	SET_RESERVED(arrow);
	assert_refused(flowd_scan_open(&scan, &err), &err, "is not NULL");
	assert_refused(flowd_query_new(&query, &err), &err, "is not NULL");
	assert_refused(flowd_writer_open("/nonexistent", &writer, &err), &err,
	    "is not NULL");
	assert_refused(flowd_formatter_new(&format, &err), &err,
	    "is not NULL");
	assert_int_equal(flowd_batch_to_arrow(b, &arrow, NULL, &schema, &err),
	    FLOWD_EINVAL);
	assert_non_null(strstr(err.text, "is not NULL"));
	flowd_batch_free(b);
}

static void
without_options_all_have_their_defaults(void **state)
{
	struct flowd_query *q = flowd_query_new(NULL, NULL);
	struct flowd_formatter *f = flowd_formatter_new(NULL, NULL);

	(void)state;
	assert_non_null(q);
	assert_non_null(f);
	flowd_query_free(q);
	flowd_formatter_free(f);
}

static void
versions_are_numbers_and_texts(void **state)
{
	char text[32];

	(void)state;
	assert_int_equal(flowd_version_number(), FLOWD_VERSION_NUMBER);
	(void)snprintf(text, sizeof(text), "%d.%d.%d", FLOWD_VERSION_MAJOR,
	    FLOWD_VERSION_MINOR, FLOWD_VERSION_PATCH);
	assert_memory_equal(flowd_version(), text, strlen(text));
	assert_true(FLOWD_VERSION_NUMBER >= 10000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags_that_are_not_known_are_refused),
		cmocka_unit_test(members_that_are_reserved_are_null),
		cmocka_unit_test(without_options_all_have_their_defaults),
		cmocka_unit_test(versions_are_numbers_and_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
