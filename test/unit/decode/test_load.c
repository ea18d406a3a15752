/*
 * Loads: the lengths that have one, and that both variants give the same:
 * lib/decode/record/load.c. test_plan.c compares them with a slow reference.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "load.h"

enum {
	RECORDS = 9,		/* more than are unrolled, and not a multiple */
	STRIDE = 24
};

static uint8_t octets[RECORDS * STRIDE];
static uint32_t start[RECORDS];
static struct batch *strided, *indexed;

static int
setup(void **unused)
{
	(void)unused;
	strided = batch_new(64);
	indexed = batch_new(64);
	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = (uint8_t)(i * 7 + 1);
	for (size_t r = 0; r < RECORDS; r++)
		start[r] = (uint32_t)(r * STRIDE);
	return strided == NULL || indexed == NULL;
}

static int
teardown(void **unused)
{
	(void)unused;
	batch_free(strided);
	batch_free(indexed);
	return 0;
}

static const struct element *
element_named(const char *name)
{
	const struct element *e = element_by_name(name);

	assert_non_null(e);
	return e;
}

/* Runs a load, and marks the rows if it does not. */
static void
load_run(
    const struct element *e, uint16_t len, bool by_index, struct batch *batch)
{
	const struct records recs = { .base = octets, .stride = STRIDE,
		.start = by_index ? start : NULL, .chunk = RECORDS,
		.n = RECORDS, .export_ns = INT64_C(1700000000) * 1000000000 };
	struct plan_op op = { .col = (uint8_t)e->column, .len = len,
		.off = 3 };

	op.load = load_find(e, len, by_index, &op.partial);
	assert_non_null(op.load);
	batch_reset(batch);
	assert_int_equal(batch_append(batch, RECORDS), 0);
	op.load(&op, &recs, batch, 0);
	if (!op.partial)
		batch_mark(batch, op.col, 0, RECORDS);
}

static void
load_of_both_variants_gives_the_same(const char *name, uint16_t len)
{
	const struct element *e = element_named(name);
	unsigned col = (unsigned)e->column;

	load_run(e, len, false, strided);
	load_run(e, len, true, indexed);
	for (size_t r = 0; r < RECORDS; r++) {
		assert_int_equal(batch_has(strided, col, r),
		    batch_has(indexed, col, r));
		if (column_info[col].type == COLUMN_ADDR) {
			struct addr a = batch_addr(strided, col, r);
			struct addr b = batch_addr(indexed, col, r);

			assert_true(addr_equal(&a, &b));
		} else if (batch_has(strided, col, r)) {
			assert_int_equal(batch_uint(strided, col, r),
			    batch_uint(indexed, col, r));
		}
	}
}

static void
loads_do_the_same_by_stride_and_by_index(void **unused)
{
	static const char *const numbers[] = { "protocolIdentifier",
		"sourceTransportPort", "ingressInterface", "octetDeltaCount",
		"flowStartSeconds", "flowStartMilliseconds" };

	(void)unused;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		for (uint16_t len = 1; len <= 8; len++)
			load_of_both_variants_gives_the_same(numbers[i], len);
	for (uint16_t len = 1; len <= 4; len++)
		load_of_both_variants_gives_the_same("sourceIPv4Address", len);
	for (uint16_t len = 1; len <= 16; len++)
		load_of_both_variants_gives_the_same("sourceIPv6Address", len);
	load_of_both_variants_gives_the_same("flowStartNanoseconds", 8);
	load_of_both_variants_gives_the_same("sourceMacAddress", 6);
}

static void
load_of_a_number_has_its_value(void **unused)
{
	const struct element *e = element_named("octetDeltaCount");
	unsigned col = (unsigned)e->column;

	(void)unused;
	for (uint16_t len = 1; len <= 8; len++) {
		load_run(e, len, false, strided);
		for (size_t r = 0; r < RECORDS; r++)
			assert_int_equal(batch_uint(strided, col, r),
			    load_be(octets + r * STRIDE + 3, len));
	}
}

/* The row stays empty instead of holding a wrong value. */
static void
load_of_a_number_that_does_not_fit_leaves_the_row_empty(void **unused)
{
	const struct element *e = element_named("sourceTransportPort");
	unsigned col = (unsigned)e->column;

	(void)unused;
	memset(octets, 0, sizeof(octets));
	store_be32(octets + 3, UINT16_MAX);
	store_be32(octets + STRIDE + 3, UINT16_MAX + 1);
	load_run(e, 4, false, strided);
	assert_true(batch_has(strided, col, 0));
	assert_int_equal(batch_uint(strided, col, 0), UINT16_MAX);
	assert_false(batch_has(strided, col, 1));
	assert_true(batch_has(strided, col, 2));
}

static void
load_is_missing_for_other_lengths(void **unused)
{
	bool partial;

	(void)unused;
	assert_null(
	    load_find(element_named("octetDeltaCount"), 9, false, &partial));
	assert_null(
	    load_find(element_named("sourceIPv4Address"), 5, false, &partial));
	assert_null(
	    load_find(element_named("sourceIPv6Address"), 17, true, &partial));
	assert_null(
	    load_find(element_named("sourceMacAddress"), 5, false, &partial));
	assert_null(load_find(element_named("flowStartNanoseconds"), 4, false,
	    &partial));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(loads_do_the_same_by_stride_and_by_index),
		TEST(load_of_a_number_has_its_value),
		TEST(load_of_a_number_that_does_not_fit_leaves_the_row_empty),
		TEST(load_is_missing_for_other_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
