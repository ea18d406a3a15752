/* Exporters: who is evicted, who stays, and that memory is bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "template_store.h"
#include "exporters.h"
#include "stream.h"

static struct exporters all;
static int64_t now_ns;

static const int64_t second_ns = 1000000000;

static struct exporter *
get(uint32_t v4)
{
	struct addr a = addr_from_v4(v4);

	return exporter_get(&all, &a, now_ns);
}

static struct message
message(uint16_t version, uint32_t domain, uint32_t sequence)
{
	return (struct message) {
		.version = &versions[version_find(version)],
		.domain = domain,
		.sequence = sequence,
		.recv_ns = now_ns,
	};
}

static struct stream *
stream(struct exporter *x, uint32_t domain, uint16_t port)
{
	struct message m = message(9, domain, 77);

	return stream_get(&all, x, &m, (struct bytes) { NULL, 0 }, port);
}

static struct template *
add(struct stream *s, uint16_t id, uint16_t len)
{
	struct template_record rec = { .id = id, .nfields = 1 };
	struct field f = { 0, 8, len };
	struct template *t = template_new(&rec, &f, false, 256);

	assert_non_null(t);
	return template_add(&all, s, t) ? t : NULL;
}

static void
limits(const struct decoder_limits *l)
{
	assert_true(exporters_init(&all, l, 1));
}

static int
end(void **unused)
{
	(void)unused;
	exporters_fini(&all);
	now_ns = 0;
	return 0;
}

static void
exporter_is_found_again(void **unused)
{
	struct exporter *x;

	(void)unused;
	limits(NULL);
	x = get(1);
	assert_ptr_not_equal(x, get(2));
	assert_ptr_equal(x, get(1));
}

static void
exporter_flood_does_not_evict_one_that_works(void **unused)
{
	struct exporter *good;

	(void)unused;
	limits(&(struct decoder_limits) { .exporters = 16 });
	good = get(1);
	exporter_continued(&all, good, now_ns);
	add(stream(good, 0, 2055), 256, 4);
	for (uint32_t i = 0; i < 1000; i++)
		assert_non_null(get(100 + i));
	assert_int_equal(all.by_addr.count, 16);
	assert_int_equal(all.evicted, 985);
	assert_int_equal(all.hits[DECODER_LIMIT_exporters].hits, 985);
	assert_int_equal(all.gone.limited[DECODER_LIMIT_exporters], 985);
	assert_ptr_equal(get(1), good);
	assert_non_null(template_get(&all, stream(good, 0, 2055), 256));
}

static void
exporter_keeps_its_counts_when_it_is_evicted(void **unused)
{
	(void)unused;
	limits(&(struct decoder_limits) { .exporters = 1 });
	get(1)->counters.datagrams = 3;
	stream(get(1), 0, 1)->counters.datagrams = 4;
	assert_non_null(get(2));
	assert_int_equal(all.gone.datagrams, 7);
}

static void
template_of_too_many_evicts_the_least_used(void **unused)
{
	struct stream *s;

	(void)unused;
	limits(&(struct decoder_limits) { .stream_templates = 4 });
	s = stream(get(1), 0, 1);
	for (uint16_t id = 256; id < 260; id++)
		add(s, id, 4);
	assert_non_null(template_get(&all, s, 256));
	add(s, 300, 4);
	assert_non_null(template_get(&all, s, 256));
	assert_null(template_get(&all, s, 257));
	assert_int_equal(s->counters.evicted_templates, 1);
}

static void
template_memory_is_bounded_and_the_flooder_pays(void **unused)
{
	struct stream *good, *bad;

	(void)unused;
	limits(&(struct decoder_limits) { .template_octets = 64 * 1024,
	    .stream_templates = 60000 });
	good = stream(get(1), 0, 1);
	exporter_rank(&all, get(1), RANK_NEWCOMER, now_ns);
	add(good, 256, 4);
	bad = stream(get(2), 0, 1);
	exporter_rank(&all, get(2), RANK_NEWCOMER, now_ns);
	for (uint32_t id = 256; id < 10000; id++)
		add(bad, (uint16_t)id, 4);
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
	limits(NULL);
	s = stream(get(1), 0, 1);
	add(s, 256, 4);
	octets = all.pool[POOL_TEMPLATES].amount;
	for (int i = 0; i < 10; i++)
		add(s, 256, (uint16_t)(1 + i % 4));
	assert_int_equal(all.pool[POOL_TEMPLATES].amount, octets);
	assert_int_equal(all.templates.count, 1);
	template_remove_all(&all, s, true);
	assert_int_equal(all.templates.count, 1);
	template_remove_all(&all, s, false);
	assert_int_equal(all.templates.count, 0);
	assert_int_equal(all.pool[POOL_TEMPLATES].amount, 0);
}

/* A sender that continues for so many seconds, with a message a second. */
static struct exporter *
settle(uint32_t v4, int seconds)
{
	struct exporter *x = get(v4);

	x->valid = 1;
	for (int i = 0; i < seconds; i++) {
		now_ns += second_ns;
		x = get(v4);
		exporter_continued(&all, x, now_ns);
	}
	return x;
}

