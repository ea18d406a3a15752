/*
 * Plans against their slow twin on random templates and data, and the shapes
 * that must not hurt: no length, cuts, overruns, full batches.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../random.h"
#include "batch.h"
#include "element.h"
#include "rowwise.h"
#include "template.h"

enum {
	FIELDS = 24,
	SET_MAX = 4096,
	ROUNDS = 20000
};

static struct random rng;

#define EXPORT_NS INT64_C(1700000000000000000)

static struct batch *fast, *slow;
static struct plan_scratch scratch;

static struct template *
template_of(const struct field *fields, size_t nfields)
{
	const struct template_record rec = { .id = 256,
		.nfields = (uint16_t)nfields };
	struct template *t = template_new(&rec, fields, false, SIZE_MAX);

	assert_non_null(t);
	return t;
}

/* An element with a column, without one, or an unknown one. */
static struct field
random_field(void)
{
	static const uint16_t lens[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17,
		FIELD_VARIABLE };
	const struct element *e = &elements[random_below(&rng, ELEMENT_COUNT)];
	struct field f = { e->pen, e->id, lens[random_below(&rng, 13)] };

	while (e->column < 0 && random_below(&rng, 4) != 0)
		e = &elements[random_below(&rng, ELEMENT_COUNT)];
	f.pen = e->pen;
	f.id = e->id;
	/* Mostly of its usual length, rarely variable. */
	if (f.len == FIELD_VARIABLE && random_below(&rng, 4) != 0)
		f.len = 4;
	if (e->type == ELEMENT_ADDR6 && random_below(&rng, 3) != 0)
		f.len = 16;
	if (e->type == ELEMENT_MAC && random_below(&rng, 3) != 0)
		f.len = 6;
	if (random_below(&rng, 50) == 0)
		f.id = (uint16_t)random_below(&rng, 65536);
	return f;
}

/* An element that competes with others, mostly of its usual length. */
static struct field
random_competitor(void)
{
	static const struct field competitors[] = { { 0, 8, 4 }, { 0, 12, 4 },
		{ 0, 27, 16 }, { 0, 28, 16 }, { 9, 12236, 4 }, { 9, 12237, 4 },
		{ 0, 60, 1 }, { 0, 4, 1 }, { 0, 9, 1 }, { 0, 13, 1 },
		{ 0, 29, 1 }, { 0, 30, 1 }, { 0, 15, 4 }, { 0, 62, 16 },
		{ 0, 18, 4 }, { 0, 63, 16 }, { 0, 225, 4 }, { 0, 226, 4 },
		{ 0, 281, 16 }, { 0, 282, 16 }, { 0, 40001, 4 },
		{ 0, 32, 2 }, { 0, 139, 2 }, { 0, 176, 1 }, { 0, 177, 1 },
		{ 0, 178, 1 }, { 0, 179, 1 }, { 0, 7, 2 }, { 0, 11, 2 },
		{ 0, 180, 2 }, { 0, 181, 2 }, { 0, 182, 2 }, { 0, 183, 2 },
		{ 0, 58, 2 }, { 0, 243, 2 }, { 0, 59, 2 }, { 0, 254, 2 },
		{ 0, 1, 4 }, { 0, 85, 8 }, { 0, 231, 4 }, { 0, 23, 4 },
		{ 0, 22, 4 }, { 0, 152, 8 }, { 0, 150, 4 }, { 0, 158, 4 },
		{ 0, 21, 4 }, { 0, 153, 8 }, { 0, 157, 8 }, { 0, 323, 8 },
		{ 0, 322, 4 } };
	struct field f = competitors[random_below(&rng, sizeof(competitors) /
	    sizeof(competitors[0]))];

	if (random_below(&rng, 12) == 0)
		f.len = (uint16_t)(1 + random_below(&rng, f.len == 16 ? 16
			: f.len == 4 ? 4 : 8));
	return f;
}

/*
 * Half of the fields are zero, and so are those that tell the kind of record.
 */
static void
make_competition(uint8_t *data, size_t len, const struct field *fields,
    size_t nfields)
{
	static const uint8_t kinds[] = { 1, 4, 6, 17, 58, 47 };
	size_t at = 0;

	for (size_t i = 0; len - at >= fields[i].len;
	    at += fields[i].len, i = (i + 1) % nfields) {
		if (fields[i].len == FIELD_VARIABLE || fields[i].len == 0)
			return;
		if (random_below(&rng, 2) == 0)
			memset(data + at, 0, fields[i].len);
		if (fields[i].id == 4 || fields[i].id == 60)
			data[at + fields[i].len - 1] =
			    kinds[random_below(&rng, 6)];
	}
}

