/* Bitmaps over rows: lib/base/bitmap.h, against a bool a row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../random.h"
#include "bitmap.h"

enum {
	BITS = 200,
	WORDS = (BITS + 63) / 64
};

struct model {
	uint64_t map[WORDS];
	bool bit[BITS];
};

static void
assert_same(const struct model *m)
{
	size_t count = 0, next = BITS;

	for (size_t i = 0; i < BITS; i++) {
		assert_int_equal(bitmap_test(m->map, i), m->bit[i]);
		count += m->bit[i];
	}
	for (size_t i = BITS; i < WORDS * 64; i++)
		assert_false(bitmap_test(m->map, i));
	assert_int_equal(bitmap_count(m->map, BITS), count);
	assert_int_equal(bitmap_any(m->map, BITS), count > 0);
	for (size_t i = BITS; i-- > 0;) {
		if (m->bit[i])
			next = i;
		assert_int_equal(bitmap_next(m->map, i, BITS), next);
	}
	assert_int_equal(bitmap_next(m->map, BITS, BITS), BITS);
}

static void
words_are_enough_for_the_bits(void **state)
{
	(void)state;
	assert_int_equal(bitmap_words(0), 0);
	assert_int_equal(bitmap_words(1), 1);
	assert_int_equal(bitmap_words(64), 1);
	assert_int_equal(bitmap_words(65), 2);
}

static void
low_bits_are_none_to_all(void **state)
{
	(void)state;
	assert_true(bitmap_low(0) == 0);
	assert_true(bitmap_low(1) == 1);
	assert_true(bitmap_low(63) == UINT64_MAX >> 1);
	assert_true(bitmap_low(64) == UINT64_MAX);
}

static void
single_bits_are_set_and_cleared(void **state)
{
	struct model m = { { 0 }, { false } };
	struct random r = { 1 };

	(void)state;
	assert_same(&m);
	for (unsigned k = 0; k < 500; k++) {
		size_t i = random_u32(&r) % BITS;

		m.bit[i] = !m.bit[i];
		if (m.bit[i])
			bitmap_set(m.map, i);
		else
			bitmap_clear(m.map, i);
		assert_same(&m);
	}
}

static void
every_range_is_set_and_cleared(void **state)
{
	(void)state;
	for (size_t first = 0; first < BITS; first += 3)
		for (size_t n = 0; first + n <= BITS; n += 5) {
			struct model m = { { 0 }, { false } };

			bitmap_set_range(m.map, first, n);
			for (size_t i = first; i < first + n; i++)
				m.bit[i] = true;
			assert_same(&m);
			assert_true(bitmap_full_range(m.map, first, n));
			if (n > 0) {
				bitmap_clear(m.map, first + n / 2);
				assert_false(
				    bitmap_full_range(m.map, first, n));
			}

			bitmap_set_range(m.map, 0, BITS);
			bitmap_clear_range(m.map, first, n);
			for (size_t i = 0; i < BITS; i++)
				m.bit[i] = i < first || i >= first + n;
			assert_same(&m);
		}
}

static void
a_range_is_or_ed_from_another_map(void **state)
{
	struct random r = { 2 };

	(void)state;
	for (unsigned k = 0; k < 500; k++) {
		struct model m = { { 0 }, { false } };
		uint64_t from[WORDS];
		size_t first = random_u32(&r) % BITS;
		size_t n = random_u32(&r) % (BITS - first + 1);

		for (size_t w = 0; w < WORDS; w++)
			from[w] = random_u64(&r);
		m.bit[7] = true;
		bitmap_set(m.map, 7);
		bitmap_or_range(m.map, from, first, n);
		for (size_t i = first; i < first + n; i++)
			m.bit[i] |= bitmap_test(from, i);
		assert_same(&m);
	}
}

static void
a_range_is_copied_to_the_begin_of_a_map(void **state)
{
	struct random r = { 3 };

	(void)state;
	for (unsigned k = 0; k < 500; k++) {
		uint64_t from[WORDS + 1], to[WORDS];
		size_t first = random_u32(&r) % BITS;
		size_t n = random_u32(&r) % (BITS - first + 1);

		for (size_t w = 0; w <= WORDS; w++)
			from[w] = random_u64(&r);
		bitmap_copy_range(to, from, first, n);
		for (size_t i = 0; i < 64 * bitmap_words(n); i++)
			assert_int_equal(bitmap_test(to, i),
			    i < n && bitmap_test(from, first + i));
	}
}

static void
octets_are_packed_to_a_word(void **state)
{
	struct random r = { 4 };

	(void)state;
	for (unsigned k = 0; k < 100; k++) {
		uint64_t want = random_u64(&r);
		uint8_t is[64];

		for (size_t i = 0; i < 64; i++)
			is[i] = want >> i & 1;
		assert_true(bitmap_pack(is) == want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_enough_for_the_bits),
		cmocka_unit_test(low_bits_are_none_to_all),
		cmocka_unit_test(single_bits_are_set_and_cleared),
		cmocka_unit_test(every_range_is_set_and_cleared),
		cmocka_unit_test(a_range_is_or_ed_from_another_map),
		cmocka_unit_test(a_range_is_copied_to_the_begin_of_a_map),
		cmocka_unit_test(octets_are_packed_to_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
