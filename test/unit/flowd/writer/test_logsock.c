/* The log socket and its reader: flowd/writer/logsock.c. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../folder.h"
#include "logsock.h"
#include "logsock_connect.h"

enum { RECORD = 16, MANY = 4096 };

static struct {
	char dir[FOLDER_PATH];
	char path[FOLDER_PATH + 8];
	int reader;
	uint32_t next; /* number of the next record that is put */
	int64_t now_ms;
	struct logsock ls;
} t;

static void
socket_appear(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	(void)unlink(t.path);
	(void)snprintf(un.sun_path, sizeof(un.sun_path), "%s", t.path);
	t.reader = socket(AF_UNIX, SOCK_DGRAM, 0);
	assert_int_equal(
	    bind(t.reader, (struct sockaddr *)&un, sizeof(un)), 0);
}

static void
socket_disappear(void)
{
	(void)close(t.reader);
	t.reader = -1;
}

/* As the process that sees the path does: connect when due, or flush. */
static void
logsock_tend(void)
{
	int fd;

	if (logsock_due(&t.ls, t.now_ms)) {
		fd = logsock_connect(t.ls.path, t.ls.bufsize);
		logsock_adopt(&t.ls, fd, errno, t.now_ms);
	} else {
		logsock_flush(&t.ls);
	}
}

static int
setup(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	t.reader = -1;
	t.now_ms = 1000000;
	if (folder_make(t.dir) != 0)
		return -1;
	(void)snprintf(t.path, sizeof(t.path), "%s/s", t.dir);
	logsock_init(&t.ls);
	return logsock_set(&t.ls, t.path, 0);
}

static int
teardown(void **state)
{
	(void)state;
	socket_disappear();
	logsock_fini(&t.ls);
	(void)unlink(t.path);
	return rmdir(t.dir);
}

static void
record_put(unsigned n)
{
	static uint8_t records[RECORD * MANY];

	assert_true(n <= MANY);
	for (unsigned i = 0; i < n; i++) {
		uint8_t *p = records + (size_t)i * RECORD;

		memset(p, 0, RECORD);
		p[0] = 0x60;
		p[1] = (RECORD - 8) / 4;
		store_be32(p + 12, t.next++);
	}
	logsock_put(&t.ls, (struct bytes){ records, (size_t)n * RECORD });
}

/* The number of the next record that is read, or -1. */
static int64_t
record_get(void)
{
	uint8_t rec[512];
	ssize_t n = recv(t.reader, rec, sizeof(rec), MSG_DONTWAIT);

	if (n < 0)
		return -1;
	assert_int_equal(n, RECORD);
	return load_be32(rec + 12);
}

/* Every record is in one place. */
static void
check_sum(void)
{
	assert_true(t.ls.sent + t.ls.queued + t.ls.lost == t.next);
}

