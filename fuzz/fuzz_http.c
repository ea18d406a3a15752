/*
 * Requests to the HTTP server on any octets: the parser on every beginning of
 * them, and the server over a socket pair.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http.h"
#include "http_request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct http_text *
metrics_text(void *arg)
{
	struct http_text *t = http_text_new(64);

	(void)arg;
	if (t != NULL)
		buf_append_text(&t->buf, "flowd_up 1\n");
	return t;
}

/* A verdict does not change with what follows. */
static void
parse_beginnings(const uint8_t *data, size_t size)
{
	struct http_request first = { .status = 0 }, req;
	bool done = false;

	for (size_t len = 0; len <= size && len <= 600; len++) {
		bool now = http_request_parse((struct bytes){ data, len },
		    &req);

		if (done && (!now || (req.status == 0) != (first.status == 0) ||
				(req.status == 0 &&
				    (req.method != first.method ||
					req.path.ptr != first.path.ptr ||
					req.path.len != first.path.len))))
			abort();
		if (now && !done)
			first = req;
		done |= now;
	}
}

static void
http_turn(struct http *h, struct pollfd *pfd, int64_t now_ms)
{
	http_fill(h, pfd, now_ms);
	(void)poll(pfd, (nfds_t)http_nfds(h), 0);
	http_handle(h, pfd, now_ms);
}

static void
http_serve(const uint8_t *data, size_t size)
{
	struct http_options o = { .clients = 1, .text = metrics_text };
	struct pollfd pfd[HTTP_LISTEN_MAX + 1];
	struct http *h = http_new(&o);
	char answer[1024];
	int pair[2];
	ssize_t n;

	if (h == NULL || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
		abort();
	http_add(h, pair[0], 0);
	if (size > 0)
		(void)!send(pair[1], data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	for (int i = 0; i < 8; i++)
		http_turn(h, pfd, 1);
	/* Too late for the request: now there is an answer, or silence. */
	for (int64_t now = 10000; now < 10003; now++)
		http_turn(h, pfd, now);
	n = recv(pair[1], answer, sizeof(answer), MSG_DONTWAIT);
	if (size > 0 && (n < 9 || memcmp(answer, "HTTP/1.1 ", 9) != 0))
		abort();
	http_free(h);
	(void)close(pair[1]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	parse_beginnings(data, size);
	if (size <= 16384)
		http_serve(data, size);
	return 0;
}
