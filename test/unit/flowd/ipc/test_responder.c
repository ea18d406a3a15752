/*
 * Processes that are asked, and the tail: flowd/ipc/responder.c,
 * flowd/ipc/tail.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "responder.h"

static struct responder a;
static struct conn asker;
static enum frame_type ordered;
static uint32_t ordered_serial;

static void
fill_rules(struct report *r, const struct addr *only, void *arg)
{
	size_t n = *(const size_t *)arg;

	(void)only;
	for (size_t i = 0; i < n; i++) {
		report_row(r);
		report_set(r, FIELD_RULES_rule, i);
		report_set_text(r, FIELD_RULES_text, "accept");
	}
}

static void
fill_exporters(struct report *r, const struct addr *only, void *arg)
{
	char text[ADDR_TEXT_MAX];

	(void)arg;
	text[addr_format(only, text)] = '\0';
	report_row(r);
	report_set_text(r, FIELD_EXPORTERS_exporter, text);
}

static void
order_obey(enum frame_type type, uint32_t serial, void *arg)
{
	(void)arg;
	ordered = type;
	ordered_serial = serial;
}

static const struct responder_row rows[] = {
	{ REPORT_OF_RULES, fill_rules },
	{ REPORT_OF_EXPORTERS, fill_exporters },
};

static size_t nrules;

static int
setup(void **state)
{
	int ends[2];

	(void)state;
	nrules = 3;
	responder_init(&a, rows, 2, &nrules);
	a.tails = true;
	assert_int_equal(conn_pair(ends), 0);
	responder_adopt(&a, ends[0]);
	conn_init(&asker, ends[1], FRAME_BODY_MAX, 4096);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	responder_fini(&a);
	conn_close(&asker);
	return 0;
}

static void
query_send(uint32_t kinds, struct addr only)
{
	struct ask what = { kinds, only, false };

	ask_put(&asker.out, 9, &what);
	assert_true(conn_handle(&asker));
}

static const struct addr all = { .family = ADDR_NONE };

/* The next frame, after some turns of both sides. */
static struct frame
frame_receive(enum frame_type type)
{
	struct frame f = { .body = { NULL, 0 } };
	int got = 0;

	for (int i = 0; i < 10000 && got == 0; i++) {
		responder_handle(&a);
		assert_true(conn_handle(&asker));
		got = conn_next(&asker, &f);
	}
	assert_int_equal(got, 1);
	assert_int_equal(f.type, type);
	return f;
}

static void
it_tells_what_is_asked_for(void **state)
{
	struct report r;
	struct frame f;

	(void)state;
	query_send(1u << REPORT_OF_RULES | 1u << REPORT_OF_LOGS, all);
	f = frame_receive(FRAME_REPORT);
	assert_int_equal(f.serial, 9);
	report_init(&r, REPORT_OF_RULES, 1 << 20);
	assert_int_equal(report_decode(&r, f.body), 0);
	assert_int_equal(r.nrows, 3);
	report_fini(&r);
	f = frame_receive(FRAME_END);
	assert_int_equal(f.serial, 9);
	assert_int_equal(end_read(f.body), END_GOOD);
}

static void
it_knows_whom_it_is_asked_about(void **state)
{
	struct report r;

	(void)state;
	query_send(1u << REPORT_OF_EXPORTERS, addr_from_v4(0xc0000201));
	report_init(&r, REPORT_OF_EXPORTERS, 1 << 20);
	assert_int_equal(
	    report_decode(&r, frame_receive(FRAME_REPORT).body), 0);
	assert_string_equal(
	    report_text(&r, report_at(&r, 0, FIELD_EXPORTERS_exporter)),
	    "192.0.2.1");
	report_fini(&r);
	(void)frame_receive(FRAME_END);
}

static void
many_rows_come_in_portions(void **state)
{
	struct report r;
	struct frame f;
	int portions = 0;

	(void)state;
	nrules = 100000;
	query_send(1u << REPORT_OF_RULES, all);
	report_init(&r, REPORT_OF_RULES, 64 << 20);
	do {
		f = frame_receive(FRAME_REPORT);
		assert_true(f.body.len <= 256 * 1024);
		assert_int_equal(report_decode(&r, f.body), 0);
		portions++;
	} while (r.nrows < nrules);
	assert_true(portions > 5);
	assert_int_equal(end_read(frame_receive(FRAME_END).body), END_GOOD);
	report_fini(&r);
}

/* What is too much ends short, and says so. */
static void
too_many_rows_are_cut(void **state)
{
	(void)state;
	nrules = REPORT_ROWS_MAX;
	query_send(1u << REPORT_OF_RULES, all);
	for (;;) {
		struct frame f;

		responder_handle(&a);
		assert_true(conn_handle(&asker));
		if (conn_next(&asker, &f) > 0 && f.type == FRAME_END) {
			assert_int_equal(end_read(f.body), END_CUT);
			break;
		}
	}
}

static void
reload_queue_are_handed_on_and_answered_later(void **state)
{
	const struct bytes nothing = { NULL, 0 };
	struct frame f;

	(void)state;
	a.order = order_obey;
	frame_put(&asker.out, FRAME_RELOAD, 77, nothing);
	assert_true(conn_handle(&asker));
	responder_handle(&a);
	assert_int_equal(ordered, FRAME_RELOAD);
	assert_int_equal(ordered_serial, 77);
	query_send(0, all);
	assert_int_equal(frame_receive(FRAME_END).serial, 9);
	responder_text(&a, 77, "line 3\n");
	responder_done(&a, 77, END_FAILED);
	f = frame_receive(FRAME_TEXT);
	assert_int_equal(f.serial, 77);
	assert_int_equal(f.body.len, 7);
	f = frame_receive(FRAME_END);
	assert_int_equal(f.serial, 77);
	assert_int_equal(end_read(f.body), END_FAILED);
}

