/*
 * Records made from the one before, lib/store/v3/record_patch.c, beside those
 * made row by row.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "random_columns.h"
#include "record_patch.h"
#include "v3.h"

enum { ROUNDS = 3000, ROWS = 200 };

/* Of a datagram: mostly the same for some rows. */
static const uint8_t shared[] = { COL_recv_time, COL_agent_addr,
	COL_netflow_version, COL_sys_uptime_ms, COL_agent_time,
	COL_engine_type, COL_engine_id, COL_sequence, COL_source_id,
	COL_recv_time_carry, COL_agent_time_carry };

/* A batch of columns that are mostly there, as exporters send them. */
static void
batch_fill(struct batch *batch, uint64_t seed)
{
	struct random_columns b;
	struct random *r = &b.random;

	random_columns_init(&b, seed);
	for (unsigned i = 0; i < COL_COUNT; i++) {
		if (random_u32(r) % 100 != 0)
			b.col[i].gaps = 0;
		if (random_u32(r) % 20 != 0)
			b.col[i].v6 = seed % 2 ? 0 : 255;
		b.col[i].used |= seed % 3 == 0;
	}
	for (size_t i = 0; i < sizeof(shared); i++)
		if (random_u32(r) % 20 != 0)
			b.col[shared[i]].kind = random_u32(r) % 2 ?
			    KIND_CONSTANT : KIND_RUNS;
	batch_reset(batch);
	random_columns_fill(&b, batch, ROWS, false);
	batch->from_log = random_u32(r) % 8 == 0;
	for (size_t i = 0; i < ROWS; i++)
		if (random_u32(r) % 16 == 0)
			bitmap_clear(batch->selected, i);
}

/* The slow twin. */
static int
write_each(const struct batch *batch, uint32_t wanted, struct buf *out,
    uint64_t *unstorable)
{
	int n = 0;

	for (size_t row = 0; row < batch->nrows; row++) {
		struct classic c;

		if (!bitmap_test(batch->selected, row))
			continue;
		classic_load(batch, row, &c);
		if (!batch->from_log && c.src.family != c.dst.family) {
			++*unstorable;
			continue;
		}
		out->len += v3_encode(&c, wanted, buf_room(out, V3_RECORD_MAX));
		n++;
	}
	return n;
}

static void
records_are_those_of_the_slow_way(void **state)
{
	struct batch *batch = batch_new(BATCH_ROWS);
	struct buf fast, slow;
	unsigned usable = 0, like = 0;

	(void)state;
	buf_init(&fast, 1 << 20);
	buf_init(&slow, 1 << 20);
	for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
		struct random r = { seed * 77777 };
		uint32_t wanted = seed % 3 ? CLASSIC_ALL : random_u32(&r);
		uint64_t lost[2] = { 0, 0 };
		struct record_patch l;
		int n;

		batch_fill(batch, seed);
		record_patch_look(&l, batch, 0);
		usable += l.usable;
		like += l.usable && record_patch_is(&l, batch, 1, 0);
		buf_reset(&fast);
		buf_reset(&slow);
		n = v3_write(batch, wanted, &fast, &lost[0]);
		assert_int_equal(
		    n, write_each(batch, wanted, &slow, &lost[1]));
		assert_int_equal(lost[0], lost[1]);
		assert_int_equal(fast.len, slow.len);
		assert_memory_equal(fast.ptr, slow.ptr, fast.len);
	}
	/* The fast way was gone often, and not always. */
	assert_in_range(usable, ROUNDS / 10, ROUNDS - ROUNDS / 10);
	assert_in_range(like, ROUNDS / 20, usable - ROUNDS / 50);
	batch_free(batch);
	buf_fini(&fast);
	buf_fini(&slow);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_those_of_the_slow_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
