/* The clients of control: flowd/control/clients.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/socket.h>
#include <unistd.h>

#include "clients.h"

static struct clients cs;
static struct client *const OWN = &cs.list[CLIENTS];
static int ends[4 * CLIENTS]; /* of the clients */
static size_t nends;

static int
setup(void **state)
{
	(void)state;
	clients_init(&cs);
	nends = 0;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	clients_fini(&cs);
	for (size_t i = 0; i < nends; i++)
		(void)close(ends[i]);
	return 0;
}

/* Somebody connects. Returns the client's end. */
static int
join_as(bool own, int64_t now_ms, bool want)
{
	int pair[2];

	assert_int_equal(conn_pair(pair), 0);
	assert_int_equal(clients_add(&cs, pair[0], own, now_ms), want);
	ends[nends++] = pair[1];
	return pair[1];
}

static int
client_join(int64_t now_ms)
{
	return join_as(false, now_ms, true);
}

static void
client_send(int fd, enum frame_type type)
{
	struct ask what = { .kinds = 1 };
	struct buf out;

	buf_init(&out, 4096);
	if (type == FRAME_ASK)
		ask_put(&out, 5, &what);
	else
		frame_put(&out, type, 5, (struct bytes){ NULL, 0 });
	assert_int_equal(send(fd, out.ptr, out.len, 0), out.len);
	buf_fini(&out);
}

static void
clients_turn(int64_t now_ms)
{
	for (size_t i = 0; i < CLIENTS_ALL; i++)
		if (cs.list[i].state != CLIENT_FREE)
			client_receive_query(&cs, &cs.list[i], now_ms);
}

/* What the client's end has been sent: a type, or 0 nothing, -1 the end. */
static int
client_receive(int fd, struct frame *f)
{
	static uint8_t octets[1 << 20];
	ssize_t n = recv(fd, octets, sizeof(octets), 0);

	if (n <= 0)
		return n == 0 ? -1 : 0;
	assert_true(frame_next((struct bytes){ octets, (size_t)n },
			1 << 20, f) > 0);
	return (int)f->type;
}

static void
questions_have_their_turn_in_order(void **state)
{
	int a = client_join(0), b = client_join(0), c = client_join(0);

	(void)state;
	client_send(c, FRAME_ASK);
	clients_turn(1);
	client_send(a, FRAME_METRICS);
	clients_turn(2);
	client_send(b, FRAME_ASK);
	clients_turn(3);
	assert_ptr_equal(clients_next(&cs, 0), &cs.list[2]);
	assert_int_equal(cs.list[2].serial, 5);
	client_drop(&cs.list[2]);
	assert_ptr_equal(clients_next(&cs, 0), &cs.list[0]);
	client_enter(&cs.list[0], CLIENT_ACTIVE, 4);
	assert_ptr_equal(clients_find(&cs, CLIENT_ACTIVE, 0), &cs.list[0]);
	assert_ptr_equal(clients_next(&cs, 0), &cs.list[1]);
}

static void
an_answer_is_taken_and_then_one_may_ask_again(void **state)
{
	int a = client_join(0);
	struct frame f;

	(void)state;
	client_send(a, FRAME_ASK);
	clients_turn(0);
	client_refuse(&cs.list[0], END_GOOD, 0);
	assert_int_equal(cs.list[0].state, CLIENT_READS);
	clients_turn(0);
	assert_int_equal(cs.list[0].state, CLIENT_IDLE);
	assert_int_equal(client_receive(a, &f), FRAME_END);
	assert_int_equal(f.serial, 5);
	client_send(a, FRAME_ROTATE);
	clients_turn(0);
	assert_int_equal(cs.list[0].state, CLIENT_ORDERED);
}

static void
what_makes_no_sense_is_the_end(void **state)
{
	static const enum frame_type none[] = { FRAME_REPORT, FRAME_TEXT,
		FRAME_FLOWS, FRAME_END, FRAME_TAIL_END };
	struct frame f;

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		int a = client_join(0);

		client_send(a, none[i]);
		clients_turn(0);
		assert_int_equal(cs.list[0].state, CLIENT_FREE);
		assert_int_equal(client_receive(a, &f), -1);
	}
	assert_int_equal(send(client_join(0), "hello flowd", 11, 0), 11);
	clients_turn(0);
	/* Half a frame is waited for, but not a wrong one. */
	assert_int_equal(cs.list[0].state, CLIENT_IDLE);
	assert_int_equal(send(ends[nends - 1], "!", 1, 0), 1);
	clients_turn(0);
	assert_int_equal(cs.list[0].state, CLIENT_FREE);
}

