/*
 * One question to all processes: flowd/control/fanout.c, flowd/control/peers.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fanout.h"
#include "responder.h"

enum { PEERS = 3 };

static struct peers peers;
static struct fanout r;
static struct responder processes[PEERS];
static struct conn client, out;

static void
fill_flows(struct report *report, const struct addr *only, void *arg)
{
	(void)only;
	(void)arg;
	report_row(report);
	report_set(report, FIELD_FLOWS_decoded, 7);
}

static void
fill_rules(struct report *report, const struct addr *only, void *arg)
{
	(void)only;
	(void)arg;
	report_row(report);
	report_set(report, FIELD_RULES_rule, 1);
	report_set(report, FIELD_RULES_wins, 2);
	report_set_text(report, FIELD_RULES_text, "accept");
}

static const struct responder_row rows[] = {
	{ REPORT_OF_FLOWS, fill_flows },
	{ REPORT_OF_RULES, fill_rules },
};

static void
connect_peer(uint32_t i)
{
	const struct imsg_peer id = { .kind = i };
	int ends[2];

	assert_int_equal(conn_pair(ends), 0);
	responder_adopt(&processes[i], ends[0]);
	assert_true(peers_adopt(&peers, &id, ends[1]));
}

static int
setup(void **state)
{
	int ends[2];

	(void)state;
	for (uint32_t i = 0; i < PEERS; i++) {
		responder_init(&processes[i], rows, 2, NULL);
		connect_peer(i);
	}
	assert_int_equal(conn_pair(ends), 0);
	conn_init(&out, ends[0], 64, 1 << 20);
	conn_init(&client, ends[1], 1 << 20, 4096);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fanout_drop(&r);
	for (int i = 0; i < PEERS; i++)
		responder_fini(&processes[i]);
	peers_fini(&peers);
	memset(&peers, 0, sizeof(peers));
	conn_close(&out);
	conn_close(&client);
	return 0;
}

static void
query_begin(uint32_t kinds)
{
	const struct ask ask = { .kinds = kinds };

	fanout_begin(&r, &peers, &ask, 1000);
}

/* Turns of everybody but the processes from n on. */
static void
fanout_turn(int n)
{
	struct frame f;

	for (int t = 0; t < 4; t++) {
		for (size_t i = 0; i < peers.n; i++) {
			struct peer *p = &peers.list[i];

			if (!conn_handle(&p->conn))
				continue;
			while (conn_next(&p->conn, &f) > 0)
				assert_true(fanout_take(&r, p, &f));
		}
		for (int i = 0; i < n; i++)
			responder_handle(&processes[i]);
	}
}

static struct frame
client_hear(enum frame_type type)
{
	struct frame f = { .type = FRAME_TYPES };

	assert_true(conn_handle(&out));
	(void)conn_handle(&client);
	assert_int_equal(conn_next(&client, &f), 1);
	assert_int_equal(f.type, type);
	assert_int_equal(f.serial, 5);
	return f;
}

static void
assert_sum(uint64_t want)
{
	struct report got;

	report_init(&got, REPORT_OF_FLOWS, 1 << 20);
	assert_int_equal(
	    report_decode(&got, client_hear(FRAME_REPORT).body), 0);
	assert_int_equal(got.nrows, 1);
	assert_true(report_at(&got, 0, FIELD_FLOWS_decoded)->number == want);
	report_fini(&got);
}

static void
answers_are_joined(void **state)
{
	(void)state;
	query_begin(1u << REPORT_OF_FLOWS);
	assert_false(fanout_over(&r, &peers, 1000));
	fanout_turn(PEERS);
	assert_true(fanout_over(&r, &peers, 1000));
	fanout_reports(&r, &out, 5);
	assert_sum(21);
	assert_int_equal(end_read(client_hear(FRAME_END).body), END_GOOD);
	assert_false(r.going);
}

