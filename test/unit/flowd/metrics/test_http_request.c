/* Heads of HTTP requests: flowd/metrics/http_request.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "http_request.h"

static struct bytes
bytes_of(const char *text)
{
	return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

static bool
request_parse(const char *text, struct http_request *req)
{
	return http_request_parse(bytes_of(text), req);
}

#define HOST "Host: h\r\n"

static void
good_requests_have_a_method_and_a_path(void **state)
{
	static const struct {
		const char *text;
		enum http_method method;
		const char *path;
	} rows[] = {
		{ "GET /metrics HTTP/1.1\r\n" HOST "\r\n", HTTP_GET,
		    "/metrics" },
		{ "HEAD / HTTP/1.1\r\n" HOST "\r\n", HTTP_HEAD, "/" },
		{ "GET / HTTP/1.0\r\n\r\n", HTTP_GET, "/" },
		{ "GET / HTTP/1.9\r\n" HOST "\r\n", HTTP_GET, "/" },
		{ "GET / HTTP/1.1\nHOST:\n\n", HTTP_GET, "/" },
		{ "\r\n\r\nGET / HTTP/1.0\r\n\r\n", HTTP_GET, "/" },
		{ "get / HTTP/1.0\r\n\r\n", HTTP_OTHER, "/" },
		{ "BREW-2 /a HTTP/1.0\r\n\r\n", HTTP_OTHER, "/a" },
		{ "GET /m?x=1?y HTTP/1.0\r\n\r\n", HTTP_GET, "/m" },
		{ "GET http://h:9/m?x HTTP/1.1\r\n" HOST "\r\n", HTTP_GET,
		    "/m" },
		{ "POST /m HTTP/1.1\r\n" HOST "\r\n\x01\x02 body", HTTP_OTHER,
		    "/m" },
		{ "GET / HTTP/1.0\r\nA:b:c\r\nB: \t\xff\xfe\r\nC:\r\n\r\n",
		    HTTP_GET, "/" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct http_request req;

		assert_true(request_parse(rows[i].text, &req));
		assert_int_equal(req.status, 0);
		assert_int_equal(req.method, rows[i].method);
		assert_int_equal(req.path.len, strlen(rows[i].path));
		assert_memory_equal(req.path.ptr, rows[i].path, req.path.len);
	}
}

static void
bad_requests_are_400(void **state)
{
	static const char *const texts[] = { "GET\r\n", "GET /\r\n",
		"GET / \r\n", "GET /  HTTP/1.1\r\n", "GET  / HTTP/1.1\r\n",
		" GET / HTTP/1.1\r\n", "GET / HTTP/1.1 \r\n",
		"GET / http/1.1\r\n", "GET / HTTP/1\r\n", "GET / HTTP/1.10\r\n",
		"GET / HTTP/a.1\r\n", "GET metrics HTTP/1.1\r\n",
		"GET * HTTP/1.1\r\n", "GET http://h HTTP/1.1\r\n",
		"GET http:// HTTP/1.1\r\n", "GET ?x HTTP/1.1\r\n",
		"G(T / HTTP/1.1\r\n", "GET /\xc3\xa9 HTTP/1.1\r\n",
		"GET / HTTP/1.1\r\n\r\n",
		"GET / HTTP/1.1\r\n" HOST HOST "\r\n",
		"GET / HTTP/1.0\r\n" HOST "hOSt: x\r\n\r\n",
		"GET / HTTP/1.0\r\nA : b\r\n", "GET / HTTP/1.0\r\n A: b\r\n",
		"GET / HTTP/1.0\r\nA: b\r\n c\r\n", "GET / HTTP/1.0\r\nA\r\n",
		"GET / HTTP/1.0\r\n: b\r\n", "GET / HTTP/1.0\r\nA: b\rc\r\n",
		"GET / HTTP/1.0\r\nA: \x01", "\x16\x03\x01", "GET \x7f" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct http_request req;

		assert_true(request_parse(texts[i], &req));
		assert_int_equal(req.status, HTTP_BAD_REQUEST);
	}
}

static void
other_versions_are_505(void **state)
{
	struct http_request req;

	(void)state;
	assert_true(request_parse("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &req));
	assert_int_equal(req.status, HTTP_BAD_VERSION);
	assert_true(request_parse("GET / HTTP/0.9\r\n", &req));
	assert_int_equal(req.status, HTTP_BAD_VERSION);
}

static void
a_head_is_awaited_to_its_end(void **state)
{
	static const char head[] =
	    "\r\nGET /metrics HTTP/1.1\r\n" HOST "Accept: */*\r\n\r\n";
	struct http_request req;

	(void)state;
	for (size_t len = 0; len < sizeof(head) - 1; len++)
		assert_false(http_request_parse(
		    (struct bytes){ (const uint8_t *)head, len }, &req));
	assert_true(request_parse(head, &req));
}

static void
a_nul_is_nowhere_in_a_head(void **state)
{
	static const uint8_t text[] = "GET / HTTP/1.0\r\nA\0: b\r\n\r\n";
	struct http_request req;

	(void)state;
	assert_true(http_request_parse(
	    (struct bytes){ text, sizeof(text) - 1 }, &req));
	assert_int_equal(req.status, HTTP_BAD_REQUEST);
}

#define T(f) cmocka_unit_test(f)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(good_requests_have_a_method_and_a_path),
		T(bad_requests_are_400),
		T(other_versions_are_505),
		T(a_head_is_awaited_to_its_end),
		T(a_nul_is_nowhere_in_a_head),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
