/*
 * The HTTP server, over socket pairs and a loopback socket:
 * flowd/metrics/http.c.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "http.h"
#include "stall.h"

enum { CLIENTS = 4 };

static struct {
	struct http *h;
	struct pollfd *pfd;
	int64_t now_ms;
	size_t size; /* octets of the text, 0: a short one */
	bool refuses;
	struct http_text *shared; /* the same for all, or NULL */
} t;

static struct http_text *
metrics_text(void *arg)
{
	struct http_text *made;

	assert_ptr_equal(arg, &t);
	if (t.refuses)
		return NULL;
	if (t.shared != NULL)
		return http_text_use(t.shared);
	made = http_text_new(1 << 22);
	if (t.size == 0)
		buf_append_text(&made->buf, "flowd_up 1\n");
	for (size_t i = 0; i < t.size; i++)
		buf_append_char(&made->buf, (char)('a' + i % 26));
	return made;
}

static int
setup(void **state)
{
	struct http_options o = { .clients = CLIENTS, .request_ms = 1000,
		.text = metrics_text, .arg = &t };

	(void)state;
	memset(&t, 0, sizeof(t));
	t.now_ms = 5000;
	t.h = http_new(&o);
	t.pfd = calloc(http_nfds(t.h), sizeof(*t.pfd));
	return t.pfd != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	http_free(t.h);
	http_text_drop(t.shared);
	free(t.pfd);
	return 0;
}

/* One turn of a loop that does not wait. */
static int
http_turn(void)
{
	int n;

	http_fill(t.h, t.pfd, t.now_ms);
	n = poll(t.pfd, (nfds_t)http_nfds(t.h), 0);
	http_handle(t.h, t.pfd, t.now_ms);
	return n;
}

static void
http_turns(void)
{
	/* One more after nothing happened: a time may have run out in it. */
	for (unsigned i = 0, idle = 0; i < 100 && idle < 2; i++)
		idle = http_turn() > 0 ? 0 : idle + 1;
}

/* Elsewhere it is not known what somebody has taken of what was sent. */
static void
need_untaken(void)
{
	if (getenv("FLOWD_PORTABLE") != NULL)
		skip();
}

static int
client_connect(void)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(fcntl(pair[1], F_SETFL, O_NONBLOCK), 0);
	http_add(t.h, pair[0], t.now_ms);
	return pair[1];
}

static void
client_send(int fd, const char *request)
{
	assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL),
	    strlen(request));
}

/* What came so far; the turns are ours. Sets *closed at the end. */
static const char *
client_receive(int fd, bool *closed)
{
	static char responder[2 << 20];
	size_t len = 0;
	ssize_t n;

	do {
		http_turns();
		n = read(fd, responder + len, sizeof(responder) - 1 - len);
		len += n > 0 ? (size_t)n : 0;
	} while (n > 0);
	responder[len] = '\0';
	*closed = n == 0;
	return responder;
}

static const char *
http_ask(const char *request)
{
	bool closed;
	int fd = client_connect();
	const char *responder;

	client_send(fd, request);
	responder = client_receive(fd, &closed);
	assert_true(closed);
	(void)close(fd);
	http_turns();
	return responder;
}

static void
assert_begins(const char *responder, const char *want)
{
	if (strncmp(responder, want, strlen(want)) != 0)
		assert_string_equal(responder, want);
}

static const char *
body_of(const char *responder)
{
	const char *end = strstr(responder, "\r\n\r\n");

	assert_non_null(end);
	return end + 4;
}

#define GET_METRICS "GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n"

