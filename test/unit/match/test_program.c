/*
 * Expressions compiled to programs, beside the same expressions a row at a
 * time: program.c, expr.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../random.h"
#include "program.h"

enum { ROWS = 200, ROUNDS = 300, DEPTH = 5 };

static struct expr *
random_leaf(struct random *r, struct arena *arena)
{
	struct expr *e = arena_calloc(arena, 1, sizeof(*e));

	assert_non_null(e);
	switch (random_u32(r) % 3) {
	case 0:
		e->kind = EXPR_TRUE;
		break;
	case 1:
		e->kind = EXPR_HAS;
		e->col = COL_octets;
		break;
	default:
		e->kind = EXPR_RANGE;
		e->col = COL_dst_port;
		e->lo = random_u32(r) % 50;
		e->hi = e->lo + random_u32(r) % 50;
		break;
	}
	return e;
}

static struct expr *
random_expr(struct random *r, struct arena *arena, unsigned depth)
{
	struct expr *e;

	if (depth == 0 || random_u32(r) % 4 == 0)
		return random_leaf(r, arena);
	e = arena_calloc(arena, 1, sizeof(*e));
	assert_non_null(e);
	e->kind = (enum expr_kind[]){ EXPR_NOT, EXPR_AND,
		EXPR_OR }[random_u32(r) % 3];
	e->left = random_expr(r, arena, depth - 1);
	if (e->kind != EXPR_NOT)
		e->right = random_expr(r, arena, depth - 1);
	return e;
}

static struct batch *
random_batch(struct random *r)
{
	struct batch *batch = batch_new(256);

	assert_non_null(batch);
	(void)batch_append(batch, ROWS);
	for (size_t row = 0; row < ROWS; row++) {
		if (random_u32(r) % 4 > 0)
			batch_set_uint(
			    batch, COL_dst_port, row, random_u32(r) % 100);
		if (random_u32(r) % 2 > 0)
			batch_set_uint(batch, COL_octets, row, 1);
	}
	return batch;
}

static void
programs_match_as_expressions_do(void **state)
{
	struct random r = { 1 };
	struct match_batch match;
	struct batch *batch = random_batch(&r);
	uint64_t out[MATCH_WORDS];

	(void)state;
	assert_true(match_batch_init(&match, 0));
	match_batch_begin(&match, batch);
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct program program;
		struct arena arena;
		struct expr *e;

		arena_init(&arena, 1024 * 1024);
		e = random_expr(&r, &arena, DEPTH);
		assert_true(program_compile(&program, &arena, e));
		program_run(&program, &match, out);
		for (size_t row = 0; row < ROWS; row++)
			if (bitmap_test(out, row) !=
			    expr_row(e, &match, row))
				fail_msg("round %u, row %zu", i, row);
		assert_int_equal(out[ROWS / 64] >> ROWS % 64, 0);
		arena_fini(&arena);
	}
	match_batch_fini(&match);
	batch_free(batch);
}

static void
leaves_are_equal_if_they_test_the_same(void **state)
{
	struct expr a = { .kind = EXPR_RANGE, .col = COL_octets, .lo = 1,
		.hi = 2 };
	struct expr b = a;

	(void)state;
	assert_true(expr_leaf_equal(&a, &b));
	b.hi = 3;
	assert_false(expr_leaf_equal(&a, &b));
	b = a;
	b.col = COL_packets;
	assert_false(expr_leaf_equal(&a, &b));
	b.kind = EXPR_HAS;
	assert_false(expr_leaf_equal(&a, &b));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs_match_as_expressions_do),
		cmocka_unit_test(leaves_are_equal_if_they_test_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
