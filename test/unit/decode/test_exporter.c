/* Exporters: who is evicted, who stays, and that memory is bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "template_store.h"
#include "exporters_fixture.h"

static struct template *
template_put(struct stream *s, uint16_t id, uint16_t len)
{
	struct template_record rec = { .id = id, .nfields = 1 };
	struct field f = { 0, 8, len };
	struct template *t = template_new(&rec, &f, false, 256);

	assert_non_null(t);
	return template_add(&all, s, t) ? t : NULL;
}

static void
exporter_is_found_again(void **unused)
{
	struct exporter *x;

	(void)unused;
	exporters_begin(NULL);
	x = exporter_at(1);
	assert_ptr_not_equal(x, exporter_at(2));
	assert_ptr_equal(x, exporter_at(1));
}

static void
exporter_flood_does_not_evict_one_that_works(void **unused)
{
	struct exporter *good;

	(void)unused;
	exporters_begin(&(struct decoder_limits) { .exporters = 16 });
	good = exporter_at(1);
	exporter_continued(&all, good, now_ns);
	template_put(exporter_stream(good, 0, 2055), 256, 4);
	for (uint32_t i = 0; i < 1000; i++)
		assert_non_null(exporter_at(100 + i));
	assert_int_equal(all.by_addr.count, 16);
	assert_int_equal(all.evicted, 985);
	assert_int_equal(all.hits[DECODER_LIMIT_exporters].hits, 985);
	assert_int_equal(all.gone.limited[DECODER_LIMIT_exporters], 985);
	assert_ptr_equal(exporter_at(1), good);
	assert_non_null(
	    template_get(&all, exporter_stream(good, 0, 2055), 256));
}

static void
exporter_keeps_its_counts_when_it_is_evicted(void **unused)
{
	(void)unused;
	exporters_begin(&(struct decoder_limits) { .exporters = 1 });
	exporter_at(1)->counters.datagrams = 3;
	exporter_stream(exporter_at(1), 0, 1)->counters.datagrams = 4;
	assert_non_null(exporter_at(2));
	assert_int_equal(all.gone.datagrams, 7);
}

static void
template_of_too_many_evicts_the_least_used(void **unused)
{
	struct stream *s;

	(void)unused;
	exporters_begin(&(struct decoder_limits) { .stream_templates = 4 });
	s = exporter_stream(exporter_at(1), 0, 1);
	for (uint16_t id = 256; id < 260; id++)
		template_put(s, id, 4);
	assert_non_null(template_get(&all, s, 256));
	template_put(s, 300, 4);
	assert_non_null(template_get(&all, s, 256));
	assert_null(template_get(&all, s, 257));
	assert_int_equal(s->counters.evicted_templates, 1);
}

static void
template_memory_is_bounded_and_the_flooder_pays(void **unused)
{
	struct stream *good, *bad;

	(void)unused;
	exporters_begin(&(struct decoder_limits) { .template_octets = 64 * 1024,
	    .stream_templates = 60000 });
	good = exporter_stream(exporter_at(1), 0, 1);
	exporter_rank(&all, exporter_at(1), RANK_NEWCOMER, now_ns);
	template_put(good, 256, 4);
	bad = exporter_stream(exporter_at(2), 0, 1);
	exporter_rank(&all, exporter_at(2), RANK_NEWCOMER, now_ns);
	for (uint32_t id = 256; id < 10000; id++)
		template_put(bad, (uint16_t)id, 4);
	assert_true(all.pool[POOL_TEMPLATES].amount <= 64 * 1024);
	assert_true(bad->counters.evicted_templates > 9000);
	assert_non_null(template_get(&all, good, 256));
}

static void
template_that_is_replaced_leaves_nothing_behind(void **unused)
{
	struct stream *s;
	size_t octets;

	(void)unused;
	exporters_begin(NULL);
	s = exporter_stream(exporter_at(1), 0, 1);
	template_put(s, 256, 4);
	octets = all.pool[POOL_TEMPLATES].amount;
	for (int i = 0; i < 10; i++)
		template_put(s, 256, (uint16_t)(1 + i % 4));
	assert_int_equal(all.pool[POOL_TEMPLATES].amount, octets);
	assert_int_equal(all.templates.count, 1);
	template_remove_all(&all, s, true);
	assert_int_equal(all.templates.count, 1);
	template_remove_all(&all, s, false);
	assert_int_equal(all.templates.count, 0);
	assert_int_equal(all.pool[POOL_TEMPLATES].amount, 0);
}

static void
exporter_settles_by_going_on_for_some_time(void **unused)
{
	struct exporter *x;

	(void)unused;
	exporters_begin(NULL);
	assert_int_equal(exporter_settle(1, 9)->rank, RANK_NEWCOMER);
	assert_int_equal(exporter_settle(1, 1)->rank, RANK_SETTLED);
	assert_int_equal(all.nsettled, 1);
	/* Many messages at once do not settle. */
	x = exporter_settle(2, 0);
	for (int i = 0; i < 1000; i++)
		exporter_continued(&all, x, now_ns);
	now_ns += 20 * second_ns;
	exporter_continued(&all, x, now_ns);
	assert_int_equal(x->rank, RANK_NEWCOMER);
	/* Nor does an exporter without flows. */
	x = exporter_at(3);
	for (int i = 0; i < 20; i++, now_ns += second_ns)
		exporter_continued(&all, x, now_ns);
	assert_int_equal(x->rank, RANK_STRANGER);
}

