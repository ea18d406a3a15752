/* Expressions and their macros: expression.c, filter.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../syntax/collect.h"
#include "expression.h"

struct fixture {
	struct filter filter;
	struct source src;
	struct collected got;
};

static int
setup(void **state)
{
	static struct fixture f;

	*state = &f;
	return filter_init(&f.filter);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	filter_fini(&f->filter);
	return 0;
}

static int
expression_of(struct fixture *f, const char *text)
{
	collected_init(&f->got);
	f->src = source_of_text("-e", bytes_of_text(text));
	return expression_parse(&f->filter, &f->src, &f->got.sink);
}

static void
an_expression_is_a_rule_that_discards_the_rest(void **state)
{
	struct fixture *f = *state;
	const struct rule *rule;

	assert_int_equal(expression_of(f, "proto tcp\nand octets > 1M"), 0);
	rule = f->filter.rules;
	assert_non_null(rule);
	assert_null(rule->next);
	assert_true(rule->discard);
	assert_true(rule->quick);
	assert_int_equal(rule->cond->kind, COND_NOT);
	assert_int_equal(rule->cond->left->kind, COND_AND);
}

static void
expressions_keep_their_order(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(expression_of(f, "proto tcp"), 0);
	assert_int_equal(expression_of(f, "proto udp"), 0);
	assert_non_null(f->filter.rules->next);
	assert_ptr_equal(f->filter.last_rule, &f->filter.rules->next->next);
}

static void
an_expression_with_an_error_adds_no_rule(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(expression_of(f, "proto tcp 80"), FLOWD_EINVAL);
	assert_int_equal(f->got.sink.count, 1);
	assert_int_equal(f->got.column, 11);
	assert_int_equal(expression_of(f, "accept proto tcp"), FLOWD_EINVAL);
	assert_int_equal(expression_of(f, "src <lan>"), FLOWD_EINVAL);
	assert_null(f->filter.rules);
}

static void
times_are_relative_to_now_when_there_is_one(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(expression_of(f, "flow_end > -15m"), FLOWD_EINVAL);
	f->filter.now_ns = INT64_C(1795428330500000000);
	assert_int_equal(expression_of(f, "flow_end > -15m"), 0);
}

static void
definitions_need_a_name_and_a_value(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(filter_define(&f->filter, "lan"), FLOWD_EINVAL);
	assert_int_equal(filter_define(&f->filter, "=1"), FLOWD_EINVAL);
	assert_int_equal(filter_define(&f->filter, "lan=10.0.0.1"), 0);
	assert_int_equal(expression_of(f, "src $lan"), 0);
	assert_int_equal(expression_of(f, "src $wan"), FLOWD_EINVAL);
	assert_string_equal(f->got.text, "1: macro \"wan\" not defined\n");
}

static void
memory_has_a_maximum(void **state)
{
	struct fixture *f = *state;

	f->filter.arena.max = 100;
	assert_int_equal(
	    expression_of(f, "proto tcp and octets > 1M"), FLOWD_ENOMEM);
	assert_null(f->filter.rules);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_expression_is_a_rule_that_discards_the_rest),
		TEST(expressions_keep_their_order),
		TEST(an_expression_with_an_error_adds_no_rule),
		TEST(times_are_relative_to_now_when_there_is_one),
		TEST(definitions_need_a_name_and_a_value),
		TEST(memory_has_a_maximum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