static void
one_that_is_silent_is_left_out_in_time(void **state)
{
	(void)state;
	query_begin(1u << REPORT_OF_FLOWS);
	fanout_turn(PEERS - 1);
	assert_false(fanout_over(&r, &peers, 3999));
	assert_true(fanout_over(&r, &peers, 4000));
	fanout_reports(&r, &out, 5);
	assert_sum(14);
	assert_int_equal(end_read(client_hear(FRAME_END).body), END_CUT);
}

static void
one_that_dies_is_not_waited_for(void **state)
{
	(void)state;
	query_begin(1u << REPORT_OF_FLOWS);
	responder_fini(&processes[2]);
	fanout_turn(PEERS);
	assert_true(fanout_over(&r, &peers, 1000));
	fanout_reports(&r, &out, 5);
	assert_sum(14);
}

/* The successor of one that died; and an answer that comes too late. */
static void
what_came_too_late_is_passed_over(void **state)
{
	(void)state;
	query_begin(1u << REPORT_OF_FLOWS);
	fanout_turn(0);
	fanout_drop(&r);
	query_begin(1u << REPORT_OF_FLOWS);
	connect_peer(2);
	fanout_turn(PEERS);
	assert_true(fanout_over(&r, &peers, 1000));
	fanout_reports(&r, &out, 5);
	assert_sum(14);
	(void)client_hear(FRAME_END);
	query_begin(1u << REPORT_OF_FLOWS);
	fanout_turn(PEERS);
	fanout_reports(&r, &out, 5);
	assert_sum(21);
}

static void
what_was_not_asked_for_makes_no_sense(void **state)
{
	const uint8_t rules[6] = { REPORT_OF_RULES };
	struct frame f;

	(void)state;
	query_begin(1u << REPORT_OF_FLOWS);
	f = (struct frame){ .type = FRAME_REPORT, .serial = r.serial,
		.body = { rules, sizeof(rules) } };
	assert_false(fanout_take(&r, &peers.list[0], &f));
	f.type = FRAME_ASK;
	assert_false(fanout_take(&r, &peers.list[0], &f));
	f = (struct frame){ .type = FRAME_END, .serial = r.serial,
		.body = { (const uint8_t *)"\xff", 1 } };
	assert_false(fanout_take(&r, &peers.list[0], &f));
}

static bool
bytes_have(struct bytes text, const char *what)
{
	char copy[65536];

	assert_true(text.len < sizeof(copy));
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	return strstr(copy, what) != NULL;
}

static void
metrics_are_of_everything(void **state)
{
	struct frame f;

	(void)state;
	assert_false(fanout_metric_kinds() >> REPORT_OF_TEMPLATES & 1);
	query_begin(fanout_metric_kinds());
	fanout_turn(PEERS);
	fanout_metrics(&r, &out, 5);
	f = client_hear(FRAME_TEXT);
	assert_true(bytes_have(f.body, "\nflowd_flows_total 21\n"));
	assert_true(
	    bytes_have(f.body, "\nflowd_rule_wins_total{rule=\"1\"} 6\n"));
	assert_int_equal(end_read(client_hear(FRAME_END).body), END_GOOD);
}

/* Also to one that comes later. */
static void
all_are_told_to_show_flows(void **state)
{
	(void)state;
	processes[0].tails = processes[2].tails = true;
	responder_fini(&processes[2]);
	peers_tail(&peers, true);
	fanout_turn(PEERS);
	assert_true(tail_on(&processes[0].tail));
	assert_false(tail_on(&processes[1].tail)); /* it has none */
	connect_peer(2);
	fanout_turn(PEERS);
	assert_true(tail_on(&processes[2].tail));
	peers_tail(&peers, false);
	fanout_turn(PEERS);
	assert_false(tail_on(&processes[0].tail));
	assert_false(tail_on(&processes[2].tail));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    answers_are_joined, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    one_that_is_silent_is_left_out_in_time, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    one_that_dies_is_not_waited_for, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    what_came_too_late_is_passed_over, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    what_was_not_asked_for_makes_no_sense, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    metrics_are_of_everything, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    all_are_told_to_show_flows, setup, teardown),
	};

	return cmocka_run_group_tests_name("round", tests, NULL, NULL);
}