static bool
column_equal(unsigned col, size_t row)
{
	struct bytes a, b;
	struct addr x, y;

	if (batch_has(fast, col, row) != batch_has(slow, col, row))
		return false;
	switch (column_info[col].type) {
	case COLUMN_ADDR:
		x = batch_addr(fast, col, row);
		y = batch_addr(slow, col, row);
		return addr_equal(&x, &y);
	case COLUMN_BYTES:
		a = batch_bytes(fast, col, row);
		b = batch_bytes(slow, col, row);
		return a.len == b.len &&
		    (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
	default:
		return batch_uint(fast, col, row) ==
		    batch_uint(slow, col, row);
	}
}

static void
assert_batches_equal(uint64_t seed)
{
	if (fast->nrows != slow->nrows)
		fail_msg("seed %llu: %zu rows, not %zu",
		    (unsigned long long)seed, fast->nrows, slow->nrows);
	for (size_t row = 0; row < fast->nrows; row++)
		for (unsigned col = 0; col < COL_COUNT; col++)
			if (!column_equal(col, row))
				fail_msg("seed %llu: row %zu, %s",
				    (unsigned long long)seed, row,
				    column_info[col].name);
}

/* Runs plan_run() over a set, which may take several calls. */
static enum plan_end
run_all(const struct plan *plan, struct bytes set)
{
	enum plan_end end;
	size_t used, n;

	do {
		end = plan_run(plan, &scratch, set, EXPORT_NS, fast, SIZE_MAX,
		    &used, &n);
		set.ptr += used;
		set.len -= used;
	} while (end == PLAN_FULL && n > 0);
	return end;
}

static void
one_round(uint64_t seed)
{
	struct field fields[FIELDS];
	size_t nfields, min = 0;
	uint8_t *data;
	struct template *t;
	struct bytes set;
	bool good, compete;

	rng = random_seeded(seed);
	compete = random_below(&rng, 2) == 0;
	nfields = 1 + random_below(&rng, FIELDS);
	for (size_t i = 0; i < nfields; i++) {
		fields[i] = compete && random_below(&rng, 8) != 0
		    ? random_competitor()
		    : random_field();
		min += fields[i].len == FIELD_VARIABLE ? 1 : fields[i].len;
	}
	if (min == 0)
		return;
	set.len =
	    random_below(&rng, random_below(&rng, 4) == 0 ? SET_MAX : 200);
	/* Of exact size, so that a read past the end is detected. */
	set.ptr = data = malloc(set.len + 1);
	assert_non_null(data);
	for (size_t i = 0; i < set.len; i++)
		data[i] = (uint8_t)(random_below(&rng, 3) == 0
			? random_below(&rng, 256)
			: random_below(&rng, 4));
	if (compete)
		make_competition(data, set.len, fields, nfields);
	batch_reset(fast);
	batch_reset(slow);
	t = template_of(fields, nfields);
	good = run_all(&t->plan, set) == PLAN_DONE;
	assert_int_equal(good, rowwise_decode(fields, nfields, set,
			       EXPORT_NS, slow));
	assert_batches_equal(seed);
	template_free(t);
	free(data);
}

static void
plan_equals_the_row_by_row_decoder_on_random_input(void **unused)
{
	(void)unused;
	for (uint64_t seed = 1; seed <= ROUNDS; seed++)
		one_round(seed);
}

static void
plan_stops_at_a_full_batch_and_goes_on(void **unused)
{
	const struct field fields[] = { { 0, 1, 4 }, { 0, 9999, 2 } };
	static uint8_t data[6 * 5000];
	struct bytes set = { data, sizeof(data) };
	struct template *t = template_of(fields, 2);
	size_t used, n, total = 0;
	enum plan_end end;

	(void)unused;
	for (size_t i = 0; i < 5000; i++)
		store_be32(data + 6 * i, (uint32_t)i);
	do {
		batch_reset(fast);
		end = plan_run(&t->plan, &scratch, set, EXPORT_NS, fast,
		    SIZE_MAX, &used, &n);
		for (size_t r = 0; r < n; r++)
			assert_int_equal(batch_uint(fast, COL_octets, r),
			    total + r);
		total += n;
		set.ptr += used;
		set.len -= used;
	} while (end == PLAN_FULL);
	assert_int_equal(total, 5000);
	assert_int_equal(end, PLAN_DONE);
	template_free(t);
}

static void
plan_fills_the_heap_and_goes_on_with_variable_fields(void **unused)
{
	const struct field fields[] = { { 9, 1, FIELD_VARIABLE } };
	size_t len = 3 + 40000, used, n, total = 0;
	uint8_t *data = calloc(1, len);
	struct template *t = template_of(fields, 1);
	struct bytes set = { data, len };
	enum plan_end end = PLAN_DONE;

	(void)unused;
	assert_non_null(data);
	data[0] = 255;
	store_be16(data + 1, 40000);
	batch_reset(fast);
	while (total < 100) {
		end = plan_run(&t->plan, &scratch, set, EXPORT_NS, fast,
		    SIZE_MAX, &used, &n);
		if (end == PLAN_FULL)
			break;
		total += n;
	}
	/* As many as the heap holds. */
	assert_int_equal(end, PLAN_FULL);
	assert_int_equal(n, 0);
	assert_int_equal(total, fast->heap_cap / (40000 + OTHER_HEAD));
	batch_reset(fast);
	end = plan_run(&t->plan, &scratch, set, EXPORT_NS, fast, SIZE_MAX,
	    &used, &n);
	assert_int_equal(end, PLAN_DONE);
	assert_int_equal(n, 1);
	template_free(t);
	free(data);
}

static void
plan_takes_the_largest_record_into_an_empty_batch(void **unused)
{
	static struct field fields[TEMPLATE_FIELDS_MAX];
	static uint8_t data[4 * TEMPLATE_FIELDS_MAX];
	struct template *t;
	size_t used, n;

	(void)unused;
	for (size_t i = 0; i < TEMPLATE_FIELDS_MAX; i++)
		fields[i] = (struct field) { 77, (uint16_t)i, 3 };
	t = template_of(fields, TEMPLATE_FIELDS_MAX);
	batch_reset(fast);
	assert_int_equal(plan_run(&t->plan, &scratch,
			     (struct bytes) { data, sizeof(data) }, EXPORT_NS,
			     fast,
			     SIZE_MAX, &used, &n),
	    PLAN_DONE);
	assert_int_equal(n, 1);
	template_free(t);
}

static void
plan_keeps_what_is_good_before_an_overrun(void **unused)
{
	const struct field fields[] = { { 0, 4, 1 },
		{ 0, 82, FIELD_VARIABLE } };
	const uint8_t data[] = { 6, 2, 'l', 'o', 17, 1, 'x', 1, 9, 'y' };
	struct template *t = template_of(fields, 2);
	size_t used, n;

	(void)unused;
	batch_reset(fast);
	assert_int_equal(plan_run(&t->plan, &scratch,
			     (struct bytes) { data, sizeof(data) }, EXPORT_NS,
			     fast,
			     SIZE_MAX, &used, &n),
	    PLAN_OVERRUN);
	assert_int_equal(n, 2);
	assert_int_equal(used, sizeof(data));
	assert_int_equal(batch_uint(fast, COL_protocol, 0), 6);
	assert_int_equal(batch_uint(fast, COL_protocol, 1), 17);
	assert_int_equal(batch_bytes(fast, COL_other, 0).len, OTHER_HEAD + 2);
	template_free(t);
}

static void
plan_leaves_out_a_value_that_its_column_cannot_hold(void **unused)
{
	const struct field fields[] = { { 0, 7, 8 } };
	const uint8_t data[] = { 0, 0, 0, 0, 0, 0, 1, 187, 0, 0, 0, 0, 0, 1, 0,
		0 };
	struct template *t = template_of(fields, 1);
	size_t used, n;

	(void)unused;
	batch_reset(fast);
	(void)plan_run(&t->plan, &scratch,
	    (struct bytes) { data, sizeof(data) }, EXPORT_NS, fast, SIZE_MAX,
	    &used, &n);
	assert_int_equal(n, 2);
	assert_int_equal(batch_uint(fast, COL_src_port, 0), 443);
	assert_false(batch_has(fast, COL_src_port, 1));
	template_free(t);
}

static void
plan_prefers_by_rank_and_keeps_the_rest_in_other(void **unused)
{
	/* octetTotalCount precedes octetDeltaCount, which is preferred. */
	const struct field fields[] = { { 0, 1, 1 }, { 0, 85, 1 } };
	const uint8_t data[] = { 10, 20 };
	struct template *t = template_of(fields, 2);
	struct other o = { 0 };
	struct wire w;
	size_t used, n;

	(void)unused;
	batch_reset(fast);
	(void)plan_run(&t->plan, &scratch,
	    (struct bytes) { data, sizeof(data) }, EXPORT_NS, fast, SIZE_MAX,
	    &used, &n);
	assert_int_equal(batch_uint(fast, COL_octets, 0), 10);
	wire_init(&w, batch_bytes(fast, COL_other, 0));
	assert_true(other_next(&w, &o));
	assert_int_equal(o.id, 85);
	assert_int_equal(o.value.ptr[0], 20);
	assert_false(other_next(&w, &o));
	template_free(t);
}

static void
plan_takes_a_delta_off_the_export_time(void **unused)
{
	const struct field fields[] = { { 0, 158, 4 }, { 0, 159, 8 } };
	const uint8_t data[] = { 0, 0x1e, 0x84, 0x80, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff };
	struct template *t = template_of(fields, 2);
	size_t used, n;

	(void)unused;
	batch_reset(fast);
	(void)plan_run(&t->plan, &scratch,
	    (struct bytes) { data, sizeof(data) }, EXPORT_NS, fast, SIZE_MAX,
	    &used, &n);
	assert_int_equal(batch_uint(fast, COL_flow_start, 0),
	    EXPORT_NS - 2 * INT64_C(1000000000));
	assert_true((int64_t)batch_uint(fast, COL_flow_end, 0) < 0);
	template_free(t);
}

/* A field of an element's usual length. */
static struct field
usual_field(const struct element *e)
{
	static const uint8_t len[] = {
		[ELEMENT_ADDR4] = 4,
		[ELEMENT_ADDR6] = 16,
		[ELEMENT_MAC] = 6,
		[ELEMENT_SECONDS] = 4,
		[ELEMENT_MILLISECONDS] = 8,
		[ELEMENT_MICROSECONDS] = 8,
		[ELEMENT_NANOSECONDS] = 8,
		[ELEMENT_UNSIGNED] = 1,
	};

	return (struct field) { e->pen, e->id,
		e->transform == TRANSFORM_ICMP ? 2 : len[e->type] };
}

/* So many loads that one run cannot decide choices for all rows. */
static void
plan_goes_on_where_choices_are_many(void **unused)
{
	static struct field fields[ELEMENT_COUNT];
	size_t nfields = 0, record = 0, used, n;
	struct template *t;
	struct bytes set;
	uint8_t *data;

	(void)unused;
	for (size_t i = 0; i < ELEMENT_COUNT; i++)
		if (elements[i].column >= 0) {
			fields[nfields] = usual_field(&elements[i]);
			record += fields[nfields++].len;
		}
	set.len = 600 * record;
	set.ptr = data = calloc(1, set.len);
	assert_non_null(data);
	make_competition(data, set.len, fields, nfields);
	for (size_t i = 0; i < set.len; i += 7)
		data[i] = (uint8_t)random_below(&rng, 256);
	t = template_of(fields, nfields);
	batch_reset(fast);
	batch_reset(slow);
	assert_int_equal(plan_run(&t->plan, &scratch, set, EXPORT_NS, fast,
			     SIZE_MAX, &used, &n), PLAN_FULL);
	assert_in_range(n, 1, 599);
	set.ptr += used;
	set.len -= used;
	assert_int_equal(run_all(&t->plan, set), PLAN_DONE);
	assert_int_equal(fast->nrows, 600);
	set = (struct bytes) { data, 600 * record };
	assert_true(rowwise_decode(fields, nfields, set, EXPORT_NS, slow));
	assert_batches_equal(0);
	template_free(t);
	free(data);
}

static void
plan_without_competing_elements_has_no_choice(void **unused)
{
	static const struct field fields[] = { { 0, 8, 4 }, { 0, 12, 4 },
		{ 0, 32, 2 }, { 0, 22, 4 }, { 0, 153, 8 }, { 0, 8, 4 } };
	struct template *t = template_of(fields, 6);

	(void)unused;
	assert_int_equal(t->plan.choices.n, 0);
	assert_int_equal(t->plan.choices.nops, 0);
	assert_int_equal(t->plan.nothers, 2);
	template_free(t);
}

static void
plan_keeps_every_one_of_a_repeated_element(void **unused)
{
	const struct field fields[] = { { 0, 8, 4 }, { 0, 8, 4 } };
	const uint8_t data[] = { 10, 0, 0, 1, 10, 0, 0, 2 };
	struct template *t = template_of(fields, 2);
	size_t used, n;

	(void)unused;
	batch_reset(fast);
	(void)plan_run(&t->plan, &scratch,
	    (struct bytes) { data, sizeof(data) }, EXPORT_NS, fast, SIZE_MAX,
	    &used, &n);
	assert_int_equal(batch_addr(fast, COL_src_addr, 0).v4, 0x0a000002);
	assert_int_equal(batch_bytes(fast, COL_other, 0).len,
	    2 * (OTHER_HEAD + 4));
	template_free(t);
}

static int
setup(void **unused)
{
	(void)unused;
	fast = batch_new(SET_MAX);
	slow = batch_new(SET_MAX);
	return fast == NULL || slow == NULL;
}

static int
teardown(void **unused)
{
	(void)unused;
	batch_free(fast);
	batch_free(slow);
	return 0;
}

static void
plan_stops_at_most_and_counts_the_rest(void **unused)
{
	static const struct field fixed[] = { { 0, 4, 1 } };
	static const struct field variable[] = { { 0, 4, 1 },
		{ 0, 82, FIELD_VARIABLE } };
	/*
	 * Three records with names of 0, 2 and 1 octets, and a truncated one.
	 */
	static const uint8_t data[] = { 6, 0, 17, 2, 'a', 'b', 1, 1, 'c', 9,
		4, 'x' };
	struct bytes set = { data, sizeof(data) };
	struct template *t = template_of(fixed, 1);
	size_t used, n;

	(void)unused;
	batch_reset(fast);
	assert_int_equal(plan_run(&t->plan, &scratch, set, EXPORT_NS,
			     fast, 5, &used, &n),
	    PLAN_FULL);
	assert_int_equal(n, 5);
	assert_int_equal(used, 5);
	assert_int_equal(plan_count(&t->plan, &scratch, set), sizeof(data));
	template_free(t);
	t = template_of(variable, 2);
	assert_int_equal(plan_run(&t->plan, &scratch, set, EXPORT_NS,
			     fast, 2, &used, &n),
	    PLAN_FULL);
	assert_int_equal(n, 2);
	assert_int_equal(used, 6);
	assert_int_equal(plan_count(&t->plan, &scratch, set), 3);
	assert_int_equal(plan_run(&t->plan, &scratch, set, EXPORT_NS,
			     fast, 0, &used, &n),
	    PLAN_FULL);
	assert_int_equal(n, 0);
	template_free(t);
}

static void
plan_keeps_no_more_others_than_it_shall(void **unused)
{
	static const struct field fields[] = { { 9999, 1, 1 }, { 9999, 2, 1 },
		{ 0, 4, 1 }, { 9999, 3, 1 } };
	static const uint8_t data[] = { 1, 2, 6, 3 };
	const struct template_record rec = { .id = 256, .nfields = 4 };
	struct template *t = template_new(&rec, fields, false, 2);
	size_t used, n;

	(void)unused;
	assert_non_null(t);
	batch_reset(fast);
	(void)plan_run(&t->plan, &scratch,
	    (struct bytes) { data, sizeof(data) }, EXPORT_NS, fast, SIZE_MAX,
	    &used, &n);
	assert_int_equal(batch_uint(fast, COL_protocol, 0), 6);
	assert_int_equal(batch_bytes(fast, COL_other, 0).len,
	    2 * (OTHER_HEAD + 1));
	assert_int_equal(t->plan.nexcess, 1);
	template_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    plan_equals_the_row_by_row_decoder_on_random_input),
		cmocka_unit_test(plan_stops_at_a_full_batch_and_goes_on),
		cmocka_unit_test(
		    plan_fills_the_heap_and_goes_on_with_variable_fields),
		cmocka_unit_test(
		    plan_takes_the_largest_record_into_an_empty_batch),
		cmocka_unit_test(plan_keeps_what_is_good_before_an_overrun),
		cmocka_unit_test(
		    plan_leaves_out_a_value_that_its_column_cannot_hold),
		cmocka_unit_test(
		    plan_prefers_by_rank_and_keeps_the_rest_in_other),
		cmocka_unit_test(plan_takes_a_delta_off_the_export_time),
		cmocka_unit_test(plan_goes_on_where_choices_are_many),
		cmocka_unit_test(plan_without_competing_elements_has_no_choice),
		cmocka_unit_test(plan_keeps_every_one_of_a_repeated_element),
		cmocka_unit_test(plan_stops_at_most_and_counts_the_rest),
		cmocka_unit_test(plan_keeps_no_more_others_than_it_shall),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
