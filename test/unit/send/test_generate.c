/* Tests of send/generate.c. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

#include "generate.h"

enum {
	FLOWS = 1000000	/* the busiest client needs a second address */
};

static const struct generate_options usual = {
	.seed = 1,
	.ipv6_percent = 30,
	.start_ns = INT64_C(1700000000) * 1000000000,
	.flows_per_sec = 100000,
};

/* Addresses, ports and protocol as numbers that sort. */
struct key {
	uint64_t part[5];
};

static struct batch *batch;
static struct generator *model;

static int
setup(void **state)
{
	(void)state;
	batch = batch_new(BATCH_ROWS);
	model = generator_new(&usual);
	return batch != NULL && model != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	batch_free(batch);
	generator_free(model);
	return 0;
}

/* Call fn for each of the first FLOWS rows of the model. */
static void
each_flow(void (*fn)(size_t row, size_t number, void *arg), void *arg)
{
	for (size_t n = 0; n < FLOWS;) {
		size_t part = FLOWS - n < BATCH_ROWS ? FLOWS - n : BATCH_ROWS;

		batch_reset(batch);
		generator_fill(model, batch, part);
		assert_int_equal(batch->nrows, part);
		for (size_t row = 0; row < part; row++)
			fn(row, n++, arg);
	}
}

static void
take_key(size_t row, size_t number, void *arg)
{
	struct key *k = (struct key *)arg + number;
	struct addr src = batch_addr(batch, COL_src_addr, row);
	struct addr dst = batch_addr(batch, COL_dst_addr, row);

	assert_int_equal(src.family, dst.family);
	*k = (struct key) { {
	    src.family == ADDR_V6 ? src.v6.hi : src.v4,
	    src.family == ADDR_V6 ? src.v6.lo : 0,
	    dst.family == ADDR_V6 ? dst.v6.hi : dst.v4,
	    dst.family == ADDR_V6 ? dst.v6.lo : 0,
	    batch_uint(batch, COL_src_port, row) << 32 |
		batch_uint(batch, COL_dst_port, row) << 16 |
		batch_uint(batch, COL_protocol, row),
	} };
}

static int
key_order(const void *a, const void *b)
{
	const struct key *x = a, *y = b;

	for (unsigned i = 0; i < 5; i++)
		if (x->part[i] != y->part[i])
			return x->part[i] < y->part[i] ? -1 : 1;
	return 0;
}

static void
generate_repeats_no_flow(void **state)
{
	struct key *keys = calloc(FLOWS, sizeof(*keys));

	(void)state;
	assert_non_null(keys);
	each_flow(take_key, keys);
	qsort(keys, FLOWS, sizeof(*keys), key_order);
	for (size_t i = 1; i < FLOWS; i++)
		assert_int_not_equal(key_order(&keys[i - 1], &keys[i]), 0);
	free(keys);
}

static void
check_row(size_t row, size_t number, void *arg)
{
	uint64_t packets = batch_uint(batch, COL_packets, row);
	uint64_t octets = batch_uint(batch, COL_octets, row);
	int64_t start = batch->col[COL_flow_start].ns[row];
	int64_t end = batch->col[COL_flow_end].ns[row];
	int64_t *last = arg, now = batch->col[COL_recv_time].ns[row];

	assert_true(packets > 0 && octets >= packets * 40);
	assert_true(octets <= packets * 1500);
	assert_true(start <= end && end < now);
	assert_true(now - start < INT64_C(140) * 1000000000);
	assert_true(now >= *last);
	*last = now;
	if (batch_uint(batch, COL_protocol, row) != 6)
		assert_int_equal(batch_uint(batch, COL_tcp_flags, row), 0);
	else
		assert_int_not_equal(batch_uint(batch, COL_tcp_flags, row), 0);
	assert_true(batch_uint(batch, COL_src_mask, row) <= 128);
	(void)number;
}

static void
generate_makes_sense_in_every_flow(void **state)
{
	int64_t last = usual.start_ns;

	(void)state;
	each_flow(check_row, &last);
	/* The clock has gone as many seconds as the flows take. */
	assert_int_equal(last / 1000000000, 1700000000 + FLOWS / 100000 - 1);
}

struct share {
	size_t v6;
	size_t https;
	size_t clients[1 << 14];
};

static void
take_share(size_t row, size_t number, void *arg)
{
	struct share *s = arg;
	struct addr src = batch_addr(batch, COL_src_addr, row);

	(void)number;
	s->v6 += src.family == ADDR_V6;
	s->https += batch_uint(batch, COL_dst_port, row) == 443;
	if (src.family == ADDR_V4 && src.v4 >> 24 == 10)
		s->clients[src.v4 & 0x3fff]++;
}

static void
generate_is_skewed_as_traffic_is(void **state)
{
	struct share *s = calloc(1, sizeof(*s));
	size_t top = 0, sum = 0, silent = 0;

	(void)state;
	assert_non_null(s);
	each_flow(take_share, s);
	assert_in_range(s->v6, FLOWS * 29 / 100, FLOWS * 31 / 100);
	assert_in_range(s->https, FLOWS / 10, FLOWS / 2);
	for (size_t i = 0; i < 1 << 14; i++) {
		sum += s->clients[i];
		silent += s->clients[i] == 0;
		if (s->clients[i] > top)
			top = s->clients[i];
	}
	/* One client in 16,384 has some tenth of all. */
	assert_in_range(top, sum / 20, sum / 5);
	assert_true(silent < 1 << 12);
	free(s);
}

static void
take_digest(size_t row, size_t number, void *arg)
{
	uint64_t *digest = arg;
	struct addr dst = batch_addr(batch, COL_dst_addr, row);

	(void)number;
	*digest = *digest * 31 + dst.v4 + dst.v6.hi + dst.v6.lo +
	    batch_uint(batch, COL_octets, row) +
	    batch_uint(batch, COL_flow_start, row);
}

static uint64_t
digest_of_seed(uint64_t seed)
{
	struct generate_options options = usual;
	uint64_t digest = 0;

	options.seed = seed;
	generator_free(model);
	model = generator_new(&options);
	assert_non_null(model);
	each_flow(take_digest, &digest);
	return digest;
}

static void
generate_follows_from_its_seed(void **state)
{
	uint64_t one = digest_of_seed(1);

	(void)state;
	assert_true(digest_of_seed(1) == one);
	assert_true(digest_of_seed(2) != one);
	assert_true(digest_of_seed(0) != one);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(generate_repeats_no_flow),
		T(generate_makes_sense_in_every_flow),
		T(generate_is_skewed_as_traffic_is),
		T(generate_follows_from_its_seed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
