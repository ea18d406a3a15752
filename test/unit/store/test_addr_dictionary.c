/* The addresses of a block: each once, with its number, and sorted then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../random.h"
#include "addr_dictionary.h"

enum {
	PUTS = 60000,
	DIFFERENT = 20000
};

/* Address i of those that are put; of both families. */
static struct addr
addr_number(uint32_t i)
{
	uint64_t h = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);

	return i % 3 == 0 ? addr_from_v6((struct addr6){ h >> 40, h })
			  : addr_from_v4((uint32_t)(h >> 32));
}

static uint32_t
put_addr(struct addr_dictionary *pool, const struct addr *a)
{
	assert_true(addr_dictionary_reserve(pool, 1));
	return a->family == ADDR_V4 ? addr_dictionary_put4(pool, a->v4)
				    : addr_dictionary_put6(pool, a->v6);
}

/* The address in this place, when the pool is sorted. */
static struct addr
addr_sorted(const struct addr_dictionary *pool, uint32_t place)
{
	if (place < pool->v4.n)
		return addr_from_v4(pool->addr4[place]);
	return addr_from_v6(pool->addr6[place - pool->v4.n]);
}

static void
check_order(const struct addr_dictionary *pool)
{
	for (size_t i = 1; i < pool->v4.n; i++)
		assert_true(pool->addr4[i - 1] < pool->addr4[i]);
	for (size_t i = 1; i < pool->v6.n; i++) {
		struct addr6 a = pool->addr6[i - 1], b = pool->addr6[i];

		assert_true(a.hi < b.hi || (a.hi == b.hi && a.lo < b.lo));
	}
}

static void
addr_dictionary_numbers_addresses_and_sorts_them(void **unused)
{
	static uint32_t number[DIFFERENT], seen[PUTS], which[PUTS];
	struct random r = { 8 };
	struct addr_dictionary pool;

	(void)unused;
	assert_true(addr_dictionary_init(&pool, 1));
	for (unsigned round = 0; round < 3; round++) {
		memset(number, 0, sizeof(number));
		for (size_t i = 0; i < PUTS; i++) {
			struct addr a;

			which[i] = random_u32(&r) % DIFFERENT;
			a = addr_number(which[i]);
			seen[i] = put_addr(&pool, &a);
			if (number[which[i]] == 0)
				number[which[i]] = seen[i] + 1;
			assert_int_equal(seen[i] + 1, number[which[i]]);
		}
		assert_true(addr_dictionary_sort(&pool));
		check_order(&pool);
		for (size_t i = 0; i < PUTS; i++) {
			struct addr want = addr_number(which[i]);
			struct addr got =
			    addr_sorted(&pool, pool.rank[seen[i]]);

			assert_true(addr_equal(&got, &want));
		}
		addr_dictionary_reset(&pool);
	}
	addr_dictionary_fini(&pool);
}

static void
addr_dictionary_takes_runs(void **unused)
{
	uint32_t v4[1000], numbers[1000];
	struct random r = { 9 };
	struct addr_dictionary pool;

	(void)unused;
	assert_true(addr_dictionary_init(&pool, 1));
	assert_true(addr_dictionary_reserve(&pool, 1000));
	for (size_t i = 0; i < 1000; i++)
		v4[i] = random_u32(&r) % 100 / 3;
	addr_dictionary_put4_run(&pool, v4, 1000, numbers);
	for (size_t i = 0; i < 1000; i++) {
		assert_int_equal(
		    addr_dictionary_put4(&pool, v4[i]), numbers[i]);
		assert_int_equal(pool.addr4[numbers[i]], v4[i]);
	}
	addr_dictionary_fini(&pool);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    addr_dictionary_numbers_addresses_and_sorts_them),
		cmocka_unit_test(addr_dictionary_takes_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