static void
metrics_are_answered(void **state)
{
	const char *a = http_ask(GET_METRICS);

	(void)state;
	assert_begins(a, "HTTP/1.1 200 OK\r\nDate: ");
	assert_non_null(strstr(a,
	    "\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
	assert_non_null(strstr(a, "\r\nContent-Length: 11\r\n"));
	assert_non_null(strstr(a, "\r\nConnection: close\r\n"));
	assert_string_equal(body_of(a), "flowd_up 1\n");
	assert_int_equal(http_counters(t.h)->answered, 1);
	assert_int_equal(http_timeout(t.h, t.now_ms), -1);
}

static void
head_is_the_same_without_a_body(void **state)
{
	const char *a = http_ask("HEAD /metrics HTTP/1.1\r\nHost: h\r\n\r\n");

	(void)state;
	assert_begins(a, "HTTP/1.1 200 OK\r\n");
	assert_non_null(strstr(a, "\r\nContent-Length: 11\r\n"));
	assert_string_equal(body_of(a), "");
}

static void
others_have_their_status(void **state)
{
	static const struct {
		const char *request, *responder;
	} rows[] = {
		{ "GET / HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n" },
		{ "GET /x HTTP/1.0\r\n\r\n", "HTTP/1.1 404 Not Found\r\n" },
		{ "GET /metrics/ HTTP/1.0\r\n\r\n", "HTTP/1.1 404 " },
		{ "POST /metrics HTTP/1.0\r\nContent-Length: 2\r\n\r\nxx",
		    "HTTP/1.1 405 Method Not Allowed\r\n" },
		{ "DELETE /x HTTP/1.0\r\n\r\n", "HTTP/1.1 404 " },
		{ "nonsense\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n" },
		{ "\x16\x03\x01", "HTTP/1.1 400 Bad Request\r\n" },
		{ "GET /metrics HTTP/2.0\r\n\r\n", "HTTP/1.1 505 " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_begins(http_ask(rows[i].request), rows[i].responder);
	assert_non_null(strstr(http_ask("GET / HTTP/1.0\r\n\r\n"), "/metrics"));
	assert_non_null(strstr(http_ask("PUT / HTTP/1.0\r\n\r\n"),
	    "\r\nAllow: GET, HEAD\r\n"));
	assert_int_equal(http_counters(t.h)->refused, 8);
}

static void
no_text_is_503(void **state)
{
	(void)state;
	t.refuses = true;
	assert_begins(http_ask(GET_METRICS), "HTTP/1.1 503 ");
}

static void
a_request_may_come_in_pieces(void **state)
{
	const char *request = GET_METRICS;
	bool closed;
	int fd = client_connect();

	(void)state;
	for (size_t i = 0; i < strlen(request); i++) {
		char one[2] = { request[i], '\0' };

		assert_string_equal(client_receive(fd, &closed), "");
		assert_false(closed);
		client_send(fd, one);
	}
	assert_begins(client_receive(fd, &closed), "HTTP/1.1 200 ");
	assert_true(closed);
	(void)close(fd);
}

static void
a_long_answer_comes_whole(void **state)
{
	const char *body;

	(void)state;
	t.size = 1 << 20;
	body = body_of(http_ask(GET_METRICS));
	assert_int_equal(strlen(body), t.size);
	for (size_t i = 0; i < t.size; i++)
		assert_int_equal(body[i], 'a' + i % 26);
}

static void
a_head_without_end_is_431(void **state)
{
	static char request[HTTP_HEAD_MAX + 100];
	bool closed;
	int fd = client_connect();

	(void)state;
	memset(request, 'x', sizeof(request) - 1);
	memcpy(request, "GET / HTTP/1.0\r\nA:", 18);
	client_send(fd, request);
	assert_begins(client_receive(fd, &closed), "HTTP/1.1 431 ");
	assert_true(closed);
	(void)close(fd);
}

static void
a_slow_request_is_408_and_silence_is_cut(void **state)
{
	int slow = client_connect(), silent = client_connect();
	bool closed;

	(void)state;
	for (int i = 0; i < 9; i++) {
		client_send(slow, "G");
		t.now_ms += 100;
		assert_string_equal(client_receive(slow, &closed), "");
		assert_false(closed);
	}
	assert_int_equal(http_timeout(t.h, t.now_ms), 100);
	t.now_ms += 100;
	assert_begins(client_receive(slow, &closed), "HTTP/1.1 408 ");
	assert_true(closed);
	assert_string_equal(client_receive(silent, &closed), "");
	assert_true(closed);
	(void)close(slow);
	(void)close(silent);
	assert_int_equal(http_counters(t.h)->dropped, 1);
}

/* It is sent more than its socket takes, and reads nothing. */
static int
client_stall(void)
{
	int fd = client_connect();

	t.size = 1 << 20;
	client_send(fd, GET_METRICS);
	http_turns();
	return fd;
}

static void
an_answer_that_is_not_taken_is_given_up(void **state)
{
	int fd = client_stall();

	(void)state;
	assert_int_equal(http_timeout(t.h, t.now_ms), STALL_MS);
	t.now_ms += STALL_MS;
	http_turns();
	assert_int_equal(http_timeout(t.h, t.now_ms), -1);
	assert_int_equal(http_counters(t.h)->dropped, 1);
	(void)close(fd);
}

/* However long it takes, and though no poll tells that there is room. */
static void
an_answer_that_is_taken_slowly_comes_whole(void **state)
{
	static char some[64 * 1024];
	int fd = client_stall();
	size_t got = 0;
	ssize_t n;

	(void)state;
	need_untaken();
	while ((n = read(fd, some, sizeof(some))) > 0) {
		got += (size_t)n;
		t.now_ms += STALL_MS - 1;
		http_turns();
	}
	assert_int_equal(n, 0);
	assert_true(got > t.size);
	assert_int_equal(http_counters(t.h)->dropped, 0);
	(void)close(fd);
}

static void
who_does_not_read_gives_its_place(void **state)
{
	static char some[64 * 1024];
	int slow[CLIENTS], late;
	bool closed;

	(void)state;
	need_untaken();
	for (size_t i = 0; i < CLIENTS; i++)
		slow[i] = client_stall();
	t.now_ms += STALL_YIELD_MS - 1;
	assert_true(read(slow[0], some, sizeof(some)) > 0);
	late = client_connect();
	assert_string_equal(client_receive(late, &closed), "");
	assert_true(closed);
	(void)close(late);
	t.now_ms++;
	t.size = 0;
	assert_begins(http_ask(GET_METRICS), "HTTP/1.1 200 ");
	/* Who had read some is not the one who had to give way. */
	t.size = 1 << 20;
	assert_true(
	    strlen(client_receive(slow[0], &closed)) > t.size - sizeof(some));
	for (size_t i = 0; i < CLIENTS; i++)
		(void)close(slow[i]);
}

static void
readers_of_the_same_share_it(void **state)
{
	int fd[CLIENTS];

	(void)state;
	t.size = 1 << 20;
	t.shared = metrics_text(&t);
	for (size_t i = 0; i < CLIENTS; i++)
		fd[i] = client_stall();
	assert_int_equal(t.shared->users, CLIENTS + 1);
	for (size_t i = 0; i < CLIENTS; i++)
		(void)close(fd[i]);
	http_turns();
	assert_int_equal(t.shared->users, 1);
}

/* One that does not close after its answer holds its place for a moment. */
static void
a_client_that_stays_is_left(void **state)
{
	int fd = client_connect();
	bool closed;

	(void)state;
	client_send(fd, GET_METRICS);
	(void)client_receive(fd, &closed);
	assert_in_range(http_timeout(t.h, t.now_ms), 1, 1000);
	client_send(fd, "more and more");
	http_turns();
	t.now_ms += 1000;
	http_turns();
	assert_int_equal(http_timeout(t.h, t.now_ms), -1);
	(void)close(fd);
}

static void
silent_clients_do_not_keep_others_out(void **state)
{
	int silent[3 * CLIENTS];
	bool closed;
	unsigned cut = 0;

	(void)state;
	for (size_t i = 0; i < 3 * CLIENTS; i++) {
		t.now_ms++;
		silent[i] = client_connect();
	}
	assert_begins(http_ask(GET_METRICS), "HTTP/1.1 200 ");
	for (size_t i = 0; i < 3 * CLIENTS; i++) {
		(void)client_receive(silent[i], &closed);
		cut += closed;
		/* Those who came first go first. */
		assert_int_equal(closed, i < 2 * CLIENTS + 1);
		(void)close(silent[i]);
	}
	assert_int_equal(http_counters(t.h)->dropped, cut);
}

static void
clients_that_are_answered_keep_their_places(void **state)
{
	int slow[CLIENTS], late;
	bool closed;

	(void)state;
	t.size = 1 << 20;
	for (size_t i = 0; i < CLIENTS; i++) {
		slow[i] = client_connect();
		client_send(slow[i], GET_METRICS);
	}
	http_turns();
	late = client_connect();
	assert_string_equal(client_receive(late, &closed), "");
	assert_true(closed);
	(void)close(late);
	for (size_t i = 0; i < CLIENTS; i++) {
		assert_int_equal(
		    strlen(body_of(client_receive(slow[i], &closed))), t.size);
		(void)close(slow[i]);
	}
}

static void
a_client_that_goes_leaves_its_place(void **state)
{
	int fd;

	(void)state;
	fd = client_connect();
	client_send(fd, "GET /me");
	http_turns();
	(void)close(fd);
	http_turns();
	assert_int_equal(http_timeout(t.h, t.now_ms), -1);
	t.size = 1 << 20;
	fd = client_connect();
	client_send(fd, GET_METRICS);
	http_turns();
	(void)close(fd);
	http_turns();
	assert_int_equal(http_timeout(t.h, t.now_ms), -1);
}

static int
listen_on_loopback(struct sockaddr_in *sin)
{
	socklen_t len = sizeof(*sin);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	*sin = (struct sockaddr_in){ .sin_family = AF_INET };
	sin->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)sin, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)sin, &len), 0);
	assert_int_equal(listen(fd, 64), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

static int
connect_to(const struct sockaddr_in *sin)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(
	    connect(fd, (const struct sockaddr *)sin, sizeof(*sin)), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

static void
a_listener_accepts_clients(void **state)
{
	struct sockaddr_in sin;
	int fd[3 * CLIENTS];
	bool closed;

	(void)state;
	assert_int_equal(http_listen(t.h, listen_on_loopback(&sin)), 0);
	for (size_t i = 0; i < 3 * CLIENTS; i++) {
		fd[i] = connect_to(&sin);
		client_send(fd[i], GET_METRICS);
		assert_begins(client_receive(fd[i], &closed), "HTTP/1.1 200 ");
		assert_true(closed);
	}
	for (size_t i = 0; i < 3 * CLIENTS; i++)
		(void)close(fd[i]);
	http_turns();
	assert_int_equal(http_counters(t.h)->answered, 3 * CLIENTS);
}

/* One turn accepts more than there are places. */
static void
a_request_is_answered_in_a_flood_of_silence(void **state)
{
	struct sockaddr_in sin;
	int silent[3 * CLIENTS], fd = -1;
	bool closed;

	(void)state;
	assert_int_equal(http_listen(t.h, listen_on_loopback(&sin)), 0);
	for (size_t i = 0; i < 3 * CLIENTS; i++) {
		silent[i] = connect_to(&sin);
		if (i != CLIENTS)
			continue;
		fd = connect_to(&sin);
		client_send(fd, GET_METRICS);
	}
	assert_begins(client_receive(fd, &closed), "HTTP/1.1 200 ");
	assert_true(closed);
	(void)close(fd);
	for (size_t i = 0; i < 3 * CLIENTS; i++)
		(void)close(silent[i]);
}

static void
what_cannot_be_accepted_pauses_the_listener(void **state)
{
	int pair[2];

	(void)state;
	/* No socket that listens: accept() fails, poll says it is ready. */
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(http_listen(t.h, pair[0]), 0);
	client_send(pair[1], "x");
	assert_int_equal(http_turn(), 1);
	assert_int_equal(http_turn(), 0);
	assert_int_equal(http_timeout(t.h, t.now_ms), 1000);
	t.now_ms += 1000;
	assert_int_equal(http_timeout(t.h, t.now_ms), -1);
	assert_int_equal(http_turn(), 1);
	(void)close(pair[1]);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(metrics_are_answered),
		T(head_is_the_same_without_a_body),
		T(others_have_their_status),
		T(no_text_is_503),
		T(a_request_may_come_in_pieces),
		T(a_long_answer_comes_whole),
		T(a_head_without_end_is_431),
		T(a_slow_request_is_408_and_silence_is_cut),
		T(an_answer_that_is_not_taken_is_given_up),
		T(an_answer_that_is_taken_slowly_comes_whole),
		T(who_does_not_read_gives_its_place),
		T(readers_of_the_same_share_it),
		T(a_client_that_stays_is_left),
		T(silent_clients_do_not_keep_others_out),
		T(clients_that_are_answered_keep_their_places),
		T(a_client_that_goes_leaves_its_place),
		T(a_listener_accepts_clients),
		T(a_request_is_answered_in_a_flood_of_silence),
		T(what_cannot_be_accepted_pauses_the_listener),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
