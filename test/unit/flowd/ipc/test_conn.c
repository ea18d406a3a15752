/* Connections that frames go over: flowd/ipc/conn.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conn.h"

enum { OUT_MAX = 1024 * 1024 };

static struct conn a, b;

static int
setup(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(conn_pair(ends), 0);
	conn_init(&a, ends[0], 64, OUT_MAX);
	conn_init(&b, ends[1], OUT_MAX, OUT_MAX);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	conn_close(&a);
	conn_close(&b);
	return 0;
}

static bool
conn_put(struct conn *c, size_t len)
{
	static uint8_t body[OUT_MAX];
	size_t mark = conn_mark(c);

	frame_put(&c->out, FRAME_TEXT, 1, (struct bytes){ body, len });
	return conn_commit(c, mark);
}

static void
frames_go_over(void **state)
{
	struct frame f;

	(void)state;
	assert_true(conn_put(&a, 5));
	assert_true(conn_put(&a, 0));
	assert_int_equal(conn_events(&a), POLLIN | POLLOUT);
	assert_true(conn_handle(&a));
	assert_int_equal(conn_waiting(&a), 0);
	assert_int_equal(conn_events(&a), POLLIN);
	assert_true(conn_handle(&b));
	assert_int_equal(conn_next(&b, &f), 1);
	assert_int_equal(f.body.len, 5);
	assert_int_equal(conn_next(&b, &f), 1);
	assert_int_equal(f.body.len, 0);
	assert_int_equal(conn_next(&b, &f), 0);
}

/* More than the system's buffer holds. */
static void
a_long_frame_goes_over_in_pieces(void **state)
{
	struct frame f;
	int got = 0;

	(void)state;
	assert_true(conn_put(&a, 900000));
	for (int i = 0; i < 1000 && got == 0; i++) {
		assert_true(conn_handle(&a));
		assert_true(conn_handle(&b));
		got = conn_next(&b, &f);
	}
	assert_int_equal(got, 1);
	assert_int_equal(f.body.len, 900000);
	/* What was large is given back. */
	assert_true(conn_handle(&b));
	assert_true(b.in.cap < 100000);
	assert_int_equal(a.out.cap, 0);
}

static void
what_does_not_fit_leaves_what_was_there(void **state)
{
	struct frame f;

	(void)state;
	assert_true(conn_put(&a, 7));
	assert_false(conn_put(&a, OUT_MAX));
	assert_true(conn_handle(&a));
	assert_true(conn_handle(&b));
	assert_int_equal(conn_next(&b, &f), 1);
	assert_int_equal(f.body.len, 7);
	assert_int_equal(conn_next(&b, &f), 0);
}

/* One who does not read costs no more than the maximum. */
static void
one_who_does_not_read_fills_up_and_no_more(void **state)
{
	int n = 0;

	(void)state;
	while (conn_put(&a, 1000) && n < 100000) {
		assert_true(conn_handle(&a));
		n++;
	}
	assert_true(n < 100000);
	assert_true(a.out.cap <= OUT_MAX);
	assert_true(conn_handle(&a));
}

/* One who sends without an end is not heard before he was answered. */
static void
what_is_not_taken_is_not_received(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++) {
		(void)conn_put(&b, 20);
		assert_true(conn_handle(&b));
		assert_true(conn_handle(&a));
	}
	assert_true(a.in.len <= a.in.max);
	assert_int_equal(conn_events(&a) & POLLIN, 0);
}

static void
the_end_of_the_other_side_is_the_end(void **state)
{
	struct frame f;

	(void)state;
	assert_true(conn_put(&a, 5));
	conn_close(&b);
	assert_false(conn_handle(&a));
	assert_false(conn_is_open(&a));
	assert_int_equal(conn_events(&a), 0);
	assert_int_equal(conn_next(&a, &f), 0);
	assert_false(conn_handle(&a));
}

static void
what_is_no_frame_is_told(void **state)
{
	struct frame f;

	(void)state;
	assert_int_equal(send(b.fd, "GET / HTTP/1.1\r\n", 16, 0), 16);
	assert_true(conn_handle(&a));
	assert_int_equal(conn_next(&a, &f), FLOWD_EFORMAT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    frames_go_over, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_long_frame_goes_over_in_pieces, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    what_does_not_fit_leaves_what_was_there, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    one_who_does_not_read_fills_up_and_no_more, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    what_is_not_taken_is_not_received, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    the_end_of_the_other_side_is_the_end, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    what_is_no_frame_is_told, setup, teardown),
	};

	return cmocka_run_group_tests_name("conn", tests, NULL, NULL);
}
