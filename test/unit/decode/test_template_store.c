/*
 * The templates of streams: lib/decode/exporter/template_store.c. Limits and
 * evictions are in test_exporter.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "exporters_fixture.h"
#include "template_store.h"

enum {
	OCTETS = 1,
	PROTOCOL = 4
};

static struct template *
template_put(struct stream *s, uint16_t id, uint16_t element, bool options)
{
	struct template_record rec = { .id = id, .nfields = 1 };
	struct field f = { 0, element, 1 };
	struct template *t = template_new(&rec, &f, options, 256);

	assert_non_null(t);
	return template_add(&all, s, t) ? t : NULL;
}

static void
template_replaces_one_of_the_same_id(void **unused)
{
	struct stream *s;
	struct template *t;

	(void)unused;
	exporters_begin(NULL);
	s = exporter_stream(exporter_at(1), 0, 1);
	assert_null(template_get(&all, s, 256));
	(void)template_put(s, 256, OCTETS, false);
	t = template_put(s, 256, PROTOCOL, true);
	assert_ptr_equal(template_get(&all, s, 256), t);
	assert_int_equal(s->ntemplates, 1);
	assert_int_equal(s->nkind[false], 0);
	assert_int_equal(s->nkind[true], 1);
	template_remove(&all, t);
	assert_null(template_get(&all, s, 256));
	assert_int_equal(all.pool[POOL_TEMPLATES].amount, 0);
}

static void
template_is_common_if_all_streams_agree(void **unused)
{
	struct stream *a, *b, *c;

	(void)unused;
	exporters_begin(NULL);
	a = exporter_stream(exporter_at(1), 0, 1);
	b = exporter_stream(exporter_at(1), 0, 2);
	c = exporter_stream(exporter_at(1), 0, 3);
	assert_null(template_common(&all, c, 256));
	(void)template_put(a, 256, OCTETS, false);
	(void)template_put(b, 256, OCTETS, false);
	assert_non_null(template_common(&all, c, 256));
	assert_int_equal(exporter_templates(exporter_at(1)), 2);
	/* Other domains and exporters have templates of their own. */
	assert_null(template_common(&all,
	    exporter_stream(exporter_at(1), 7, 1), 256));
	assert_null(template_common(&all,
	    exporter_stream(exporter_at(2), 0, 1), 256));
	(void)template_put(b, 256, PROTOCOL, false);
	assert_null(template_common(&all, c, 256));
	assert_null(template_borrow(&all, c, 256));
}

static void
template_moves_unless_the_stream_has_one(void **unused)
{
	struct stream *from, *to;
	struct template *kept;

	(void)unused;
	exporters_begin(NULL);
	from = exporter_stream(exporter_at(1), 0, 1);
	to = exporter_stream(exporter_at(1), 0, 2);
	(void)template_put(from, 256, OCTETS, false);
	(void)template_put(from, 257, OCTETS, true);
	kept = template_put(to, 256, PROTOCOL, false);
	templates_move(&all, from, to);
	assert_ptr_equal(template_get(&all, to, 256), kept);
	assert_non_null(template_get(&all, to, 257));
	assert_null(template_get(&all, from, 257));
	assert_non_null(template_get(&all, from, 256));
	assert_int_equal(to->ntemplates, 2);
	assert_int_equal(from->ntemplates, 1);
}

static void
templates_of_one_kind_are_removed(void **unused)
{
	struct stream *s;

	(void)unused;
	exporters_begin(NULL);
	s = exporter_stream(exporter_at(1), 0, 1);
	for (uint16_t id = 256; id < 266; id++)
		(void)template_put(s, id, OCTETS, id % 2 == 1);
	template_remove_all(&all, s, true);
	assert_int_equal(s->ntemplates, 5);
	assert_non_null(template_get(&all, s, 256));
	assert_null(template_get(&all, s, 257));
	template_remove_all(&all, s, true);
	template_remove_all(&all, s, false);
	assert_int_equal(s->ntemplates, 0);
	assert_int_equal(exporter_templates(exporter_at(1)), 0);
}

#define TEST(name) cmocka_unit_test_teardown(name, exporters_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(template_replaces_one_of_the_same_id),
		TEST(template_is_common_if_all_streams_agree),
		TEST(template_moves_unless_the_stream_has_one),
		TEST(templates_of_one_kind_are_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
