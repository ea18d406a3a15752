/*
 * Parses the head of an HTTP request, as strictly as RFC 9112 allows. The input
 * is untrusted; no memory is allocated.
 *
 * Called by http.c. Tests: test/unit/flowd/metrics/test_http_request.c,
 * fuzz/fuzz_http.c.
 */
#ifndef FLOWD_HTTP_REQUEST_H
#define FLOWD_HTTP_REQUEST_H

#include "wire.h"

enum http_method {
	HTTP_GET,
	HTTP_HEAD,
	HTTP_OTHER
};

/* Status codes of RFC 9110; 0 for a valid request. */
enum http_status {
	HTTP_OK = 200,
	HTTP_BAD_REQUEST = 400,
	HTTP_NOT_FOUND = 404,
	HTTP_NOT_ALLOWED = 405,
	HTTP_TIMEOUT = 408,
	HTTP_TOO_LARGE = 431,
	HTTP_UNAVAILABLE = 503,
	HTTP_BAD_VERSION = 505
};

struct http_request {
	enum http_status status; /* 0, or why it is refused */
	enum http_method method;
	struct bytes path; /* of the target, without its query; borrowed */
};

/*
 * Parse the octets received so far. Returns false when more are needed, and
 * true when the head is complete or cannot become valid; req then says which.
 */
bool http_request_parse(struct bytes in, struct http_request *req);

#endif