/* What comes while an order is answered is not passed over. */
static void
a_question_behind_an_order_is_answered(void **state)
{
	const struct bytes nothing = { NULL, 0 };

	(void)state;
	a.order = order_obey;
	frame_put(&asker.out, FRAME_RELOAD, 77, nothing);
	assert_true(conn_handle(&asker));
	responder_handle(&a);
	query_send(0, all);
	responder_done(&a, 77, END_GOOD);
	/* It is still to be polled for. */
	assert_int_equal(a.conn.in.len, a.conn.used);
	assert_int_equal(frame_receive(FRAME_END).serial, 77);
	assert_int_equal(frame_receive(FRAME_END).serial, 9);
}

static void
assert_hangs_up(enum frame_type type, struct bytes body)
{
	frame_put(&asker.out, type, 1, body);
	assert_true(conn_handle(&asker));
	responder_handle(&a);
	assert_false(conn_is_open(&a.conn));
}

static void
what_it_is_not_for_is_the_end(void **state)
{
	(void)state;
	assert_hangs_up(FRAME_RELOAD, (struct bytes){ NULL, 0 });
}

static void
what_makes_no_sense_is_the_end(void **state)
{
	(void)state;
	assert_hangs_up(
	    FRAME_ASK, (struct bytes){ (const uint8_t *)"\xff\xff\xff", 3 });
}

/* The tail. */

static struct batch *
make_batch(size_t n)
{
	struct batch *batch = batch_new(BATCH_ROWS);

	assert_non_null(batch);
	(void)batch_append(batch, n);
	for (size_t i = 0; i < n; i++)
		batch_set_uint(batch, COL_octets, i, i);
	return batch;
}

static void
frame_send(enum frame_type type)
{
	const struct bytes nothing = { NULL, 0 };

	frame_put(&asker.out, type, 0, nothing);
	assert_true(conn_handle(&asker));
	responder_handle(&a);
}

static void
flows_are_shown_after_a_rest(void **state)
{
	struct batch *batch = make_batch(5);
	struct block *block = block_new();
	struct flows_head head;
	struct bytes octets;
	struct flowd_error err;

	(void)state;
	assert_false(tail_on(&a.tail));
	responder_flows(&a, batch, 1000); /* nobody watches */
	frame_send(FRAME_TAIL);
	assert_true(tail_on(&a.tail));
	assert_int_equal(tail_timeout(&a.tail, 1000), -1);
	bitmap_clear_range(batch->selected, 0, 2); /* discarded */
	responder_flows(&a, batch, 1000);
	assert_int_equal(tail_timeout(&a.tail, 1000), 200);
	responder_tick(&a, 1199);
	assert_int_equal(conn_waiting(&a.conn), 0);
	responder_tick(&a, 1200);
	assert_int_equal(tail_timeout(&a.tail, 1200), -1);
	assert_int_equal(
	    flows_read(frame_receive(FRAME_FLOWS).body, &head, &octets), 0);
	assert_int_equal(head.nrows, 3);
	assert_int_equal(head.dropped, 0);
	assert_int_equal(block_parse(octets, block, &err), 0);
	assert_int_equal(block->nrows, 3);
	frame_send(FRAME_TAIL_END);
	assert_false(tail_on(&a.tail));
	block_free(block);
	batch_free(batch);
}

/* Of what is not read, all is in a block or counted. */
static void
flows_that_do_not_fit_are_counted(void **state)
{
	struct batch *batch = make_batch(BATCH_ROWS);
	struct flows_head head;
	struct bytes octets;
	uint64_t given = 0, seen = 0;
	struct frame f;
	int got;

	(void)state;
	frame_send(FRAME_TAIL);
	for (int i = 0; i < 4000; i++) {
		responder_flows(&a, batch, 0);
		given += BATCH_ROWS;
	}
	assert_true(conn_waiting(&a.conn) < 8 * 1024 * 1024);
	assert_true(a.tail.dropped > 0);
	/* Then somebody reads, and there is one more. */
	for (int i = 0; i < 1000; i++) {
		responder_handle(&a);
		assert_true(conn_handle(&asker));
		while ((got = conn_next(&asker, &f)) > 0) {
			assert_int_equal(
			    flows_read(f.body, &head, &octets), 0);
			seen += head.nrows + head.dropped;
		}
		assert_int_equal(got, 0);
	}
	assert_true(seen < given);
	responder_tick(&a, 1000);
	assert_int_equal(
	    flows_read(frame_receive(FRAME_FLOWS).body, &head, &octets), 0);
	assert_true(head.dropped > 0);
	assert_true(seen + head.nrows + head.dropped == given);
	batch_free(batch);
}

static void
the_tail_ends_with_its_asker(void **state)
{
	(void)state;
	frame_send(FRAME_TAIL);
	conn_close(&asker);
	responder_handle(&a);
	assert_false(tail_on(&a.tail));
	assert_int_equal(responder_events(&a), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    it_tells_what_is_asked_for, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    it_knows_whom_it_is_asked_about, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    many_rows_come_in_portions, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    too_many_rows_are_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    reload_queue_are_handed_on_and_answered_later, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    a_question_behind_an_order_is_answered, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    what_it_is_not_for_is_the_end, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    what_makes_no_sense_is_the_end, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    flows_are_shown_after_a_rest, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    flows_that_do_not_fit_are_counted, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    the_tail_ends_with_its_asker, setup, teardown),
	};

	return cmocka_run_group_tests_name("answer", tests, NULL, NULL);
}
