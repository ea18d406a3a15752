/* Scopes: their elements, and the flows they contain. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../batch_fixture.h"
#include "other.h"
#include "scope.h"

enum {
	ROW = 63,
	ROWS = 192
};

static struct scope scope;
static struct addr exporter;

static void
row_add(uint32_t pen, uint16_t id, uint32_t value, bool is_scope)
{
	uint8_t p[4];

	store_be32(p, value);
	scope_add_field(&scope, pen, id, (struct bytes) { p, 4 }, is_scope,
	    &exporter);
}

static void
scope_is_text(const char *want)
{
	struct buf out;

	buf_init(&out, 1024);
	scope_put(&scope, &out);
	buf_append_char(&out, '\0');
	assert_string_equal((const char *)out.ptr, want);
	buf_fini(&out);
	scope = (struct scope) { 0 };
}

/* The value of the element in a row, or -1. */
static int64_t
row_value(uint32_t pen, uint16_t id)
{
	const struct scope_element e = { pen, id };
	const struct scope_flows flows = { .batch = batch, .first = ROW,
		.n = 1, .domain = 6, .template_id = 256 };
	uint64_t v[SCOPE_ROWS];

	return scope_values(&e, &flows, v) != 0 ? (int64_t)v[0] : -1;
}

static void
scope_of_the_exporter_has_no_elements(void **unused)
{
	uint8_t v6[16] = { 0x20, 1 };

	(void)unused;
	exporter = addr_from_v4(0xc0000201);
	row_add(PEN_V9_SCOPE, 1, 77, true);	/* System */
	row_add(PEN_IANA, 143, 77, true);
	row_add(PEN_IANA, 144, 77, true);
	row_add(PEN_IANA, 149, 0, true);
	row_add(PEN_IANA, 130, 0xc0000201, true);
	scope_is_text("exporter");
	exporter = addr_from_v6(addr6_load(v6));
	scope_add_field(&scope, PEN_IANA, 131, (struct bytes) { v6, 16 }, true,
	    &exporter);
	assert_false(scope.unsupported);
	scope_is_text("exporter");
	v6[0] = 0;
	scope_add_field(&scope, PEN_IANA, 131, (struct bytes) { v6, 16 }, true,
	    &exporter);
	assert_true(scope.unsupported);
	scope_is_text("exporter");
	row_add(PEN_IANA, 130, 0xc0000202, true);
	scope_is_text("exporterIPv4Address 3221225986");
}

static void
scope_of_version_9_is_that_of_ipfix(void **unused)
{
	(void)unused;
	row_add(PEN_V9_SCOPE, 5, 256, true);
	scope_is_text("template 256");
	row_add(PEN_IANA, 145, 256, true);
	scope_is_text("template 256");
	row_add(PEN_V9_SCOPE, 3, 2, true);
	scope_is_text("line card 2");
	row_add(PEN_V9_SCOPE, 2, 9, true);
	scope_is_text("interface 9");
	row_add(PEN_V9_SCOPE, 4, 9, true);
	scope_is_text("cache 9");
	row_add(PEN_V9_SCOPE, 6, 9, true);
	scope_is_text("scope 6 9");
	row_add(PEN_IANA, 48, 1, true);
	scope_is_text("sampler 1");
	row_add(PEN_IANA, 302, 1, true);
	scope_is_text("sampler 1");
	row_add(PEN_IANA, 149, 1, true);
	scope_is_text("domain 1");
	row_add(9, 9, 9, true);
	scope_is_text("element 9.9 9");
}

static void
scope_is_in_one_order_and_has_some_elements_anywhere(void **unused)
{
	(void)unused;
	row_add(PEN_IANA, 302, 1, true);
	row_add(PEN_IANA, 10, 2, true);
	scope_is_text("ingressInterface 2, sampler 1");
	row_add(PEN_V9_SCOPE, 1, 0, true);
	row_add(PEN_IANA, 48, 1, false);
	row_add(PEN_IANA, 34, 100, false);
	row_add(PEN_IANA, 130, 100, false);
	row_add(PEN_IANA, 10, 3, false);
	scope_is_text("ingressInterface 3, sampler 1");
	for (uint16_t id = 1; id <= SCOPE_MAX; id++)
		row_add(PEN_IANA, id, id, true);
	assert_false(scope.unsupported);
	row_add(PEN_IANA, 99, 5, true);
	assert_true(scope.unsupported);
	scope = (struct scope) { 0 };
}

