/*
 * A small HTTP/1.1 server of one resource: GET and HEAD of /metrics answer
 * with a text that a callback makes; / says where that is. For a loop that
 * polls: it is given descriptors, never waits, and closes every connection
 * after one answer.
 *
 * Everything has a limit: connections, the octets of a request, the octets of
 * an answer, the time for a request, and the time without taking anything of
 * the answer. When all places are taken, a new connection gets that of the one
 * whose request has been awaited longest, or else of the one who is worst at
 * taking its answer (stall.h), so that clients who say nothing or do not
 * read do not keep others out. The text is there once for all who get the same.
 *
 * Called by metrics.c. Tests: test/unit/flowd/test_http.c,
 * test/program/test_attacks.py; fuzz: fuzz/fuzz_http.c.
 */
#ifndef FLOWD_HTTP_H
#define FLOWD_HTTP_H

#include <poll.h>

#include "buf.h"

enum {
	HTTP_LISTEN_MAX = 8,
	HTTP_HEAD_MAX = 8192 /* octets of a request's head */
};

/* A text that answers share; it goes with the last one that needs it. */
struct http_text {
	unsigned users;
	struct buf buf;
};

/* Empty, with one user; of max octets at most. NULL when out of memory. */
struct http_text *http_text_new(size_t max);
/* One more user. Returns t. */
struct http_text *http_text_use(struct http_text *t);
/* One less; NULL is fine. */
void http_text_drop(struct http_text *t);

struct http_options {
	size_t clients; /* at a time; 0: 16 */
	int64_t request_ms; /* for the whole request; 0: 5 s */
	/*
	 * The text, with one user more. NULL: there is none now, and the
	 * answer is 503.
	 */
	struct http_text *(*text)(void *arg);
	void *arg;
};

struct http_counters {
	uint64_t accepted; /* connections */
	uint64_t answered; /* with 200 */
	uint64_t refused; /* with another status */
	uint64_t dropped; /* too slow, or gave its place to another */
};

struct http;

/* NULL when out of memory. */
struct http *http_new(const struct http_options *o);
/* Closes every descriptor. */
void http_free(struct http *h);

/*
 * A socket that listens, without blocking; it is taken. -1 when there are
 * HTTP_LISTEN_MAX: it is still the caller's.
 */
int http_listen(struct http *h, int fd);
/* A connection; taken, and made not to block. now_ms of a monotonic clock. */
void http_add(struct http *h, int fd, int64_t now_ms);

/* How many places http_fill() fills; it never changes. */
size_t http_places(const struct http *h);
/* What is to be polled for; places that are free have the descriptor -1. */
void http_fill(struct http *h, struct pollfd *pfd, int64_t now_ms);
/* After the poll, with the same places; also when it timed out. */
void http_handle(struct http *h, const struct pollfd *pfd, int64_t now_ms);
/* Milliseconds until http_handle() is to be called at the latest, or -1. */
int http_timeout(struct http *h, int64_t now_ms);

const struct http_counters *http_counters(const struct http *h);

#endif
