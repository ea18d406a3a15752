/* Lists of addresses: lib/filter/address_list.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../syntax/collect.h"
#include "address_list.h"
#include "parse.h"

/* The rule "accept src LIST", with tables. */
struct fixture {
	struct filter filter;
	struct ast ast;
	struct source src;
	struct collected got;
	struct prefix_list list;
};

static const char text[] =
    "table <lan> { 10/8, fd00::/8 }\n"
    "table <guests> { 10.9/16 }\n"
    "accept src { 192.0.2.0/24, ! 192.0.2.128/25, <lan>, ! <guests> }\n";

static int
setup(void **state)
{
	static struct fixture f;

	*state = &f;
	if (filter_init(&f.filter) != 0)
		return -1;
	ast_init(&f.ast, &f.filter);
	collected_init(&f.got);
	f.src = source_of_text("t.conf", bytes_of_text(text));
	prefix_list_init(&f.list, TABLE_PREFIXES_MAX);
	return parse_config(&f.ast, &f.src, &f.got.sink) != 0 ||
	    prefix_tables_load(f.filter.tables, &f.got.sink) != 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	prefix_list_fini(&f->list);
	filter_fini(&f->filter);
	return 0;
}

static const struct filter_value *
values_of(const struct fixture *f)
{
	return f->filter.rules->cond->term->values;
}

static bool
set_has(const struct prefix_set *set, const char *address)
{
	struct addr a;

	assert_int_equal(addr_parse(address, &a), 0);
	return prefix_set_has(set, &a);
}

static void
set_has_prefixes_and_tables_without_exceptions(void **state)
{
	struct fixture *f = *state;
	struct prefix_set set;

	assert_int_equal(filter_value_set(values_of(f), &f->list, &set), 0);
	assert_true(set_has(&set, "192.0.2.127"));
	assert_false(set_has(&set, "192.0.2.128"));
	assert_true(set_has(&set, "10.8.255.255"));
	assert_false(set_has(&set, "10.9.0.1"));
	assert_true(set_has(&set, "10.10.0.0"));
	assert_true(set_has(&set, "fd00::1"));
	assert_false(set_has(&set, "172.16.0.1"));
	prefix_set_fini(&set);
}

static void
set_of_too_many_prefixes_is_refused(void **state)
{
	struct fixture *f = *state;
	struct prefix_set set;

	prefix_list_fini(&f->list);
	prefix_list_init(&f->list, 1);
	assert_int_equal(filter_value_set(values_of(f), &f->list, &set),
	    FLOWD_ERANGE);
	assert_int_equal(set.v4.n, 0);
	assert_int_equal(set.v6.n, 0);
}

static void
values_are_printed_one_by_one(void **state)
{
	static const char *const want[] = { "192.0.2.0/24",
		"! 192.0.2.128/25", "<lan>", "! <guests>" };
	struct fixture *f = *state;
	const struct filter_value *v = values_of(f);
	struct buf out;

	buf_init(&out, 1024);
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_non_null(v);
		buf_reset(&out);
		filter_value_print_address(v, &out);
		buf_append_char(&out, '\0');
		assert_true(buf_ok(&out));
		assert_string_equal((const char *)out.ptr, want[i]);
		v = v->next;
	}
	assert_null(v);
	buf_fini(&out);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(set_has_prefixes_and_tables_without_exceptions),
		TEST(set_of_too_many_prefixes_is_refused),
		TEST(values_are_printed_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
