/* Names that options data give: lib/decode/exporter/option_name.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "exporters_fixture.h"
#include "option_name.h"

static void
name_put(
    struct stream *s, enum name_kind kind, uint32_t number, const char *text)
{
	uint8_t key[4];

	store_be32(key, number);
	name_set(&all, s, kind, (struct bytes) { key, sizeof(key) },
	    (struct bytes) { (const uint8_t *)text, strlen(text) });
}

/* The text of the name, or "". */
static const char *
text_of(const struct stream *s, enum name_kind kind, uint32_t number)
{
	const struct name *name;
	uint8_t key[4];

	store_be32(key, number);
	name = name_get(&all, s, kind, (struct bytes) { key, sizeof(key) });
	return name != NULL ? name->text : "";
}

static void
name_is_kept_replaced_and_bounded(void **unused)
{
	const uint8_t key[] = { 0, 0, 0, 7 }, same[] = { 7 };
	const struct name *n;
	struct stream *s;

	(void)unused;
	exporters_begin(&(struct decoder_limits) { .exporter_names = 2 });
	s = exporter_stream(exporter_at(1), 0, 1);
	name_set(&all, s, NAME_INTERFACE, (struct bytes) { key, 4 },
	    (struct bytes) { (const uint8_t *)"eth0\0\0", 6 });
	n = name_get(&all, s, NAME_INTERFACE, (struct bytes) { same, 1 });
	assert_non_null(n);
	assert_string_equal(n->text, "eth0");
	name_set(&all, s, NAME_INTERFACE, (struct bytes) { same, 1 },
	    (struct bytes) { (const uint8_t *)"eth1", 4 });
	n = name_get(&all, s, NAME_INTERFACE, (struct bytes) { key, 4 });
	assert_string_equal(n->text, "eth1");
	for (uint8_t i = 10; i < 20; i++)
		name_put(s, NAME_VRF, i, "red");
	assert_int_equal(exporter_at(1)->nnames, 2);
	assert_int_equal(s->counters.evicted_names, 9);
	assert_null(
	    name_get(&all, s, NAME_INTERFACE, (struct bytes) { key, 4 }));
}

static void
name_belongs_to_the_stream_that_announced_it(void **unused)
{
	struct stream *a, *b, *c;

	(void)unused;
	exporters_begin(NULL);
	a = exporter_stream(exporter_at(1), 0, 1);
	b = exporter_stream(exporter_at(1), 0, 2);
	c = exporter_stream(exporter_at(1), 7, 1);
	name_put(a, NAME_INTERFACE, 5, "wan");
	name_put(b, NAME_INTERFACE, 5, "lan");
	name_put(b, NAME_VRF, 5, "red");
	assert_string_equal(text_of(a, NAME_INTERFACE, 5), "wan");
	assert_string_equal(text_of(b, NAME_INTERFACE, 5), "lan");
	assert_string_equal(text_of(c, NAME_INTERFACE, 5), "");
	assert_string_equal(text_of(a, NAME_VRF, 5), "");
	assert_int_equal(exporter_at(1)->nnames, 3);
	/* They go with their stream, or with the exporter. */
	stream_remove(&all, b);
	assert_int_equal(exporter_at(1)->nnames, 1);
	assert_string_equal(text_of(a, NAME_INTERFACE, 5), "wan");
	name_put(
	    exporter_stream(exporter_at(2), 0, 1), NAME_INTERFACE, 5, "dmz");
	stream_remove(&all, a);
	assert_int_equal(exporter_at(1)->nnames, 0);
	assert_int_equal(all.names.count, 1);
	stream_remove(&all, exporter_stream(exporter_at(2), 0, 1));
	assert_int_equal(all.pool[POOL_NAMES].amount, 0);
}

/* The least recently received of all streams goes, and its stream counts. */
static void
name_limit_is_of_the_exporter(void **unused)
{
	struct stream *a, *b;

	(void)unused;
	exporters_begin(&(struct decoder_limits) { .exporter_names = 4 });
	a = exporter_stream(exporter_at(1), 0, 1);
	b = exporter_stream(exporter_at(1), 0, 2);
	name_put(a, NAME_INTERFACE, 1, "one");
	name_put(a, NAME_INTERFACE, 2, "two");
	name_put(b, NAME_INTERFACE, 1, "uno");
	name_put(b, NAME_INTERFACE, 2, "due");
	name_put(a, NAME_INTERFACE, 1, "one");
	name_put(b, NAME_INTERFACE, 3, "tre");
	assert_int_equal(exporter_at(1)->nnames, 4);
	assert_int_equal(a->counters.evicted_names, 1);
	assert_int_equal(b->counters.evicted_names, 0);
	assert_string_equal(text_of(a, NAME_INTERFACE, 1), "one");
	assert_string_equal(text_of(a, NAME_INTERFACE, 2), "");
}

static void
name_moves_to_a_stream_without_it(void **unused)
{
	struct stream *from, *to;
	uint64_t generation;

	(void)unused;
	exporters_begin(NULL);
	from = exporter_stream(exporter_at(1), 0, 1);
	to = exporter_stream(exporter_at(1), 0, 2);
	name_put(from, NAME_INTERFACE, 1, "old");
	name_put(from, NAME_INTERFACE, 2, "two");
	name_put(from, NAME_INTERFACE, 3, "three");
	name_put(to, NAME_INTERFACE, 1, "new");
	generation = all.generation;
	names_move(&all, from, to);
	assert_int_not_equal(all.generation, generation);
	assert_true(list_empty(&from->names));
	assert_string_equal(text_of(from, NAME_INTERFACE, 2), "");
	assert_string_equal(text_of(to, NAME_INTERFACE, 1), "new");
	assert_string_equal(text_of(to, NAME_INTERFACE, 2), "two");
	assert_string_equal(text_of(to, NAME_INTERFACE, 3), "three");
	assert_int_equal(exporter_at(1)->nnames, 3);
	/* Its own come first, then the moved ones in their order. */
	assert_string_equal(
	    LIST_ENTRY(to->names.next, struct name, sibling)->text, "new");
	assert_string_equal(
	    LIST_ENTRY(to->names.prev, struct name, sibling)->text, "two");
	stream_remove(&all, from);
	assert_int_equal(exporter_at(1)->nnames, 3);
	stream_remove(&all, to);
	assert_int_equal(all.pool[POOL_NAMES].amount, 0);
}

static void
name_memory_is_shared_fairly(void **unused)
{
	struct stream *s[6];

	(void)unused;
	exporters_begin(&(struct decoder_limits) { .name_octets = 64 * 1024 });
	for (uint32_t i = 0; i < 6; i++) {
		s[i] = exporter_stream(exporter_settle(i + 1, 10), 0, 1);
		for (uint32_t k = 0; k < 1000; k++)
			name_put(s[i], NAME_INTERFACE, k + 1, "eth");
	}
	assert_true(all.pool[POOL_NAMES].amount <= 64 * 1024);
	for (uint32_t i = 0; i < 6; i++) {
		assert_true(s[i]->exporter->nnames > 50);
		assert_int_equal(s[i]->counters.refused_names, 0);
	}
}

#define TEST(name) cmocka_unit_test_teardown(name, exporters_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(name_is_kept_replaced_and_bounded),
		TEST(name_belongs_to_the_stream_that_announced_it),
		TEST(name_limit_is_of_the_exporter),
		TEST(name_moves_to_a_stream_without_it),
		TEST(name_memory_is_shared_fairly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