static void
who_says_nothing_is_dropped_in_time(void **state)
{
	int own;

	(void)state;
	own = join_as(true, 0, true);
	(void)client_join(1000);
	assert_int_equal(clients_timeout(&cs, 1000), 10000);
	/* Half a question is none. */
	assert_int_equal(send(ends[1], "\xf1\x0d\x01", 3, 0), 3);
	clients_turn(5000);
	clients_expire(&cs, 10999);
	assert_int_equal(cs.list[0].state, CLIENT_IDLE);
	clients_expire(&cs, 11000);
	assert_int_equal(cs.list[0].state, CLIENT_FREE);
	assert_int_equal(OWN->state, CLIENT_IDLE);
	assert_int_equal(clients_timeout(&cs, 11000), -1);
	client_send(own, FRAME_METRICS);
	clients_turn(INT64_C(1) << 40);
	assert_int_equal(OWN->state, CLIENT_QUEUED);
}

/* Elsewhere it is not known what somebody has taken of what was sent. */
static void
need_untaken(void)
{
	if (getenv("FLOWD_PORTABLE") != NULL)
		skip();
}

/* The answer of a client that asked: more than a socket takes. */
static void
client_flood(struct client *c, int64_t now_ms)
{
	static uint8_t body[4 << 20];

	frame_put(&c->conn.out, FRAME_TEXT, 5,
	    (struct bytes){ body, sizeof(body) });
	client_answered(c, now_ms);
}

/* Time counts from the last that it took, also when no poll tells of it. */
static void
who_does_not_take_its_answer_is_dropped_in_time(void **state)
{
	static uint8_t some[1 << 17];
	int a = client_join(0);
	struct client *c = &cs.list[0];
	int64_t now = 0;

	(void)state;
	need_untaken();
	client_send(a, FRAME_ASK);
	clients_turn(0);
	client_flood(c, 0);
	clients_turn(0);
	clients_expire(&cs, 0);
	for (int i = 0; i < 10; i++) {
		now += STALL_MS - 1;
		assert_true(recv(a, some, sizeof(some), 0) > 0);
		clients_expire(&cs, now);
		assert_int_equal(c->state, CLIENT_READS);
		clients_turn(now);
	}
	clients_expire(&cs, now);
	assert_int_equal(clients_timeout(&cs, now), STALL_MS);
	clients_expire(&cs, now + STALL_MS - 1);
	assert_int_equal(c->state, CLIENT_READS);
	clients_expire(&cs, now + STALL_MS);
	assert_int_equal(c->state, CLIENT_FREE);
	assert_int_equal(cs.stalled, 1);
}

/* All clients ask, and do not read. */
static void
all_stall(int64_t now_ms)
{
	for (size_t i = 0; i < CLIENTS; i++)
		client_send(client_join(now_ms), FRAME_ASK);
	clients_turn(now_ms);
	for (size_t i = 0; i < CLIENTS; i++)
		client_flood(&cs.list[i], now_ms);
	clients_turn(now_ms);
	clients_expire(&cs, now_ms);
}

static void
who_does_not_read_gives_its_place(void **state)
{
	static uint8_t some[1 << 17];
	struct frame f;
	int late;

	(void)state;
	need_untaken();
	all_stall(0);
	late = join_as(false, STALL_YIELD_MS - 1, false);
	assert_int_equal(client_receive(late, &f), FRAME_END);
	assert_int_equal(end_read(f.body), END_BUSY);
	/* The first one does: it is not the one who gives way. */
	assert_true(recv(ends[0], some, sizeof(some), 0) > 0);
	(void)client_join(STALL_YIELD_MS);
	assert_int_equal(cs.list[0].state, CLIENT_READS);
	assert_int_equal(cs.list[1].state, CLIENT_IDLE);
	assert_int_equal(cs.stalled, 1);
}

/* What nobody reads waits in memory, which others need for their answers. */
static void
who_does_not_read_gives_its_memory(void **state)
{
	(void)state;
	all_stall(0);
	(void)client_join(STALL_YIELD_MS);
	client_send(ends[nends - 1], FRAME_METRICS);
	clients_turn(STALL_YIELD_MS);
	assert_non_null(clients_next(&cs, STALL_YIELD_MS));
	assert_int_equal(clients_next(&cs, STALL_YIELD_MS)->request,
	    FRAME_METRICS);
	assert_true(cs.stalled > CLIENTS / 2);
}

