/* Values of variable length: each has one number, and stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "octets_pool.h"

enum {
	VALUES = 5000
};

/* Values of any length, of which none begins as another one ends. */
static struct bytes
value_of(unsigned n, char text[64])
{
	int len = snprintf(text, 64, "%u.%*u", n, (int)(n % 40) + 1, n);

	return (struct bytes){ (const uint8_t *)text, (size_t)len };
}

static void
a_value_has_one_number(void **state)
{
	struct group_memory memory = { .max = 0 };
	struct octets_pool pool;
	struct bytes first;
	uint32_t number;
	char text[64];

	(void)state;
	assert_true(octets_pool_init(&pool, &memory, 1));
	assert_true(octets_pool_put(
	    &pool, (struct bytes){ NULL, 0 }, &number));
	assert_int_equal(number, 0);
	first = octets_pool_get(&pool, 0);
	assert_int_equal(first.len, 0);
	for (unsigned round = 0; round < 2; round++)
		for (unsigned n = 1; n < VALUES; n++) {
			assert_true(octets_pool_put(
			    &pool, value_of(n, text), &number));
			assert_int_equal(number, n);
		}
	assert_int_equal(pool.n, VALUES);
	for (unsigned n = 1; n < VALUES; n++)
		assert_int_equal(octets_compare(octets_pool_get(&pool, n),
				     value_of(n, text)),
		    0);
	octets_pool_fini(&pool);
}

static void
values_stay_where_they_are(void **state)
{
	struct group_memory memory = { .max = 0 };
	struct octets_pool pool;
	struct bytes first;
	uint32_t number;
	char text[64];

	(void)state;
	assert_true(octets_pool_init(&pool, &memory, 1));
	assert_true(octets_pool_put(&pool, value_of(1, text), &number));
	first = octets_pool_get(&pool, 0);
	for (unsigned n = 2; n < VALUES; n++)
		assert_true(
		    octets_pool_put(&pool, value_of(n, text), &number));
	assert_ptr_equal(octets_pool_get(&pool, 0).ptr, first.ptr);
	octets_pool_fini(&pool);
}

static void
memory_is_bounded(void **state)
{
	struct group_memory memory = { .max = 64 * 1024 };
	struct octets_pool pool;
	uint32_t number;
	char text[64];
	unsigned n = 0;

	(void)state;
	assert_true(octets_pool_init(&pool, &memory, 1));
	while (octets_pool_put(&pool, value_of(n, text), &number))
		n++;
	assert_in_range(n, 100, 2000);
	assert_true(memory.used <= memory.max);
	assert_true(octets_pool_put(&pool, value_of(7, text), &number));
	assert_int_equal(number, 7);
	octets_pool_fini(&pool);
}

static void
octets_are_in_order(void **state)
{
	const struct bytes a = { (const uint8_t *)"a", 1 };
	const struct bytes ab = { (const uint8_t *)"ab", 2 };
	const struct bytes b = { (const uint8_t *)"b", 1 };
	const struct bytes none = { NULL, 0 };

	(void)state;
	assert_true(octets_compare(a, ab) < 0);
	assert_true(octets_compare(b, ab) > 0);
	assert_true(octets_compare(none, a) < 0);
	assert_int_equal(octets_compare(ab, ab), 0);
	assert_int_equal(octets_compare(none, none), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_has_one_number),
		cmocka_unit_test(values_stay_where_they_are),
		cmocka_unit_test(memory_is_bounded),
		cmocka_unit_test(octets_are_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
