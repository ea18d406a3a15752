/* Names that options data give: lib/decode/exporter/option_name.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "exporters.h"
#include "option_name.h"
#include "stream.h"

static struct exporters all;
static int64_t now_ns;

static const int64_t second_ns = 1000000000;

static int
teardown(void **unused)
{
	(void)unused;
	exporters_fini(&all);
	now_ns = 0;
	return 0;
}

static struct exporter *
get(uint32_t v4)
{
	struct addr a = addr_from_v4(v4);

	return exporter_get(&all, &a, now_ns);
}

static struct stream *
stream(struct exporter *x, uint32_t domain, uint16_t port)
{
	const struct message m = {
		.version = &versions[version_find(9)],
		.domain = domain,
		.recv_ns = now_ns,
	};

	return stream_get(&all, x, &m, (struct bytes) { NULL, 0 }, port);
}

static void
limits(const struct decoder_limits *l)
{
	assert_true(exporters_init(&all, l, 1));
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
name_is_kept_replaced_and_bounded(void **unused)
{
	const uint8_t key[] = { 0, 0, 0, 7 }, same[] = { 7 };
	const struct name *n;
	struct stream *s;

	(void)unused;
	limits(&(struct decoder_limits) { .exporter_names = 2 });
	s = stream(get(1), 0, 1);
	name_set(&all, s->exporter, &s->counters, NAME_INTERFACE,
	    (struct bytes) { key, 4 },
	    (struct bytes) { (const uint8_t *)"eth0\0\0", 6 });
	n = name_get(&all, get(1), NAME_INTERFACE, (struct bytes) { same, 1 });
	assert_non_null(n);
	assert_string_equal(n->text, "eth0");
	name_set(&all, s->exporter, &s->counters, NAME_INTERFACE,
	    (struct bytes) { same, 1 },
	    (struct bytes) { (const uint8_t *)"eth1", 4 });
	n = name_get(&all, get(1), NAME_INTERFACE, (struct bytes) { key, 4 });
	assert_string_equal(n->text, "eth1");
	for (uint8_t i = 10; i < 20; i++)
		name_set(&all, s->exporter, &s->counters, NAME_VRF,
		    (struct bytes) { &i, 1 },
		    (struct bytes) { (const uint8_t *)"red", 3 });
	assert_int_equal(get(1)->nnames, 2);
	assert_int_equal(s->counters.evicted_names, 9);
	assert_null(name_get(&all, get(1), NAME_INTERFACE,
	    (struct bytes) { key, 4 }));
}

static void
name_memory_is_shared_fairly(void **unused)
{
	struct stream *s[6];

	(void)unused;
	limits(&(struct decoder_limits) { .name_octets = 64 * 1024 });
	for (uint32_t i = 0; i < 6; i++) {
		s[i] = stream(settle(i + 1, 10), 0, 1);
		for (uint32_t k = 0; k < 1000; k++) {
			uint8_t key[4];

			store_be32(key, k + 1);
			name_set(&all, s[i]->exporter, &s[i]->counters,
			    NAME_INTERFACE,
			    (struct bytes) { key, 4 },
			    (struct bytes) { (const uint8_t *)"eth", 3 });
		}
	}
	assert_true(all.pool[POOL_NAMES].amount <= 64 * 1024);
	for (uint32_t i = 0; i < 6; i++) {
		assert_true(s[i]->exporter->nnames > 50);
		assert_int_equal(s[i]->counters.refused_names, 0);
	}
}

#define TEST(name) cmocka_unit_test_teardown(name, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(name_is_kept_replaced_and_bounded),
		TEST(name_memory_is_shared_fairly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
