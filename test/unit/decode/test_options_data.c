/* What options records change: lib/decode/exporter/options_data.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "exporters_fixture.h"
#include "option_name.h"
#include "options_data.h"
#include "other.h"
#include "scoped_store.h"

enum {
	SELECTOR = 302,
	INTERFACE = 10,
	UNKNOWN = 138		/* observationPointId: no flow has it */
};

static struct stream *s;
static uint8_t list[256];
static size_t len;

static int
setup(void **unused)
{
	struct message m;

	(void)unused;
	now_ns = 1;
	m = message_of(10, 0, 0);
	exporters_begin(NULL);
	s = stream_get(&all, exporter_at(1), &m,
	    (struct bytes) { NULL, 0 }, 2055);
	len = 0;
	return s == NULL;
}

static void
record_entry(uint16_t id, const void *value, size_t n)
{
	other_put_head(list + len, PEN_IANA, id, (uint16_t)n);
	memcpy(list + len + OTHER_HEAD, value, n);
	len += OTHER_HEAD + n;
}

static void
record_apply(size_t nscope)
{
	options_apply(&all, s, (struct bytes) { list, len }, nscope, 1);
	len = 0;
}

static void
options_data_name_an_interface(void **unused)
{
	const uint8_t key[] = { 3 };
	const struct name *n;

	(void)unused;
	record_entry(INTERFACE, "\0\0\0\3", 4);
	record_entry(82, "eth3", 4);
	record_entry(83, "uplink", 6);
	record_apply(1);
	n = name_get(&all, s, NAME_INTERFACE, (struct bytes) { key, 1 });
	assert_non_null(n);
	assert_string_equal(n->text, "eth3");
	n = name_get(&all, s, NAME_INTERFACE_DESCRIPTION,
	    (struct bytes) { key, 1 });
	assert_non_null(n);
	assert_string_equal(n->text, "uplink");
	assert_int_equal(s->exporter->nnames, 2);
	assert_int_equal(s->nscoped, 0);
}

static void
options_data_state_a_rate_and_the_start(void **unused)
{
	const struct scoped_value *st;
	struct scope scope;

	(void)unused;
	record_entry(SELECTOR, "\7", 1);
	record_entry(305, "\1", 1);
	record_entry(306, "\143", 1);
	record_apply(1);
	assert_int_equal(s->nscoped, 1);
	st = LIST_ENTRY(s->scoped.next, struct scoped_value, sibling);
	assert_int_equal(scoped_rate(st->value).interval, 100);
	scoped_scope(st, &scope);
	assert_int_equal(scope.n, 1);
	assert_int_equal(scope.value[0], 7);
	record_entry(160, "\0\0\0\0\0\0\3\350", 8);
	record_apply(0);
	assert_int_equal(s->nscoped, 2);
	st = LIST_ENTRY(s->scoped.next, struct scoped_value, sibling);
	assert_int_equal(st->type->kind, SCOPED_START);
	assert_int_equal(st->value, 1000000000);
	assert_true(s->exporter->has_options);
}

/* No rate is better than that of other flows. */
static void
options_data_of_an_unsupported_scope_are_counted(void **unused)
{
	(void)unused;
	record_entry(UNKNOWN, "\0\0\0\0\0\0\0\0\1", 9);
	record_entry(34, "\144", 1);
	record_apply(1);
	assert_int_equal(s->nscoped, 0);
	assert_int_equal(s->counters.unknown_scopes, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, exporters_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(options_data_name_an_interface),
		TEST(options_data_state_a_rate_and_the_start),
		TEST(options_data_of_an_unsupported_scope_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
