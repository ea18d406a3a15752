/*
 * Keys as words: what is packed comes out again, plain and general keys, and
 * different keys are different words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../random.h"
#include "key_layout.h"

enum {
	KEYS = 3000
};

/* A key of parts of any kind and width. */
static struct key
random_key(struct random *r)
{
	static const uint8_t bits[] = { 3, 5, 8, 16, 24, 32, 48, 64 };
	struct key key = { .nparts = random_u32(r) % KEY_PARTS + 1,
		.unordered = -1 };

	for (unsigned i = 0; i < key.nparts; i++) {
		bool addr = random_u32(r) % 3 == 0;

		key.part[i].type = addr ? KEY_ADDR : KEY_UINT;
		key.part[i].bits = addr ? 0 : bits[random_u32(r) % 8];
	}
	return key;
}

static struct key_value
random_value(struct random *r, const struct key_part *p, bool plain)
{
	struct key_value v = { .presence = KEY_PLAIN };
	unsigned what = plain ? 2 : random_u32(r) % 3;
	unsigned bits = p->type == KEY_ADDR ? 32 : p->bits;

	if (what == 0)
		return (struct key_value){ .presence = KEY_ABSENT };
	if (what == 1 && p->type == KEY_ADDR)
		return (struct key_value){ KEY_V6, random_bits(r),
			random_bits(r) };
	v.lo = random_u32(r) % 8 == 0 ? UINT64_MAX : random_bits(r);
	if (bits < 64)
		v.lo &= (UINT64_C(1) << bits) - 1;
	return v;
}

static void
assert_unpacked(const struct key_layout *l, bool general,
    const uint64_t *words, const struct key_value *value)
{
	for (unsigned i = 0; i < l->nparts; i++) {
		struct key_value got = key_unpack(l, general, words, i);

		assert_int_equal(got.presence, value[i].presence);
		assert_true(got.lo == value[i].lo);
		assert_true(got.hi == value[i].hi);
	}
}

static void
check_random_keys(bool plain)
{
	struct random r = { 1 };

	for (unsigned n = 0; n < KEYS; n++) {
		struct key key = random_key(&r);
		struct key_value value[KEY_PARTS] = { { 0, 0, 0 } };
		uint64_t words[KEY_WORDS + 1];
		struct key_layout l;
		unsigned nwords;

		key_layout_init(&l, &key);
		nwords = plain ? l.plain_words : l.general_words;
		assert_in_range(nwords, 1, KEY_WORDS);
		memset(words, 0xa5, sizeof(words));
		for (unsigned i = 0; i < key.nparts; i++)
			value[i] = random_value(&r, &key.part[i], plain);
		if (plain)
			key_pack_plain(&l, value, words);
		else
			key_pack_general(&l, value, words);
		assert_unpacked(&l, !plain, words, value);
		/* So many words, and no more, are written. */
		assert_true(words[nwords] == UINT64_C(0xa5a5a5a5a5a5a5a5));
	}
}

static void
plain_keys_come_out_as_they_went_in(void **state)
{
	(void)state;
	check_random_keys(true);
}

static void
general_keys_come_out_as_they_went_in(void **state)
{
	(void)state;
	check_random_keys(false);
}

/* Values that differ in one bit are other words. */
static void
different_keys_are_different_words(void **state)
{
	struct random r = { 2 };

	(void)state;
	for (unsigned n = 0; n < KEYS; n++) {
		struct key key = random_key(&r);
		struct key_value value[KEY_PARTS] = { { 0, 0, 0 } };
		uint64_t a[KEY_WORDS], b[KEY_WORDS];
		unsigned part = random_u32(&r) % key.nparts;
		unsigned bits = key.part[part].type == KEY_ADDR
		    ? 32
		    : key.part[part].bits;
		struct key_layout l;

		key_layout_init(&l, &key);
		for (unsigned i = 0; i < key.nparts; i++)
			value[i] = random_value(&r, &key.part[i], true);
		key_pack_plain(&l, value, a);
		key_pack_general(&l, value, b);
		value[part].lo ^= UINT64_C(1) << random_u32(&r) % bits;
		{
			uint64_t c[KEY_WORDS], d[KEY_WORDS];

			key_pack_plain(&l, value, c);
			key_pack_general(&l, value, d);
			assert_memory_not_equal(a, c, l.plain_words * 8);
			assert_memory_not_equal(b, d, l.general_words * 8);
		}
	}
}

