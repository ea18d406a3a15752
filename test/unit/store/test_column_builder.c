/*
 * Values of a column on their way into a block: however they are kept, all of
 * them come back, with their range; and what stays the same is not written
 * out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../random.h"
#include "column_builder.h"

enum {
	ROUNDS = 300,
	SLICE = 2048,
	N = 6 * SLICE
};

/* Integers as they lie in a batch. */
struct slice {
	union {
		uint8_t u8[SLICE];
		uint16_t u16[SLICE];
		uint32_t u32[SLICE];
		uint64_t u64[SLICE];
	};
};

static struct values
slice_of(struct slice *s, const uint64_t *v, size_t n, unsigned width)
{
	for (size_t i = 0; i < n; i++) {
		if (width == 1)
			s->u8[i] = (uint8_t)v[i];
		else if (width == 2)
			s->u16[i] = (uint16_t)v[i];
		else if (width == 4)
			s->u32[i] = (uint32_t)v[i];
		else
			s->u64[i] = v[i];
	}
	return (struct values){ .n = n, .width = width, .any = s };
}

static uint64_t
value_narrowed(uint64_t v, unsigned width)
{
	return width == 8 ? v : v & ((UINT64_C(1) << 8 * width) - 1);
}

/* Constant, in runs, small or any; another kind from some row on. */
static void
values_draw(struct random *r, uint64_t *v, size_t n, unsigned width)
{
	uint64_t last = random_bits(r);

	for (size_t at = 0; at < n;) {
		size_t end = at + 1 + random_u32(r) % n;
		unsigned kind = random_u32(r) % 4;

		for (; at < n && at < end; at++) {
			if (kind == 3 ||
			    (kind == 1 && random_u32(r) % 30 == 0))
				last = random_bits(r);
			else if (kind == 2)
				last = random_u32(r) % 1000;
			v[at] = value_narrowed(last, width);
		}
	}
}

static bool
builder_less(const struct column_builder *c, uint64_t a, uint64_t b)
{
	return c->is_time ? (int64_t)a < (int64_t)b : a < b;
}

static void
builder_check(struct column_builder *c, const uint64_t *v, size_t n)
{
	uint64_t min = v[0], max = v[0];
	struct values got;

	for (size_t i = 0; i < n; i++) {
		min = builder_less(c, v[i], min) ? v[i] : min;
		max = builder_less(c, max, v[i]) ? v[i] : max;
	}
	assert_int_equal(c->n, n);
	assert_true(c->min == min && c->max == max);
	assert_true(column_builder_materialize(c));
	assert_int_equal(c->as, COLUMN_ARRAY);
	got = column_builder_values(c);
	assert_true(got.min == min && got.max == max);
	for (size_t i = 0; i < n; i++)
		assert_true(values_at(&got, i) == v[i]);
}

static void
column_builder_gives_back_every_value(void **unused)
{
	static uint64_t v[N];
	static struct slice s;
	struct random r = { 31 };

	(void)unused;
	for (unsigned round = 0; round < ROUNDS; round++) {
		unsigned width = 1U << round % 4;
		size_t n = 1 + random_u32(&r) % N;
		struct column_builder c;

		column_builder_init(
		    &c, width, width == 8 && round % 8 == 7, false);
		for (unsigned block = 0; block < 2; block++) {
			values_draw(&r, v, n, width);
			for (size_t at = 0, some; at < n; at += some) {
				struct values in;

				some = 1 + random_u32(&r) % SLICE;
				some = some < n - at ? some : n - at;
				in = slice_of(&s, v + at, some, width);
				assert_true(column_builder_add(&c, &in));
			}
			builder_check(&c, v, n);
			column_builder_reset(&c);
		}
		column_builder_fini(&c);
	}
}

/* n rows with a value of row / run. */
static void
add_runs(struct column_builder *c, size_t n, size_t run)
{
	static uint64_t v[SLICE];
	static struct slice s;
	struct values in;

	for (size_t i = 0; i < n; i++)
		v[i] = 1000 + i / run;
	in = slice_of(&s, v, n, 4);
	assert_true(column_builder_add(c, &in));
}

static void
column_builder_does_not_write_out_what_stays(void **unused)
{
	struct column_builder c;

	(void)unused;
	column_builder_init(&c, 4, false, false);
	add_runs(&c, SLICE, SLICE);
	add_runs(&c, SLICE, SLICE);
	assert_int_equal(c.as, COLUMN_CONSTANT);
	assert_int_equal(c.first, 1000);
	add_runs(&c, SLICE, 30);
	assert_int_equal(c.as, COLUMN_RUNS);
	assert_null(c.any);
	add_runs(&c, SLICE, 1);
	assert_int_equal(c.as, COLUMN_ARRAY);
	assert_int_equal(c.u32[2 * SLICE - 1], 1000);
	assert_int_equal(c.u32[2 * SLICE + 30], 1001);
	assert_int_equal(c.u32[3 * SLICE + 30], 1030);
	column_builder_fini(&c);
}

static void
column_builder_keeps_counters_narrow_while_they_are(void **unused)
{
	static uint64_t v[SLICE];
	static struct slice s;
	struct column_builder c;
	struct values in;

	(void)unused;
	for (size_t i = 0; i < SLICE; i++)
		v[i] = UINT32_MAX - i;
	column_builder_init(&c, 8, false, false);
	in = slice_of(&s, v, SLICE, 8);
	assert_true(column_builder_add(&c, &in));
	assert_int_equal(c.width, 4);
	v[7] = UINT64_C(1) << 32;
	in = slice_of(&s, v, SLICE, 8);
	assert_true(column_builder_add(&c, &in));
	assert_int_equal(c.width, 8);
	assert_true(c.u64[7] == UINT32_MAX - 7);
	assert_true(c.u64[SLICE + 7] == UINT64_C(1) << 32);
	column_builder_fini(&c);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(column_builder_gives_back_every_value),
		cmocka_unit_test(column_builder_does_not_write_out_what_stays),
		cmocka_unit_test(
		    column_builder_keeps_counters_narrow_while_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