static void
our_own_goes_before_all_others(void **state)
{
	int own;

	(void)state;
	all_stall(0);
	client_send(client_join(STALL_YIELD_MS), FRAME_ASK);
	own = join_as(true, 100, true);
	client_send(own, FRAME_METRICS);
	clients_turn(STALL_YIELD_MS);
	/* Nobody has to give way for it. */
	assert_ptr_equal(clients_next(&cs, 200), OWN);
	assert_int_equal(cs.stalled, 1);
	/* Another one takes its place. */
	(void)join_as(true, 300, true);
	assert_int_equal(OWN->state, CLIENT_IDLE);
}

/* It is reached by HTTP: who took it over gets metrics by it, and no more. */
static void
our_own_may_ask_for_metrics_only(void **state)
{
	static const enum frame_type others[] = { FRAME_ASK, FRAME_RELOAD,
		FRAME_ROTATE, FRAME_TAIL };

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		client_send(join_as(true, 0, true), others[i]);
		clients_turn(0);
		assert_int_equal(OWN->state, CLIENT_FREE);
	}
}

static void
who_rests_longest_gives_its_place(void **state)
{
	struct frame f;

	(void)state;
	for (int64_t i = 0; i < CLIENTS; i++)
		(void)client_join(i);
	(void)client_join(100);
	assert_int_equal(client_receive(ends[0], &f), -1);
	assert_int_equal(client_receive(ends[1], &f), 0);
	assert_int_equal(cs.list[0].since_ms, 100);
}

static void
when_all_work_a_new_one_is_turned_away(void **state)
{
	struct frame f;
	int late;

	(void)state;
	for (int64_t i = 0; i < CLIENTS; i++)
		client_send(client_join(i), FRAME_ASK);
	clients_turn(50);
	late = join_as(false, 100, false);
	assert_int_equal(client_receive(late, &f), FRAME_END);
	assert_int_equal(end_read(f.body), END_BUSY);
	for (int i = 0; i < CLIENTS; i++)
		assert_int_equal(cs.list[i].state, CLIENT_QUEUED);
}

static void
so_many_may_watch(void **state)
{
	struct frame f;

	(void)state;
	assert_false(clients_any_tail(&cs));
	for (int64_t i = 0; i <= CLIENTS_TAIL; i++) {
		client_send(client_join(i), FRAME_TAIL);
		clients_turn(i);
	}
	assert_true(clients_any_tail(&cs));
	clients_turn(99);
	assert_int_equal(client_receive(ends[CLIENTS_TAIL - 1], &f), 0);
	assert_int_equal(client_receive(ends[CLIENTS_TAIL], &f), FRAME_END);
	assert_int_equal(end_read(f.body), END_BUSY);
}

/* Some flows for all who watch. */
static void
clients_show_flows(size_t octets, int64_t now_ms)
{
	static uint8_t block[1 << 20];
	struct flows_head head = { 1, 0 };
	struct buf frame;

	buf_init(&frame, 2 << 20);
	flows_put(&frame, &head, (struct bytes){ block, octets });
	for (size_t i = 0; i < CLIENTS; i++)
		if (cs.list[i].state == CLIENT_TAILS)
			client_send_flows(&cs.list[i],
			    (struct bytes){ frame.ptr + FRAME_HEAD,
				frame.len - FRAME_HEAD });
	buf_fini(&frame);
	clients_turn(now_ms);
	clients_expire(&cs, now_ms);
}

/* Also when all that it does not read fits into its socket. */
static void
who_watches_and_does_not_read_gives_its_place(void **state)
{
	static uint8_t some[1 << 17];
	struct frame f;

	(void)state;
	need_untaken();
	for (int i = 0; i < CLIENTS_TAIL; i++)
		client_send(client_join(0), FRAME_TAIL);
	clients_turn(0);
	clients_expire(&cs, 0);
	/* Nothing to read: nobody is late. */
	client_send(client_join(90000), FRAME_TAIL);
	clients_turn(90000);
	clients_turn(90000);
	assert_int_equal(client_receive(ends[CLIENTS_TAIL], &f), FRAME_END);
	clients_show_flows(1000, 100000);
	for (int i = 0; i < CLIENTS_TAIL; i++)
		if (i != 3)
			assert_true(recv(ends[i], some, sizeof(some), 0) > 0);
	client_send(client_join(100000 + STALL_YIELD_MS), FRAME_TAIL);
	clients_turn(100000 + STALL_YIELD_MS);
	for (int i = 0; i < CLIENTS_TAIL; i++)
		assert_int_equal(cs.list[i].state,
		    i == 3 ? CLIENT_FREE : CLIENT_TAILS);
	assert_int_equal(cs.stalled, 1);
	assert_int_equal(client_receive(ends[nends - 1], &f), 0);
}

