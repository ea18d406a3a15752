/* The head of an HTTP request; see http_request.h. */
#include <string.h>
#include <strings.h>

#include "http_request.h"

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* RFC 9110, 5.6.2: tchar */
static bool
is_token_char(uint8_t c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') ||
	    (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

/* A visible character of ASCII. */
static bool
is_visible(uint8_t c)
{
	return c > ' ' && c < 0x7f;
}

/* Is the octet invalid anywhere in a header? */
static bool
is_stray(uint8_t c)
{
	return (c < ' ' && c != '\t' && c != '\r' && c != '\n') || c == 0x7f;
}

static bool
has_stray(struct bytes b)
{
	for (size_t i = 0; i < b.len; i++)
		if (is_stray(b.ptr[i]))
			return true;
	return false;
}

static bool
bytes_equal_text(struct bytes b, const char *text)
{
	return b.len == strlen(text) && memcmp(b.ptr, text, b.len) == 0;
}

/*
 * Take the next line, which ends with LF or CRLF (RFC 9112, 2.2). Returns false
 * when it is incomplete.
 */
static bool
take_line(struct bytes *in, struct bytes *line)
{
	const uint8_t *end =
	    in->len > 0 ? memchr(in->ptr, '\n', in->len) : NULL;

	if (end == NULL)
		return false;
	*line = (struct bytes){ in->ptr, (size_t)(end - in->ptr) };
	in->len -= line->len + 1;
	in->ptr = end + 1;
	if (line->len > 0 && line->ptr[line->len - 1] == '\r')
		line->len--;
	return true;
}

/* Take everything up to the next c. Returns false if there is none. */
static bool
take_until(struct bytes *in, char c, struct bytes *part)
{
	const uint8_t *end = in->len > 0 ? memchr(in->ptr, c, in->len) : NULL;

	if (end == NULL)
		return false;
	*part = (struct bytes){ in->ptr, (size_t)(end - in->ptr) };
	in->len -= part->len + 1;
	in->ptr = end + 1;
	return true;
}

static bool
all_octets(struct bytes b, bool (*test)(uint8_t c))
{
	for (size_t i = 0; i < b.len; i++)
		if (!test(b.ptr[i]))
			return false;
	return b.len > 0;
}

/* Parse the target: origin or absolute form (RFC 9112, 3.2). */
static bool
read_target(struct bytes target, struct bytes *path)
{
	static const char scheme[] = "http://";
	const size_t len = sizeof(scheme) - 1;
	struct bytes before;
	const uint8_t *slash;

	if (target.len > len && memcmp(target.ptr, scheme, len) == 0) {
		target = bytes_behind(target, len);
		slash = memchr(target.ptr, '/', target.len);
		if (slash == NULL)
			return false;
		target = bytes_behind(target, (size_t)(slash - target.ptr));
	}
	*path = target;
	if (take_until(&target, '?', &before))
		*path = before;
	return path->len > 0 && path->ptr[0] == '/';
}

/* Parse the version: sets minor. Versions other than 1.x give 505. */
static enum http_status
read_version(struct bytes b, unsigned *minor)
{
	if (b.len != 8 || memcmp(b.ptr, "HTTP/", 5) != 0 ||
	    !is_digit(b.ptr[5]) || b.ptr[6] != '.' || !is_digit(b.ptr[7]))
		return HTTP_BAD_REQUEST;
	*minor = b.ptr[7] - (unsigned)'0';
	return b.ptr[5] == '1' ? 0 : HTTP_BAD_VERSION;
}

static enum http_method
find_method(struct bytes name)
{
	if (bytes_equal_text(name, "GET"))
		return HTTP_GET;
	return bytes_equal_text(name, "HEAD") ? HTTP_HEAD : HTTP_OTHER;
}

static enum http_status
read_request_line(struct bytes line, struct http_request *req, unsigned *minor)
{
	struct bytes method, target;
	enum http_status bad;

	if (!take_until(&line, ' ', &method) ||
	    !take_until(&line, ' ', &target) ||
	    !all_octets(method, is_token_char) ||
	    !all_octets(target, is_visible))
		return HTTP_BAD_REQUEST;
	bad = read_version(line, minor);
	if (bad != 0)
		return bad;
	req->method = find_method(method);
	return read_target(target, &req->path) ? 0 : HTTP_BAD_REQUEST;
}

/* Parse a header field: name, colon, value (RFC 9112, 5). */
static bool
read_field(struct bytes line, unsigned *hosts)
{
	struct bytes name;

	if (!take_until(&line, ':', &name) || !all_octets(name, is_token_char))
		return false;
	if (name.len == 4 &&
	    strncasecmp((const char *)name.ptr, "host", 4) == 0)
		++*hosts;
	return !has_stray(line) && memchr(line.ptr, '\r', line.len) == NULL;
}

/* Parse the header. Returns false when it is incomplete. */
static bool
read_head(struct bytes in, struct http_request *req)
{
	unsigned minor = 0, hosts = 0;
	struct bytes line;

	do {
		if (!take_line(&in, &line))
			return false;
	} while (line.len == 0);
	req->status = read_request_line(line, req, &minor);
	while (req->status == 0) {
		if (!take_line(&in, &line))
			return false;
		if (line.len == 0)
			break;
		if (!read_field(line, &hosts))
			req->status = HTTP_BAD_REQUEST;
	}
	/* RFC 9112, 3.2: exactly one Host; HTTP/1.0 may have none. */
	if (req->status == 0 && (hosts > 1 || (hosts == 0 && minor > 0)))
		req->status = HTTP_BAD_REQUEST;
	return true;
}

bool
http_request_parse(struct bytes in, struct http_request *req)
{
	*req = (struct http_request){ .method = HTTP_OTHER };
	if (read_head(in, req))
		return true;
	if (has_stray(in))
		req->status = HTTP_BAD_REQUEST;
	return req->status != 0;
}
