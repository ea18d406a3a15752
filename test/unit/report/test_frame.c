/* Frames between the processes and flowctl: lib/report/frame.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "frame.h"
#include "report.h"

static struct buf out;

static int
setup(void **state)
{
	(void)state;
	buf_init(&out, 1 << 20);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	buf_fini(&out);
	return 0;
}

static struct bytes
out_bytes(void)
{
	return (struct bytes){ out.ptr, out.len };
}

static void
a_frame_comes_back(void **state)
{
	struct frame f;

	(void)state;
	frame_put(&out, FRAME_TEXT, 7,
	    (struct bytes){ (const uint8_t *)"error", 5 });
	assert_int_equal(frame_next(out_bytes(), 5, &f), out.len);
	assert_int_equal(f.type, FRAME_TEXT);
	assert_int_equal(f.serial, 7);
	assert_int_equal(f.body.len, 5);
	assert_memory_equal(f.body.ptr, "error", 5);
}

static void
a_frame_that_is_cut_is_waited_for(void **state)
{
	struct frame f;
	struct ask ask = { .kinds = 1, .only = addr_from_v4(0x0a000001) };

	(void)state;
	ask_put(&out, 1, &ask);
	for (size_t len = 0; len < out.len; len++)
		assert_int_equal(
		    frame_next((struct bytes){ out.ptr, len }, 64, &f), 0);
	assert_int_equal(frame_next(out_bytes(), 64, &f), out.len);
}

static void
what_is_no_frame_is_refused(void **state)
{
	struct frame f;

	(void)state;
	frame_put(&out, FRAME_TAIL, 1, (struct bytes){ NULL, 0 });
	out.ptr[0] ^= 1;
	assert_int_equal(frame_next(out_bytes(), 64, &f), FLOWD_EFORMAT);
	out.ptr[0] ^= 1;
	out.ptr[2]++;
	assert_int_equal(frame_next(out_bytes(), 64, &f), FLOWD_EVERSION);
	out.ptr[2]--;
	out.ptr[3] = 0;
	assert_int_equal(frame_next(out_bytes(), 64, &f), FLOWD_EFORMAT);
	out.ptr[3] = FRAME_TYPES;
	assert_int_equal(frame_next(out_bytes(), 64, &f), FLOWD_EFORMAT);
	out.ptr[3] = FRAME_TAIL;
	assert_int_equal(frame_next(out_bytes(), 64, &f), FRAME_HEAD);
}

/* It is refused at its head: nobody waits for a length that is made up. */
static void
a_body_past_the_maximum_is_refused_at_once(void **state)
{
	struct frame f;
	uint8_t body[65] = { 0 };

	(void)state;
	frame_put(&out, FRAME_ASK, 1, (struct bytes){ body, sizeof(body) });
	out.len = FRAME_HEAD;
	assert_int_equal(frame_next(out_bytes(), 64, &f), FLOWD_EFORMAT);
	assert_int_equal(frame_next(out_bytes(), 65, &f), 0);
}

static void
assert_asks(struct addr only, bool metrics)
{
	struct ask ask = { .kinds = 5, .only = only, .metrics = metrics }, got;
	struct frame f;

	buf_reset(&out);
	ask_put(&out, 3, &ask);
	assert_true(frame_next(out_bytes(), FRAME_REQUEST_MAX, &f) > 0);
	assert_int_equal(ask_read(f.body, &got), 0);
	assert_int_equal(got.kinds, 5);
	assert_int_equal(got.metrics, metrics);
	assert_int_equal(got.only.family, only.family);
	if (only.family != ADDR_NONE)
		assert_true(addr_equal(&got.only, &only));
	/* Neither less nor more. */
	f.body.len--;
	assert_int_equal(ask_read(f.body, &got), FLOWD_EFORMAT);
	f.body.len += 2;
	buf_append_char(&out, 0);
	assert_int_equal(ask_read(f.body, &got), FLOWD_EFORMAT);
}

static void
questions_come_back(void **state)
{
	struct addr v6;

	(void)state;
	assert_int_equal(addr_parse("2001:db8::1", &v6), 0);
	assert_asks((struct addr){ .family = ADDR_NONE }, false);
	assert_asks((struct addr){ .family = ADDR_NONE }, true);
	assert_asks(addr_from_v4(0xc0000201), false);
	assert_asks(v6, false);
	v6.scope = 4294967295;
	assert_asks(v6, false);
}

static void
kinds_that_are_none_are_refused(void **state)
{
	struct ask got;
	uint8_t body[5] = { 0xff, 0xff, 0xff, 0xff, 0 };

	(void)state;
	assert_int_equal(ask_read((struct bytes){ body, 5 }, &got),
	    FLOWD_EFORMAT);
	store_be32(body, (UINT32_C(1) << REPORT_KINDS) - 1);
	assert_int_equal(ask_read((struct bytes){ body, 5 }, &got), 0);
	body[4] = 5;
	assert_int_equal(ask_read((struct bytes){ body, 5 }, &got),
	    FLOWD_EFORMAT);
}

static void
flows_and_ends_come_back(void **state)
{
	struct flows_head head = { 3, UINT64_C(1) << 40 }, got;
	struct bytes block;
	struct frame f;
	int64_t used;

	(void)state;
	flows_put(&out, &head, (struct bytes){ (const uint8_t *)"block", 5 });
	end_put(&out, 0, END_CUT);
	used = frame_next(out_bytes(), 64, &f);
	assert_int_equal(flows_read(f.body, &got, &block), 0);
	assert_int_equal(got.nrows, 3);
	assert_true(got.dropped == head.dropped);
	assert_int_equal(block.len, 5);
	f.body.len = FLOWS_HEAD - 1;
	assert_int_equal(flows_read(f.body, &got, &block), FLOWD_EFORMAT);
	assert_true(frame_next((struct bytes){ out.ptr + used,
				   out.len - (size_t)used }, 64, &f) > 0);
	assert_int_equal(end_read(f.body), END_CUT);
	f.body.len = 0;
	assert_int_equal(end_read(f.body), FLOWD_EFORMAT);
	assert_int_equal(end_read((struct bytes){
			     (const uint8_t[]){ END_STATUSES }, 1 }),
	    FLOWD_EFORMAT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_frame_comes_back, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_frame_that_is_cut_is_waited_for, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    what_is_no_frame_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_body_past_the_maximum_is_refused_at_once, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    questions_come_back, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    kinds_that_are_none_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    flows_and_ends_come_back, setup, teardown),
	};

	return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
