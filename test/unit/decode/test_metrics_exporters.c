/* Exporters that metrics name, and the sum of the others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "decode.h"

enum { EXPORTERS = 64, RECORD = 48, HEAD = 24 };

static const int64_t second_ns = 1000000000;

static struct {
	struct decoder *dec;
	struct batch *batch;
	int64_t now_ns;
	uint32_t sequence[1024]; /* by address */
	uint64_t sent;
} t;

static int
setup(void **state)
{
	static const struct decoder_limits limits = { .exporters = EXPORTERS };

	(void)state;
	memset(&t, 0, sizeof(t));
	t.now_ns = 1000 * second_ns;
	t.dec = decoder_new(&limits, 1);
	t.batch = batch_new(4096);
	return t.dec != NULL && t.batch != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	decoder_free(t.dec);
	batch_free(t.batch);
	return 0;
}

/* One flow of version 5. */
static void
send_flow(uint32_t from)
{
	uint8_t d[HEAD + RECORD] = { 0, 5, 0, 1 };

	store_be32(d + 4, 1000000);
	store_be32(d + 8, (uint32_t)(t.now_ns / second_ns));
	store_be32(d + 16, t.sequence[from]++);
	store_be32(d + HEAD, 0x0a000001);
	decoder_begin(t.dec, &(struct datagram) { .payload = { d, sizeof(d) },
	    .src = addr_from_v4(from), .port = 9, .recv_ns = t.now_ns });
	assert_false(decoder_next(t.dec, t.batch));
	batch_reset(t.batch);
	t.sent++;
}

/* These continue for long enough to settle. */
static void
exporters_settle(uint32_t first, uint32_t n)
{
	for (int i = 0; i < 15; i++) {
		for (uint32_t k = first; k < first + n; k++)
			send_flow(k);
		t.now_ns += second_ns;
	}
}

struct seen {
	uint64_t listed; /* a bit for each */
	unsigned n;
	uint64_t flows;
};

static int
exporter_see(const struct exporter_info *info, void *arg)
{
	struct seen *s = arg;

	if (!info->listed)
		return 0;
	assert_true(info->settled);
	s->listed |= UINT64_C(1) << info->addr.v4 % 64;
	s->n++;
	s->flows += info->counters.flows;
	return 0;
}

static struct seen
exporters_listed(void)
{
	struct seen s = { .n = 0 };

	assert_int_equal(decoder_each_exporter(t.dec, exporter_see, &s), 0);
	return s;
}

static uint64_t
counters_of_others(void)
{
	struct exporter_info info;

	decoder_others(t.dec, &info);
	return info.counters.flows;
}

static void
only_settled_ones_are_listed(void **state)
{
	(void)state;
	send_flow(1);
	assert_true(decoder_list(t.dec, 10));
	assert_int_equal(exporters_listed().n, 0);
	assert_int_equal(counters_of_others(), 1);
	exporters_settle(1, 3);
	send_flow(9);
	assert_int_equal(exporters_listed().n, 0);
	assert_true(decoder_list(t.dec, 10));
	assert_int_equal(exporters_listed().listed, 2 | 4 | 8);
}

static void
so_many_are_listed_and_stay_so(void **state)
{
	uint64_t before;

	(void)state;
	exporters_settle(1, 5);
	exporters_settle(11, 5);
	assert_true(decoder_list(t.dec, 6));
	before = exporters_listed().listed;
	/* The one that was there first, and one of those that came together. */
	assert_int_equal(exporters_listed().n, 6);
	assert_int_equal(before & 0x3e, 0x3e);
	for (int i = 0; i < 10; i++) {
		exporters_settle(1, 20);
		assert_true(decoder_list(t.dec, 6));
		assert_int_equal(exporters_listed().listed, before);
	}
	assert_true(decoder_list(t.dec, 3));
	assert_int_equal(exporters_listed().n, 3);
	assert_int_equal(exporters_listed().listed & ~before, 0);
	assert_true(decoder_list(t.dec, 1000));
	assert_int_equal(exporters_listed().n, 20);
}

/*
 * The sum of the others counts what unnamed exporters count, and never falls.
 */
static void
the_sum_of_others_does_not_fall(void **state)
{
	uint64_t last = 0, now;

	(void)state;
	exporters_settle(0, 20);
	last = counters_of_others();
	for (uint32_t i = 0; i < 3000; i++) {
		/* Some continue, and strangers evict each other. */
		send_flow(i % 40);
		send_flow(100 + i * 7 % 900);
		if (i % 40 == 0)
			t.now_ns += second_ns;
		if (i % 50 == 0)
			assert_true(decoder_list(t.dec, i / 50 % 3 * 15));
		now = counters_of_others();
		assert_true(now >= last && now - last <= 2);
		last = now;
	}
	assert_true(exporters_listed().n > 0);
	assert_true(last < t.sent);
}

/* What an exporter counted before it was named is in both. */
static void
a_listed_one_has_all_of_its_own(void **state)
{
	uint64_t before;

	(void)state;
	exporters_settle(1, 1);
	before = t.sent;
	assert_int_equal(counters_of_others(), before);
	assert_true(decoder_list(t.dec, 1));
	send_flow(1);
	send_flow(2);
	assert_int_equal(exporters_listed().flows, before + 1);
	assert_int_equal(counters_of_others(), before + 1);
	assert_true(decoder_list(t.dec, 0));
	send_flow(1);
	assert_int_equal(counters_of_others(), before + 2);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(only_settled_ones_are_listed),
		T(so_many_are_listed_and_stay_so),
		T(the_sum_of_others_does_not_fall),
		T(a_listed_one_has_all_of_its_own),
	};

	return cmocka_run_group_tests_name("listed", tests, NULL, NULL);
}
