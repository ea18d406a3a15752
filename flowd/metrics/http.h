/*
 * A small HTTP/1.1 server with one resource: GET and HEAD of /metrics return a
 * text that a callback makes; / says where that is. It runs in an event loop:
 * it never blocks, and closes every connection after one response.
 *
 * Everything is limited: connections, the size of a request and of a response,
 * the time for a request, and the time without reading the response. When all
 * slots are taken, a new connection replaces the one that has been waiting for
 * its request longest, or else the worst reader of its response (stall.h), so
 * that idle or stalled clients keep nobody out. All clients share one copy of
 * the text.
 *
 * Called by metrics.c. Tests: test/unit/flowd/metrics/test_http.c,
 * test/program/flowd/test_attacks.py; fuzz: fuzz/fuzz_http.c.
 */
#ifndef FLOWD_HTTP_H
#define FLOWD_HTTP_H

#include <poll.h>

#include "buf.h"

enum {
	HTTP_LISTEN_MAX = 8,
	HTTP_HEAD_MAX = 8192 /* octets of a request's head */
};

/* A text that responses share, with a reference count. */
struct http_text {
	unsigned users;
	struct buf buf;
};

/*
 * An empty text with one reference and a size limit. NULL when out of memory.
 */
struct http_text *http_text_new(size_t max);
/* Add a reference. Returns t. */
struct http_text *http_text_use(struct http_text *t);
/* Drop a reference; NULL is allowed. */
void http_text_drop(struct http_text *t);

struct http_options {
	size_t clients; /* at a time; 0: 16 */
	int64_t request_ms; /* for the whole request; 0: 5 s */
	/*
	 * Returns the text with a reference for the server; NULL: there is
	 * none, and the response is 503.
	 */
	struct http_text *(*text)(void *arg);
	void *arg;
};

struct http_counters {
	uint64_t accepted; /* connections */
	uint64_t answered; /* with 200 */
	uint64_t refused; /* with another status */
	uint64_t dropped; /* too slow, or replaced by another */
};

struct http;

/* NULL when out of memory. */
struct http *http_new(const struct http_options *o);
/* Closes every descriptor. */
void http_free(struct http *h);

/*
 * Add a non-blocking listening socket, which is taken. Returns -1 when there
 * are HTTP_LISTEN_MAX: it stays with the caller.
 */
int http_listen(struct http *h, int fd);
/* Add a connection; it is taken and made non-blocking. now_ms is monotonic. */
void http_add(struct http *h, int fd, int64_t now_ms);

/* The number of elements that http_fill() sets; it never changes. */
size_t http_nfds(const struct http *h);
/* Set what to poll for; unused elements have the descriptor -1. */
void http_fill(struct http *h, struct pollfd *pfd, int64_t now_ms);
/* Handle the results of poll(2), also after a timeout. */
void http_handle(struct http *h, const struct pollfd *pfd, int64_t now_ms);
/* The timeout for poll(2) in milliseconds, or -1. */
int http_timeout(struct http *h, int64_t now_ms);

const struct http_counters *http_counters(const struct http *h);

#endif