static void
each_record_is_a_datagram(void **state)
{
	(void)state;
	socket_appear();
	logsock_tend();
	record_put(3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(record_get(), i);
	assert_int_equal(record_get(), -1);
	assert_int_equal(t.ls.sent, 3);
	assert_int_equal(logsock_timeout(&t.ls, t.now_ms), -1);
	check_sum();
}

static void
without_a_reader_records_are_counted(void **state)
{
	(void)state;
	logsock_tend();
	record_put(5);
	assert_int_equal(t.ls.lost, 5);
	assert_int_equal(t.ls.error, ENOENT);
	assert_false(logsock_blocked(&t.ls));
	check_sum();
}

static void
a_reader_that_comes_is_found(void **state)
{
	(void)state;
	logsock_tend();
	socket_appear();
	t.now_ms += logsock_timeout(&t.ls, t.now_ms);
	logsock_tend();
	record_put(1);
	assert_int_equal(record_get(), 0);
}

static void
attempts_are_ever_rarer(void **state)
{
	unsigned attempts = 0;

	(void)state;
	for (int64_t end = t.now_ms + 60000; t.now_ms < end; t.now_ms += 10) {
		attempts += logsock_due(&t.ls, t.now_ms);
		logsock_tend();
	}
	/* 0.1, 0.2 ... 3.2 s and then every 5 s */
	assert_in_range(attempts, 15, 20);
	assert_in_range(logsock_timeout(&t.ls, t.now_ms), 0,
	    LOGSOCK_DELAY_MOST);
}

static void
a_reader_that_restarts_loses_nothing(void **state)
{
	(void)state;
	socket_appear();
	logsock_tend();
	record_put(2);
	socket_disappear();
	socket_appear();
	t.now_ms += 1000;
	record_put(3);
	assert_int_equal(t.ls.state, LOGSOCK_BROKEN);
	assert_int_equal(t.ls.queued, 3);
	assert_int_equal(logsock_timeout(&t.ls, t.now_ms), 0);
	logsock_tend();
	for (int i = 2; i < 5; i++)
		assert_int_equal(record_get(), i);
	assert_int_equal(t.ls.lost, 0);
	check_sum();
}

static void
a_reader_that_goes_takes_what_waited_with_it(void **state)
{
	(void)state;
	socket_appear();
	logsock_tend();
	record_put(MANY);
	assert_true(t.ls.queued > 0);
	socket_disappear();
	t.now_ms += 1000;
	logsock_tend();
	logsock_tend();
	assert_int_equal(t.ls.state, LOGSOCK_ABSENT);
	assert_int_equal(t.ls.queued, 0);
	record_put(1);
	check_sum();
}

/* It binds, takes nothing and goes, for ever. */
static void
a_reader_that_flaps_is_not_run_after(void **state)
{
	unsigned attempts = 0;

	(void)state;
	for (int64_t end = t.now_ms + 60000; t.now_ms < end; t.now_ms += 10) {
		socket_appear();
		attempts += logsock_due(&t.ls, t.now_ms);
		logsock_tend();
		socket_disappear();
		record_put(1);
	}
	assert_true(attempts <= 60000 / LOGSOCK_DELAY_LEAST);
	check_sum();
}

static void
a_slow_reader_gets_all_in_order(void **state)
{
	int64_t want = 0;

	(void)state;
	socket_appear();
	logsock_tend();
	record_put(MANY);
	assert_true(t.ls.queued > 0);
	assert_true(logsock_blocked(&t.ls) ||
	    logsock_timeout(&t.ls, t.now_ms) >= 0);
	while (want < MANY) {
		int64_t got = record_get();

		if (got == -1) {
			logsock_flush(&t.ls);
			continue;
		}
		assert_int_equal(got, want);
		want++;
		if (want % 1000 == 0)
			check_sum();
	}
	assert_int_equal(t.ls.lost, 0);
	assert_int_equal(t.ls.queued, 0);
	assert_false(logsock_blocked(&t.ls));
}

static void
a_stalled_reader_costs_a_bounded_queue(void **state)
{
	(void)state;
	socket_appear();
	logsock_tend();
	for (unsigned i = 0; i < 100; i++)
		record_put(MANY);
	assert_true(t.ls.lost > 0);
	assert_int_equal(t.ls.queued, LOGSOCK_QUEUE / RECORD);
	assert_true(t.ls.queue.cap <= LOGSOCK_QUEUE);
	check_sum();
	/* It goes on: half of the queue, more records, and then the rest. */
	for (uint64_t half = t.ls.queued / 2; t.ls.queued > half;) {
		(void)record_get();
		logsock_flush(&t.ls);
	}
	record_put(MANY);
	check_sum();
	while (t.ls.queued > 0) {
		(void)record_get();
		logsock_flush(&t.ls);
	}
	check_sum();
}

/* Turns of a loop, a second apart, until it has been so long. */
static void
wait_ms(int64_t ms)
{
	for (int64_t end_ms = t.now_ms + ms; t.now_ms < end_ms;) {
		t.now_ms += 1000;
		logsock_tend();
	}
}

/* It hangs, and somebody has started another one in its place. */
static void
a_reader_that_hangs_is_let_go_of(void **state)
{
	int64_t first, next;
	int hung;

	(void)state;
	socket_appear();
	logsock_tend();
	record_put(MANY);
	logsock_tend();
	hung = t.reader;
	socket_appear();
	wait_ms(LOGSOCK_STALL_MS - 1000);
	assert_int_equal(record_get(), -1);
	assert_null(logsock_problem(&t.ls));
	assert_int_equal(logsock_timeout(&t.ls, t.now_ms), 1000);
	wait_ms(1000 + LOGSOCK_DELAY_MOST);
	assert_int_equal(t.ls.lost, 0);
	first = record_get();
	assert_true(first > 0 && first < MANY);
	for (next = first + 1; next < MANY; next++) {
		logsock_flush(&t.ls);
		assert_int_equal(record_get(), next);
	}
	logsock_tend();
	assert_null(logsock_problem(&t.ls));
	check_sum();
	(void)close(hung);
}

static void
that_a_reader_takes_nothing_is_told(void **state)
{
	(void)state;
	socket_appear();
	logsock_tend();
	record_put(MANY);
	wait_ms(3 * LOGSOCK_STALL_MS);
	assert_string_equal(
	    logsock_problem(&t.ls), "its reader has stopped reading");
	assert_int_equal(t.ls.lost, 0);
	while (record_get() != -1)
		logsock_flush(&t.ls);
	wait_ms(1000);
	assert_null(logsock_problem(&t.ls));
	assert_int_equal(t.ls.sent, MANY);
}

/* One record in the time that it has. */
static void
a_reader_that_goes_on_is_kept(void **state)
{
	int64_t want = 0;

	(void)state;
	socket_appear();
	logsock_tend();
	record_put(MANY);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(record_get(), want++);
		wait_ms(LOGSOCK_STALL_MS - 1000);
		assert_int_equal(t.ls.state, LOGSOCK_CONNECTED);
		assert_null(logsock_problem(&t.ls));
	}
}