static void
scope_finds_the_value_of_a_flow(void **unused)
{
	uint8_t *p;

	(void)unused;
	batch_reset(batch);
	(void)batch_append(batch, ROW + 1);
	assert_int_equal(row_value(PEN_IANA, 302), -1);
	assert_int_equal(row_value(PEN_IANA, 10), -1);
	assert_int_equal(row_value(PEN_IANA, 141), -1);
	assert_int_equal(row_value(PEN_IANA, 301), -1);
	assert_int_equal(row_value(PEN_IANA, 145), 256);
	assert_int_equal(row_value(PEN_IANA, 149), 6);
	batch_set_uint(batch, COL_sampler_id, ROW, 5);
	batch_set_uint(batch, COL_if_in, ROW, 10);
	batch_set_uint(batch, COL_if_out, ROW, 14);
	batch_set_uint(batch, COL_engine_id, ROW, 3);
	batch_set_uint(batch, COL_vlan, ROW, 100);
	assert_int_equal(row_value(PEN_IANA, 302), 5);
	assert_int_equal(row_value(PEN_IANA, 10), 10);
	assert_int_equal(row_value(PEN_IANA, 252), 10);
	assert_int_equal(row_value(PEN_IANA, 14), 14);
	assert_int_equal(row_value(PEN_IANA, 253), 14);
	assert_int_equal(row_value(PEN_IANA, 141), 3);
	/* Elements without a rule: by the column, or in other. */
	assert_int_equal(row_value(PEN_IANA, 58), 100);
	assert_int_equal(row_value(PEN_V9_SCOPE, 2), 10);
	batch_set_uint(batch, COL_direction, ROW, 1);
	assert_int_equal(row_value(PEN_V9_SCOPE, 2), 14);
	assert_int_equal(row_value(PEN_V9_SCOPE, 4), -1);
	p = batch_heap_take(batch, 2 * (OTHER_HEAD + 2));
	other_put_head(p, PEN_IANA, 141, 2);
	store_be16(p + OTHER_HEAD, 4);
	other_put_head(p + OTHER_HEAD + 2, PEN_IANA, 301, 2);
	store_be16(p + OTHER_HEAD + 2 + OTHER_HEAD, 7);
	batch->col[COL_other].span[ROW] = (struct span) { 0,
		2 * (OTHER_HEAD + 2) };
	batch_mark(batch, COL_other, ROW, 1);
	assert_int_equal(row_value(PEN_IANA, 141), 4);
	assert_int_equal(row_value(PEN_IANA, 301), 7);
}

/* Many rows at once, across the words of bitmaps, like each row alone. */
static void
scope_finds_the_values_of_many(void **unused)
{
	static const struct scope_element elements[] = { { PEN_IANA, 302 },
		{ PEN_IANA, 10 }, { PEN_V9_SCOPE, 2 }, { PEN_IANA, 141 },
		{ PEN_IANA, 145 }, { PEN_IANA, 149 }, { PEN_IANA, 58 } };
	static const unsigned cols[] = { COL_sampler_id, COL_if_in, COL_if_out,
		COL_direction, COL_engine_id, COL_vlan };
	uint32_t seed = 1;

	(void)unused;
	batch_reset(batch);
	(void)batch_append(batch, ROWS);
	for (size_t row = 0; row < ROWS; row++)
		for (size_t i = 0; i < 6; i++) {
			seed = seed * 1664525 + 1013904223;
			if (seed >> 30 != 0)
				batch_set_uint(batch, cols[i], row,
				    seed >> 20 & 1);
		}
	for (size_t k = 0; k < 7; k++)
		for (size_t first = 0; first < ROWS; first += 17) {
			struct scope_flows many = { .batch = batch,
				.first = first, .domain = 6,
				.template_id = 256 }, one = many;
			uint64_t v[SCOPE_ROWS], alone[SCOPE_ROWS], there;

			many.n = ROWS - first < SCOPE_ROWS
			    ? ROWS - first
			    : SCOPE_ROWS;
			one.n = 1;
			there = scope_values(&elements[k], &many, v);
			for (size_t i = 0; i < many.n; i++) {
				one.first = first + i;
				assert_int_equal(there >> i & 1,
				    scope_values(&elements[k], &one, alone));
				if (there >> i & 1)
					assert_int_equal(v[i], alone[0]);
			}
		}
}

static void
scope_of_a_template_is_local_unless_it_says_where(void **unused)
{
	(void)unused;
	row_add(PEN_IANA, 145, 256, true);
	assert_true(scope_is_local(&scope));
	row_add(PEN_IANA, 149, 6, true);
	assert_false(scope_is_local(&scope));
	scope = (struct scope) { 0 };
	assert_false(scope_is_local(&scope));
	row_add(PEN_IANA, 302, 6, true);
	assert_false(scope_is_local(&scope));
	scope = (struct scope) { 0 };
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scope_of_the_exporter_has_no_elements),
		cmocka_unit_test(scope_of_version_9_is_that_of_ipfix),
		cmocka_unit_test(
		    scope_is_in_one_order_and_has_some_elements_anywhere),
		cmocka_unit_test(scope_finds_the_value_of_a_flow),
		cmocka_unit_test(scope_finds_the_values_of_many),
		cmocka_unit_test(
		    scope_of_a_template_is_local_unless_it_says_where),
	};

	return cmocka_run_group_tests(tests, batch_setup,
	    batch_teardown);
}