static void
exporter_settles_by_going_on_for_some_time(void **unused)
{
	struct exporter *x;

	(void)unused;
	limits(NULL);
	assert_int_equal(settle(1, 9)->rank, RANK_NEWCOMER);
	assert_int_equal(settle(1, 1)->rank, RANK_SETTLED);
	assert_int_equal(all.nsettled, 1);
	/* Many messages at once do not settle. */
	x = settle(2, 0);
	for (int i = 0; i < 1000; i++)
		exporter_continued(&all, x, now_ns);
	now_ns += 20 * second_ns;
	exporter_continued(&all, x, now_ns);
	assert_int_equal(x->rank, RANK_NEWCOMER);
	/* Nor does an exporter without flows. */
	x = get(3);
	for (int i = 0; i < 20; i++, now_ns += second_ns)
		exporter_continued(&all, x, now_ns);
	assert_int_equal(x->rank, RANK_STRANGER);
}

static void
exporter_that_is_settled_outlives_senders_of_a_flow(void **unused)
{
	struct exporter *good;

	(void)unused;
	limits(&(struct decoder_limits) { .exporters = 16 });
	good = settle(1, 10);
	for (uint32_t i = 0; i < 1000; i++)
		exporter_rank(&all, get(100 + i), RANK_NEWCOMER, now_ns);
	assert_ptr_equal(get(1), good);
	assert_int_equal(all.evicted, 985);
	assert_int_equal(all.evicted_settled, 0);
}

static void
exporter_of_the_settled_leaves_a_share_to_others(void **unused)
{
	struct exporter *x;

	(void)unused;
	limits(&(struct decoder_limits) { .exporters = 16 });
	for (uint32_t i = 0; i < 16; i++)
		(void)settle(100 + i, 10);
	assert_int_equal(all.nsettled, 14);
	assert_int_equal(all.single.n + all.active.n, 2);
	/* None of them is evicted for a newcomer. */
	for (uint32_t i = 0; i < 1000; i++)
		(void)get(1000 + i);
	assert_int_equal(all.nsettled, 14);
	assert_int_equal(all.evicted_settled, 0);
	x = settle(1, 20);
	assert_int_equal(x->rank, RANK_NEWCOMER);
	/* Until one is silent for long. */
	now_ns += 3000 * second_ns;
	for (uint32_t i = 0; i < 14; i++)
		if (i != 5)
			(void)get(100 + i);
	now_ns += 1000 * second_ns;
	(void)settle(1, 1);
	assert_int_equal(get(1)->rank, RANK_SETTLED);
	assert_int_equal(all.nsettled, 14);
	assert_int_equal(all.evicted_settled, 1);
	assert_int_equal(get(106)->rank, RANK_SETTLED);
	assert_int_equal(get(105)->rank, RANK_STRANGER);
}

static void
exporter_alone_has_a_place_in_the_smallest_table(void **unused)
{
	(void)unused;
	limits(&(struct decoder_limits) { .exporters = 1 });
	assert_int_equal(settle(1, 20)->rank, RANK_NEWCOMER);
	assert_non_null(get(2));
	assert_int_equal(all.by_addr.count, 1);
}

static void
stream_flood_of_a_stranger_takes_none_from_the_settled(void **unused)
{
	struct exporter *good, *bad;

	(void)unused;
	limits(&(struct decoder_limits) { .streams = 64 });
	good = settle(1, 10);
	for (uint32_t d = 0; d < 56; d++)
		add(stream(good, d, 1), 256, 4);
	/* Eight places are reserved for the unsettled. */
	bad = get(2);
	for (uint32_t d = 0; d < 100; d++)
		assert_non_null(stream(bad, d, 1));
	assert_int_equal(all.streams.count, 64);
	assert_int_equal(bad->usage[POOL_STREAMS].amount, 8);
	assert_int_equal(bad->counters.evicted_streams, 92);
	assert_int_equal(bad->counters.limited[DECODER_LIMIT_streams], 92);
	assert_int_equal(good->usage[POOL_STREAMS].amount, 56);
	/* Among them, the one that uses less has priority. */
	for (uint32_t d = 0; d < 3; d++)
		assert_non_null(stream(get(3), d, 1));
	assert_int_equal(bad->usage[POOL_STREAMS].amount, 5);
}

static void
template_of_a_stranger_takes_none_from_the_settled(void **unused)
{
	struct stream *good, *bad;
	uint16_t id = 256;
	size_t octets;

	(void)unused;
	limits(&(struct decoder_limits) { .template_octets = 16 * 1024 });
	good = stream(settle(1, 10), 0, 1);
	stream_restore(good, true, false);
	while (good->counters.evicted_templates == 0)
		add(good, id++, 4);
	octets = good->exporter->usage[POOL_TEMPLATES].amount;
	assert_true(octets > 13 * 1024 && octets <= 14 * 1024);
	bad = stream(get(2), 0, 1);
	for (uint16_t i = 256; i < 512; i++)
		(void)add(bad, i, 4);
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
	limits(&(struct decoder_limits) { .template_octets = 16 * 1024 });
	good = stream(get(1), 0, 1);
	stream_restore(good, true, false);
	while (good->counters.evicted_templates == 0)
		add(good, id++, 4);
	bad = stream(get(1), 0, 2);
	assert_null(add(bad, 256, 4));
	assert_int_equal(bad->counters.refused_templates, 1);
	assert_int_equal(bad->counters.limited[DECODER_LIMIT_template_octets],
	    1);
	assert_int_equal(good->counters.evicted_templates, 1);
}

#define TEST(name) cmocka_unit_test_teardown(name, end)

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
