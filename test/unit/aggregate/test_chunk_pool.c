/* A pool of chunks: each is one's own, and what is given back is had again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chunk_pool.h"

enum {
	CHUNKS = 3000,
	THREADS = 4
};

static void
chunks_do_not_overlap(void **state)
{
	/* Of the last size there are not two in a slab, and less. */
	static const size_t octets[] = { 8, 10240, 5 << 20, 20 << 20 };
	static uint64_t *chunk[CHUNKS];

	(void)state;
	for (unsigned k = 0; k < 4; k++) {
		size_t n = k < 2 ? CHUNKS : 3;
		struct chunk_pool p;

		chunk_pool_init(&p, octets[k]);
		for (size_t i = 0; i < n; i++) {
			chunk[i] = chunk_pool_take(&p);
			assert_non_null(chunk[i]);
			chunk[i][0] = i;
			chunk[i][octets[k] / 8 - 1] = i;
		}
		for (size_t i = 0; i < n; i++)
			assert_true(chunk[i][octets[k] / 8 - 1] == i);
		chunk_pool_fini(&p);
	}
}

static void
what_is_given_back_is_had_again(void **state)
{
	uint64_t *a, *b;
	struct chunk_pool p;

	(void)state;
	chunk_pool_init(&p, 4096);
	a = chunk_pool_take(&p);
	b = chunk_pool_take(&p);
	assert_non_null(a);
	assert_non_null(b);
	chunk_pool_give(&p, a);
	chunk_pool_give(&p, b);
	assert_ptr_equal(chunk_pool_take(&p), b);
	assert_ptr_equal(chunk_pool_take(&p), a);
	chunk_pool_fini(&p);
}

/* Take and give back, and nobody else writes to what one has. */
static void *
use_chunks(void *arg)
{
	struct chunk_pool *p = arg;
	uint64_t *chunk[8];

	for (unsigned round = 0; round < 500; round++) {
		for (unsigned i = 0; i < 8; i++) {
			chunk[i] = chunk_pool_take(p);
			if (chunk[i] == NULL)
				return arg;
			memset(chunk[i], (int)(i + round), 512);
		}
		for (unsigned i = 0; i < 8; i++) {
			if (((uint8_t *)chunk[i])[511] != (uint8_t)(i + round))
				return arg;
			chunk_pool_give(p, chunk[i]);
		}
	}
	return NULL;
}

static void
threads_share_a_pool(void **state)
{
	pthread_t thread[THREADS];
	struct chunk_pool p;
	void *bad;

	(void)state;
	chunk_pool_init(&p, 512);
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(
		    pthread_create(&thread[i], NULL, use_chunks, &p), 0);
	for (unsigned i = 0; i < THREADS; i++) {
		(void)pthread_join(thread[i], &bad);
		assert_null(bad);
	}
	chunk_pool_fini(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chunks_do_not_overlap),
		cmocka_unit_test(what_is_given_back_is_had_again),
		cmocka_unit_test(threads_share_a_pool),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