static void
exporter_that_is_settled_outlives_senders_of_a_flow(void **unused)
{
	struct exporter *good;

	(void)unused;
	exporters_begin(&(struct decoder_limits) { .exporters = 16 });
	good = exporter_settle(1, 10);
	for (uint32_t i = 0; i < 1000; i++)
		exporter_rank(
		    &all, exporter_at(100 + i), RANK_NEWCOMER, now_ns);
	assert_ptr_equal(exporter_at(1), good);
	assert_int_equal(all.evicted, 985);
	assert_int_equal(all.evicted_settled, 0);
}

static void
exporter_of_the_settled_leaves_a_share_to_others(void **unused)
{
	struct exporter *x;

	(void)unused;
	exporters_begin(&(struct decoder_limits) { .exporters = 16 });
	for (uint32_t i = 0; i < 16; i++)
		(void)exporter_settle(100 + i, 10);
	assert_int_equal(all.nsettled, 14);
	assert_int_equal(all.single.n + all.active.n, 2);
	/* None of them is evicted for a newcomer. */
	for (uint32_t i = 0; i < 1000; i++)
		(void)exporter_at(1000 + i);
	assert_int_equal(all.nsettled, 14);
	assert_int_equal(all.evicted_settled, 0);
	x = exporter_settle(1, 20);
	assert_int_equal(x->rank, RANK_NEWCOMER);
	/* Until one is silent for long. */
	now_ns += 3000 * second_ns;
	for (uint32_t i = 0; i < 14; i++)
		if (i != 5)
			(void)exporter_at(100 + i);
	now_ns += 1000 * second_ns;
	(void)exporter_settle(1, 1);
	assert_int_equal(exporter_at(1)->rank, RANK_SETTLED);
	assert_int_equal(all.nsettled, 14);
	assert_int_equal(all.evicted_settled, 1);
	assert_int_equal(exporter_at(106)->rank, RANK_SETTLED);
	assert_int_equal(exporter_at(105)->rank, RANK_STRANGER);
}

static void
exporter_alone_has_a_place_in_the_smallest_table(void **unused)
{
	(void)unused;
	exporters_begin(&(struct decoder_limits) { .exporters = 1 });
	assert_int_equal(exporter_settle(1, 20)->rank, RANK_NEWCOMER);
	assert_non_null(exporter_at(2));
	assert_int_equal(all.by_addr.count, 1);
}