static void
who_watches_and_does_not_read_is_dropped_in_time(void **state)
{
	static uint8_t some[1 << 20];
	int64_t now = 0;

	(void)state;
	need_untaken();
	client_send(client_join(0), FRAME_TAIL);
	client_send(client_join(0), FRAME_TAIL);
	clients_turn(0);
	for (; now < STALL_MS; now += 1000) {
		clients_show_flows(10000, now);
		while (recv(ends[0], some, sizeof(some), 0) > 0)
			;
		assert_int_equal(cs.list[1].state, CLIENT_TAILS);
	}
	clients_show_flows(1000, now);
	assert_int_equal(cs.list[0].state, CLIENT_TAILS);
	assert_int_equal(cs.list[1].state, CLIENT_FREE);
}

/* All flows are shown or counted, and nothing grows. */
static void
one_who_watches_and_does_not_read_misses_flows(void **state)
{
	static uint8_t block[100000], octets[1 << 20];
	struct flows_head head = { 10, 1 };
	struct client *c = &cs.list[0];
	uint64_t shown = 0;
	struct buf all;
	struct frame f;
	size_t used = 0;
	ssize_t n;

	(void)state;
	client_send(client_join(0), FRAME_TAIL);
	clients_turn(0);
	buf_init(&all, 64 << 20);
	flows_put(&all, &head, (struct bytes){ block, sizeof(block) });
	for (int i = 0; i < 200; i++) {
		client_send_flows(c, (struct bytes){ all.ptr + FRAME_HEAD,
				   all.len - FRAME_HEAD });
		clients_turn(0);
	}
	assert_true(conn_waiting(&c->conn) <= 5 << 20);
	assert_true(c->dropped > 0);
	buf_reset(&all);
	for (int i = 0; i < 1000; i++) {
		while ((n = recv(ends[0], octets, sizeof(octets), 0)) > 0)
			buf_append(&all, octets, (size_t)n);
		clients_turn(0);
	}
	while (used < all.len) {
		int64_t one = frame_next((struct bytes){ all.ptr + used,
					     all.len - used }, 1 << 20, &f);
		struct bytes rest;

		assert_true(one > 0);
		assert_int_equal(flows_read(f.body, &head, &rest), 0);
		shown += head.nrows + head.dropped;
		used += (size_t)one;
	}
	assert_true(shown + c->dropped == 200 * 11);
	buf_fini(&all);
}

/* When much waits to be taken, nobody is asked on. */
static void
too_much_that_waits_stops_the_turns(void **state)
{
	struct client *c = &cs.list[0];
	uint8_t *p;

	(void)state;
	client_send(client_join(0), FRAME_ASK);
	client_send(client_join(0), FRAME_ASK);
	clients_turn(0);
	assert_ptr_equal(clients_next(&cs, 0), c);
	client_answered(c, 0);
	p = buf_room(&c->conn.out, 40 << 20);
	assert_non_null(p);
	c->conn.out.len = 40 << 20;
	assert_null(clients_next(&cs, 0));
	client_drop(c);
	assert_ptr_equal(clients_next(&cs, 0), &cs.list[1]);
}

/* Else what it says would fill its buffer, and nobody would see it go. */
static void
one_who_watches_and_talks_is_dropped(void **state)
{
	int a = client_join(0);

	(void)state;
	client_send(a, FRAME_TAIL);
	clients_turn(0);
	assert_int_equal(cs.list[0].state, CLIENT_TAILS);
	clients_turn(1);
	assert_int_equal(cs.list[0].state, CLIENT_TAILS);
	client_send(a, FRAME_ASK);
	clients_turn(2);
	assert_int_equal(cs.list[0].state, CLIENT_FREE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    questions_have_their_turn_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    an_answer_is_taken_and_then_one_may_ask_again, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    what_makes_no_sense_is_the_end, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    who_says_nothing_is_dropped_in_time, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    who_does_not_take_its_answer_is_dropped_in_time, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    who_does_not_read_gives_its_place, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    who_does_not_read_gives_its_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    our_own_goes_before_all_others, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    our_own_may_ask_for_metrics_only, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    who_watches_and_does_not_read_gives_its_place, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    who_watches_and_does_not_read_is_dropped_in_time, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    who_rests_longest_gives_its_place, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    when_all_work_a_new_one_is_turned_away, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    so_many_may_watch, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    one_who_watches_and_does_not_read_misses_flows, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    too_much_that_waits_stops_the_turns, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    one_who_watches_and_talks_is_dropped, setup, teardown),
	};

	return cmocka_run_group_tests_name("clients", tests, NULL, NULL);
}
