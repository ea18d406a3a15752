/*
 * Values of other elements as JSON; see value.h. Test: test_json.c.
 *
 * The octets are untrusted, as they came in the datagram: a value whose length
 * its type cannot have (RFC 7011, 6.1 and 6.2) is printed in hexadecimal.
 */
#include <math.h>
#include <stdio.h>

#include "utf8.h"
#include "value.h"

enum {
	ESCAPED_MAX = 6		/* octets for one octet of a text: \u00ff */
};

static const int64_t second_ns = 1000000000;

static char *
escape_put(char *p, uint8_t c)
{
	if (c == '"' || c == '\\') {
		*p++ = '\\';
		*p++ = (char)c;
		return p;
	}
	memcpy(p, "\\u00", 4);
	return text_hex(p + 4, c, 2);
}

/* Writes a string in quotes, without the zeros that pad the field. */
static char *
string_put(char *p, struct bytes v)
{
	size_t i = 0;

	while (v.len > 0 && v.ptr[v.len - 1] == 0)
		v.len--;
	*p++ = '"';
	while (i < v.len) {
		const uint8_t *at = v.ptr + i;
		size_t n = utf8_len(at, v.len - i);
		int control = utf8_control(at, n);

		if (n == 0) {
			memcpy(p, "\\ufffd", 6);
			p += 6;
		} else if (control >= 0) {
			p = escape_put(p, (uint8_t)control);
		} else if (*at == '"' || *at == '\\') {
			p = escape_put(p, *at);
		} else {
			memcpy(p, at, n);
			p += n;
		}
		i += n > 0 ? n : 1;
	}
	*p++ = '"';
	return p;
}

static char *
hex_put(char *p, struct bytes v)
{
	*p++ = '"';
	p = text_octets(p, v.ptr, v.len);
	*p++ = '"';
	return p;
}

/* Two's complement of one to eight octets. */
static char *
signed_put(char *p, struct bytes v)
{
	uint64_t n = load_be(v.ptr, v.len);
	uint64_t sign = UINT64_C(1) << (8 * v.len - 1);

	return text_i64(p, (int64_t)((n ^ sign) - sign));
}

/* Writes enough digits to read back the same number; JSON has no infinity. */
static char *
float_put(char *p, struct bytes v)
{
	double d;
	int digits, n;

	if (v.len == 4) {
		uint32_t bits = load_be32(v.ptr);
		float f;

		memcpy(&f, &bits, sizeof(f));
		d = (double)f;
		digits = 9;
	} else {
		uint64_t bits = load_be64(v.ptr);

		memcpy(&d, &bits, sizeof(d));
		digits = 17;
	}
	if (!isfinite(d)) {
		memcpy(p, "null", 4);
		return p + 4;
	}
	n = snprintf(p, VALUE_MAX, "%.*g", digits, d);
	return p + n;
}

/*
 * Converts to nanoseconds; a time past 63 bits becomes the last possible one.
 */
static int64_t
scaled_ns(uint64_t n, int64_t unit_ns)
{
	uint64_t max = (uint64_t)(INT64_MAX / unit_ns);

	return (int64_t)(n < max ? n : max) * unit_ns;
}

/*
 * An NTP timestamp, of either era: within 2^32 seconds from 1970. Rounded to
 * units, so that microseconds survive the conversion.
 */
static int64_t
ntp_ns(uint64_t n, uint64_t unit_ns)
{
	const uint32_t epoch = UINT32_C(2208988800); /* 1900 to 1970 */
	int64_t sec = (uint32_t)((uint32_t)(n >> 32) - epoch);
	uint64_t units = (uint64_t)second_ns / unit_ns;
	uint64_t frac = ((n & UINT32_MAX) * units + (UINT64_C(1) << 31)) >> 32;

	return sec * second_ns + (int64_t)(frac * unit_ns);
}

static char *
time_put(char *p, struct bytes v, uint8_t type, struct clock *clock)
{
	uint64_t n = load_be(v.ptr, v.len);
	int64_t ns;

	if (type == ELEMENT_SECONDS)
		ns = scaled_ns(n, second_ns);
	else if (type == ELEMENT_MILLISECONDS)
		ns = scaled_ns(n, second_ns / 1000);
	else
		ns = ntp_ns(n, type == ELEMENT_MICROSECONDS ? 1000 : 1);
	*p++ = '"';
	p = text_rfc3339(p, clock, ns);
	*p++ = '"';
	return p;
}

static char *
boolean_put(char *p, uint8_t v)
{
	const char *word = v == 1 ? "true" : v == 2 ? "false" : NULL;
	size_t len;

	if (word == NULL)
		return text_u64(p, v);
	len = strlen(word);
	memcpy(p, word, len);
	return p + len;
}

static char *
address_put(char *p, struct bytes v, uint8_t type)
{
	*p++ = '"';
	if (type == ELEMENT_ADDR4)
		p += addr4_format(load_be32(v.ptr), p);
	else if (type == ELEMENT_ADDR6)
		p += addr6_format(addr6_load(v.ptr), p);
	else
		p = text_mac(p, load_be(v.ptr, 6));
	*p++ = '"';
	return p;
}

/* Can a value of this type have this length (RFC 7011, 6.1 and 6.2)? */
static bool
length_fits(uint8_t type, size_t len)
{
	switch (type) {
	case ELEMENT_UNSIGNED:
	case ELEMENT_SIGNED:
	case ELEMENT_SECONDS:
	case ELEMENT_MILLISECONDS:
		return len >= 1 && len <= 8;
	case ELEMENT_FLOAT:
		return len == 4 || len == 8;
	case ELEMENT_BOOLEAN:
		return len == 1;
	case ELEMENT_ADDR4:
		return len == 4;
	case ELEMENT_ADDR6:
		return len == 16;
	case ELEMENT_MAC:
		return len == 6;
	case ELEMENT_MICROSECONDS:
	case ELEMENT_NANOSECONDS:
		return len == 8;
	default:
		return true;
	}
}

/*
 * Writes one value; there is room for VALUE_MAX + ESCAPED_MAX * v.len octets.
 */
static char *
element_put(char *p, struct bytes v, uint8_t type, struct clock *clock)
{
	if (!length_fits(type, v.len))
		return hex_put(p, v);
	switch (type) {
	case ELEMENT_UNSIGNED:
		return text_u64(p, load_be(v.ptr, v.len));
	case ELEMENT_SIGNED:
		return signed_put(p, v);
	case ELEMENT_FLOAT:
		return float_put(p, v);
	case ELEMENT_BOOLEAN:
		return boolean_put(p, v.ptr[0]);
	case ELEMENT_STRING:
		return string_put(p, v);
	case ELEMENT_ADDR4:
	case ELEMENT_ADDR6:
	case ELEMENT_MAC:
		return address_put(p, v, type);
	case ELEMENT_SECONDS:
	case ELEMENT_MILLISECONDS:
	case ELEMENT_MICROSECONDS:
	case ELEMENT_NANOSECONDS:
		return time_put(p, v, type, clock);
	default:
		return hex_put(p, v);
	}
}

void
other_value(struct buf *out, struct bytes value, uint8_t type,
    struct clock *clock)
{
	char *p = (char *)buf_room(out, VALUE_MAX + value.len * ESCAPED_MAX);
	char *start = p;

	if (p == NULL)
		return;
	p = element_put(p, value, type, clock);
	out->len += (size_t)(p - start);
}