static void
stream_flood_of_a_stranger_takes_none_from_the_settled(void **unused)
{
	struct exporter *good, *bad;

	(void)unused;
	exporters_begin(&(struct decoder_limits) { .streams = 64 });
	good = exporter_settle(1, 10);
	for (uint32_t d = 0; d < 56; d++)
		template_put(exporter_stream(good, d, 1), 256, 4);
	/* Eight places are reserved for the unsettled. */
	bad = exporter_at(2);
	for (uint32_t d = 0; d < 100; d++)
		assert_non_null(exporter_stream(bad, d, 1));
	assert_int_equal(all.streams.count, 64);
	assert_int_equal(bad->usage[POOL_STREAMS].amount, 8);
	assert_int_equal(bad->counters.evicted_streams, 92);
	assert_int_equal(bad->counters.limited[DECODER_LIMIT_streams], 92);
	assert_int_equal(good->usage[POOL_STREAMS].amount, 56);
	/* Among them, the one that uses less has priority. */
	for (uint32_t d = 0; d < 3; d++)
		assert_non_null(exporter_stream(exporter_at(3), d, 1));
	assert_int_equal(bad->usage[POOL_STREAMS].amount, 5);
}

static void
template_of_a_stranger_takes_none_from_the_settled(void **unused)
{
	struct stream *good, *bad;
	uint16_t id = 256;
	size_t octets;

	(void)unused;
	exporters_begin(
	    &(struct decoder_limits) { .template_octets = 16 * 1024 });
	good = exporter_stream(exporter_settle(1, 10), 0, 1);
	stream_restore(good, true, false);
	while (good->counters.evicted_templates == 0)
		template_put(good, id++, 4);
	octets = good->exporter->usage[POOL_TEMPLATES].amount;
	assert_true(octets > 13 * 1024 && octets <= 14 * 1024);
	bad = exporter_stream(exporter_at(2), 0, 1);
	for (uint16_t i = 256; i < 512; i++)
		(void)template_put(bad, i, 4);
	assert_true(bad->ntemplates >= 1 && bad->ntemplates <= 8);
	assert_int_equal(good->counters.evicted_templates, 1);
	assert_int_equal(good->counters.limited[DECODER_LIMIT_template_octets],
	    1);
	assert_true(bad->counters.refused_templates +
		bad->counters.evicted_templates >= 248);
}

static void
template_of_a_new_stream_takes_none_of_one_that_works(void **unused)
{
	struct stream *good, *bad;
	uint16_t id = 256;

	(void)unused;
	exporters_begin(
	    &(struct decoder_limits) { .template_octets = 16 * 1024 });
	good = exporter_stream(exporter_at(1), 0, 1);
	stream_restore(good, true, false);
	while (good->counters.evicted_templates == 0)
		template_put(good, id++, 4);
	bad = exporter_stream(exporter_at(1), 0, 2);
	assert_null(template_put(bad, 256, 4));
	assert_int_equal(bad->counters.refused_templates, 1);
	assert_int_equal(bad->counters.limited[DECODER_LIMIT_template_octets],
	    1);
	assert_int_equal(good->counters.evicted_templates, 1);
}

#define TEST(name) cmocka_unit_test_teardown(name, exporters_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(exporter_is_found_again),
		TEST(exporter_flood_does_not_evict_one_that_works),
		TEST(exporter_keeps_its_counts_when_it_is_evicted),
		TEST(exporter_settles_by_going_on_for_some_time),
		TEST(exporter_that_is_settled_outlives_senders_of_a_flow),
		TEST(exporter_of_the_settled_leaves_a_share_to_others),
		TEST(exporter_alone_has_a_place_in_the_smallest_table),
		TEST(stream_flood_of_a_stranger_takes_none_from_the_settled),
		TEST(template_of_a_stranger_takes_none_from_the_settled),
		TEST(template_of_a_new_stream_takes_none_of_one_that_works),
		TEST(template_of_too_many_evicts_the_least_used),
		TEST(template_memory_is_bounded_and_the_flooder_pays),
		TEST(template_that_is_replaced_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
