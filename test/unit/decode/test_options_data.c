/* What options records change: lib/decode/exporter/options_data.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "exporters.h"
#include "option_name.h"
#include "options_data.h"
#include "other.h"
#include "scoped_store.h"
#include "stream.h"

enum {
	SELECTOR = 302,
	INTERFACE = 10,
	UNKNOWN = 138		/* observationPointId: no flow has it */
};

static struct exporters all;
static struct stream *s;
static uint8_t list[256];
static size_t len;

static int
setup(void **unused)
{
	const struct message m = { .version = &versions[version_find(10)],
		.recv_ns = 1 };
	const struct addr a = addr_from_v4(1);

	(void)unused;
	assert_true(exporters_init(&all, NULL, 1));
	s = stream_get(&all, exporter_get(&all, &a, 1), &m,
	    (struct bytes) { NULL, 0 }, 2055);
	len = 0;
	return s == NULL;
}

static int
teardown(void **unused)
{
	(void)unused;
	exporters_fini(&all);
	return 0;
}

static void
entry(uint16_t id, const void *value, size_t n)
{
	other_put_head(list + len, PEN_IANA, id, (uint16_t)n);
	memcpy(list + len + OTHER_HEAD, value, n);
	len += OTHER_HEAD + n;
}

static void
apply(size_t nscope)
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
	entry(INTERFACE, "\0\0\0\3", 4);
	entry(82, "eth3", 4);
	entry(83, "uplink", 6);
	apply(1);
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
	entry(SELECTOR, "\7", 1);
	entry(305, "\1", 1);
	entry(306, "\143", 1);
	apply(1);
	assert_int_equal(s->nscoped, 1);
	st = LIST_ENTRY(s->scoped.next, struct scoped_value, sibling);
	assert_int_equal(scoped_rate(st->value).interval, 100);
	scoped_scope(st, &scope);
	assert_int_equal(scope.n, 1);
	assert_int_equal(scope.value[0], 7);
	entry(160, "\0\0\0\0\0\0\3\350", 8);
	apply(0);
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
	entry(UNKNOWN, "\0\0\0\0\0\0\0\0\1", 9);
	entry(34, "\144", 1);
	apply(1);
	assert_int_equal(s->nscoped, 0);
	assert_int_equal(s->counters.unknown_scopes, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

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
