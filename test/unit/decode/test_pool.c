/* Pools: the victim when they are full. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pool.h"

enum {
	USAGES = 8
};

static struct pool pool;
static struct pool_usage usage[USAGES];

static int
pool_setup(void **unused)
{
	(void)unused;
	pool_init(&pool, 1000);
	for (int i = 0; i < USAGES; i++)
		pool_usage_init(&usage[i], NULL);
	return 0;
}

static void
pool_adds_up(void **unused)
{
	(void)unused;
	pool_add(&pool, &usage[0], 300);
	pool_add(&pool, &usage[1], 700);
	assert_false(pool_has_room(&pool, &usage[0], 1));
	pool_sub(&pool, &usage[1], 200);
	assert_int_equal(pool.amount, 800);
	assert_true(pool_has_room(&pool, &usage[0], 200));
	assert_false(pool_has_room(&pool, &usage[0], 201));
	assert_false(pool_has_room(&pool, &usage[0], SIZE_MAX));
	pool_sub(&pool, &usage[0], 300);
	pool_sub(&pool, &usage[1], 500);
	assert_int_equal(pool.amount, 0);
	assert_int_equal(pool.filled[RANK_STRANGER], 0);
}

static void
pool_lets_the_biggest_pay(void **unused)
{
	(void)unused;
	pool_add(&pool, &usage[0], 100);
	pool_add(&pool, &usage[1], 600);
	pool_add(&pool, &usage[2], 300);
	assert_ptr_equal(pool_victim(&pool, &usage[3], 50), &usage[1]);
	assert_ptr_equal(pool_victim(&pool, &usage[0], 50), &usage[1]);
	/* The largest user pays itself. */
	assert_ptr_equal(pool_victim(&pool, &usage[1], 50), &usage[1]);
	assert_ptr_equal(pool_victim(&pool, &usage[2], 300), &usage[2]);
}

static void
pool_spares_the_higher_rank(void **unused)
{
	(void)unused;
	pool_add(&pool, &usage[0], 800);
	pool_rank(&pool, &usage[0], RANK_SETTLED);
	pool_add(&pool, &usage[1], 10);
	pool_add(&pool, &usage[2], 190);
	pool_rank(&pool, &usage[2], RANK_NEWCOMER);
	/* The lowest rank pays, however little it uses. */
	assert_ptr_equal(pool_victim(&pool, &usage[0], 10), &usage[1]);
	assert_ptr_equal(pool_victim(&pool, &usage[2], 10), &usage[1]);
	pool_sub(&pool, &usage[1], 10);
	assert_ptr_equal(pool_victim(&pool, &usage[0], 10), &usage[2]);
	/* A stranger takes nothing from others, and has nothing itself. */
	assert_null(pool_victim(&pool, &usage[1], 10));
	assert_ptr_equal(pool_victim(&pool, &usage[2], 10), &usage[2]);
}

/* An eighth of it. */
static void
pool_keeps_a_share_for_the_unsettled(void **unused)
{
	(void)unused;
	pool_rank(&pool, &usage[0], RANK_SETTLED);
	pool_rank(&pool, &usage[1], RANK_SETTLED);
	assert_true(pool_has_room(&pool, &usage[0], 875));
	assert_false(pool_has_room(&pool, &usage[0], 876));
	assert_null(pool_victim(&pool, &usage[0], 876));
	pool_add(&pool, &usage[0], 800);
	pool_add(&pool, &usage[1], 75);
	/* Settled ones pay each other for more. */
	assert_false(pool_has_room(&pool, &usage[1], 1));
	assert_ptr_equal(pool_victim(&pool, &usage[1], 1), &usage[0]);
	assert_ptr_equal(pool_victim(&pool, &usage[0], 1), &usage[0]);
	assert_true(pool_has_room(&pool, &usage[2], 125));
	pool_add(&pool, &usage[2], 125);
	assert_ptr_equal(pool_victim(&pool, &usage[3], 1), &usage[2]);
	/* An exporter that settles keeps what it uses. */
	pool_rank(&pool, &usage[2], RANK_SETTLED);
	assert_int_equal(pool.settled, 1000);
	assert_ptr_equal(pool_victim(&pool, &usage[3], 1), &usage[0]);
}

static void
pool_refuses_what_can_never_fit(void **unused)
{
	(void)unused;
	pool_add(&pool, &usage[0], 10);
	assert_null(pool_victim(&pool, &usage[1], 1001));
	assert_null(pool_victim(&pool, &usage[1], SIZE_MAX));
}

/* Whatever happens, victims free the pool and its sums are right. */
static void
pool_stays_within_its_limit(void **unused)
{
	uint32_t random = 1;

	(void)unused;
	for (int i = 0; i < 100000; i++) {
		struct pool_usage *s = &usage[(random >> 8) % USAGES], *victim;
		size_t n = 1 + (random >> 16) % 400, sum = 0;

		random = random * 1664525 + 1013904223;
		if (random >> 29 == 0)
			pool_rank(&pool, s, (enum rank)((random >> 4) % RANKS));
		while (!pool_has_room(&pool, s, n)) {
			victim = pool_victim(&pool, s, n);
			if (victim == NULL)
				break;
			assert_true(victim->amount > 0);
			assert_true(victim->rank <= s->rank ||
			    pool.settled > pool.settled_limit);
			pool_sub(&pool, victim, victim->amount < 50
				? victim->amount : 50);
		}
		if (pool_has_room(&pool, s, n))
			pool_add(&pool, s, n);
		for (int k = 0; k < USAGES; k++)
			sum += usage[k].amount;
		assert_int_equal(sum, pool.amount);
		assert_true(sum <= 1000);
	}
}

#define TEST(name) cmocka_unit_test_setup(name, pool_setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pool_adds_up),
		TEST(pool_lets_the_biggest_pay),
		TEST(pool_spares_the_higher_rank),
		TEST(pool_keeps_a_share_for_the_unsettled),
		TEST(pool_refuses_what_can_never_fit),
		TEST(pool_stays_within_its_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