static void
absent_zero_and_ipv6_zero_differ(void **state)
{
	static const struct key_value values[] = { { KEY_ABSENT, 0, 0 },
		{ KEY_PLAIN, 0, 0 }, { KEY_V6, 0, 0 } };
	struct key key = { .nparts = 1, .unordered = -1 };
	uint64_t words[3][KEY_WORDS];
	struct key_layout l;

	(void)state;
	key.part[0].type = KEY_ADDR;
	key_layout_init(&l, &key);
	for (unsigned i = 0; i < 3; i++)
		key_pack_general(&l, &values[i], words[i]);
	for (unsigned i = 0; i < 3; i++)
		assert_memory_not_equal(
		    words[i], words[(i + 1) % 3], l.general_words * 8);
}

static void
two_addresses_are_one_word(void **state)
{
	struct key key = { .nparts = 2, .unordered = -1 };
	struct key_layout l;

	(void)state;
	key.part[0].type = key.part[1].type = KEY_ADDR;
	key_layout_init(&l, &key);
	assert_int_equal(l.plain_words, 1);
	key.nparts = 0;
	key_layout_init(&l, &key);
	assert_int_equal(l.plain_words, 1);
	assert_int_equal(l.general_words, 1);
}

static void
absent_is_first_then_integers_then_ipv6(void **state)
{
	static const struct key_value ascending[] = { { KEY_ABSENT, 0, 0 },
		{ KEY_PLAIN, 0, 0 }, { KEY_PLAIN, 1, 0 },
		{ KEY_PLAIN, UINT64_MAX, 0 }, { KEY_V6, 0, 0 },
		{ KEY_V6, UINT64_MAX, 0 }, { KEY_V6, 0, 1 },
		{ KEY_V6, 0, UINT64_MAX }, { KEY_V6, 1, UINT64_MAX } };
	const int n = sizeof(ascending) / sizeof(ascending[0]);

	(void)state;
	for (int i = 0; i < n; i++)
		for (int k = 0; k < n; k++) {
			int c = key_value_compare(&ascending[i], &ascending[k]);

			assert_int_equal(c < 0, i < k);
			assert_int_equal(c > 0, i > k);
		}
}

/* A log may have more bits than a value may; those of other parts stay. */
static void
values_that_are_too_wide_stay_in_their_part(void **state)
{
	struct random r = { 4 };

	(void)state;
	for (unsigned n = 0; n < KEYS; n++) {
		struct key key = random_key(&r);
		struct key_value value[KEY_PARTS] = { { 0, 0, 0 } };
		uint64_t words[KEY_WORDS + 1];
		struct key_layout l;
		unsigned wide = random_u32(&r) % key.nparts;

		key_layout_init(&l, &key);
		for (unsigned i = 0; i < key.nparts; i++)
			value[i] = random_value(&r, &key.part[i], true);
		value[wide].lo = UINT64_MAX;
		key_pack_plain(&l, value, words);
		value[wide].lo = key_mask(&l, wide);
		assert_unpacked(&l, false, words, value);
		value[wide].lo = UINT64_MAX;
		key_pack_general(&l, value, words);
		value[wide].lo = key_mask(&l, wide);
		assert_unpacked(&l, true, words, value);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_that_are_too_wide_stay_in_their_part),
		cmocka_unit_test(plain_keys_come_out_as_they_went_in),
		cmocka_unit_test(general_keys_come_out_as_they_went_in),
		cmocka_unit_test(different_keys_are_different_words),
		cmocka_unit_test(absent_zero_and_ipv6_zero_differ),
		cmocka_unit_test(two_addresses_are_one_word),
		cmocka_unit_test(absent_is_first_then_integers_then_ipv6),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