static void
set_anew_it_finds_the_new_reader(void **state)
{
	int old;

	(void)state;
	socket_appear();
	logsock_tend();
	old = t.reader;
	socket_appear();
	record_put(1);
	assert_int_equal(record_get(), -1);
	assert_int_equal(logsock_set(&t.ls, t.path, 65536), 0);
	logsock_tend();
	record_put(1);
	assert_int_equal(record_get(), 1);
	(void)close(old);
	assert_int_equal(logsock_set(&t.ls, NULL, 0), 0);
	record_put(1);
	assert_int_equal(record_get(), -1);
	assert_int_equal(t.ls.sent, 2);
	assert_int_equal(t.ls.lost, 0);
}

static void
paths_that_are_no_socket_are_errors(void **state)
{
	char longer[300];
	FILE *f;

	(void)state;
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(logsock_connect(longer, 0), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	assert_int_equal(logsock_connect(t.path, 0), -1);
	assert_int_equal(errno, ENOENT);
	f = fopen(t.path, "w");
	assert_non_null(f);
	(void)fclose(f);
	assert_int_equal(logsock_connect(t.path, 0), -1);
	assert_int_not_equal(errno, 0);
}

/* An engine that somebody else has taken over may put such. */
static void
what_ends_within_a_record_is_read_to_its_end(void **state)
{
	uint8_t *cut = malloc(RECORD + 3);

	(void)state;
	assert_non_null(cut);
	memset(cut, 0xff, RECORD + 3);
	cut[1] = (RECORD - 8) / 4;
	record_put(1);
	logsock_put(&t.ls, (struct bytes){ cut, RECORD + 3 });
	t.next += 2;
	check_sum();
	logsock_adopt(&t.ls, -1, ENOENT, t.now_ms);
	logsock_put(&t.ls, (struct bytes){ cut, RECORD + 1 });
	t.next += 2;
	check_sum();
	socket_appear();
	logsock_adopt(&t.ls, logsock_connect(t.path, 0), 0, t.now_ms);
	logsock_put(&t.ls, (struct bytes){ cut, RECORD + 3 });
	t.next += 2;
	check_sum();
	assert_int_equal(t.ls.sent, 2);
	free(cut);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_record_is_a_datagram),
		T(without_a_reader_records_are_counted),
		T(a_reader_that_comes_is_found),
		T(attempts_are_ever_rarer),
		T(a_reader_that_restarts_loses_nothing),
		T(a_reader_that_goes_takes_what_waited_with_it),
		T(a_reader_that_flaps_is_not_run_after),
		T(a_slow_reader_gets_all_in_order),
		T(a_stalled_reader_costs_a_bounded_queue),
		T(a_reader_that_hangs_is_let_go_of),
		T(that_a_reader_takes_nothing_is_told),
		T(a_reader_that_goes_on_is_kept),
		T(set_anew_it_finds_the_new_reader),
		T(paths_that_are_no_socket_are_errors),
		T(what_ends_within_a_record_is_read_to_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
