/*
 * Other elements as a JSON object; see value.h. Test: test_json.c.
 *
 * An element that occurs several times becomes an array, at its first place.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "value.h"

enum {
	NAME_MAX_OCTETS = 128,
	ESCAPED_MAX = 6		/* octets for one of a text: \u00ff */
};

/* Length of the UTF-8 sequence at p (RFC 3629), or 0 when it is none. */
static size_t
utf8_len(const uint8_t *p, size_t left)
{
	static const struct {
		uint8_t mask, lead, len;
		uint32_t min;
	} forms[] = {
		{ 0x80, 0x00, 1, 0 },
		{ 0xe0, 0xc0, 2, 0x80 },
		{ 0xf0, 0xe0, 3, 0x800 },
		{ 0xf8, 0xf0, 4, 0x10000 },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		uint32_t point;

		if ((p[0] & forms[i].mask) != forms[i].lead)
			continue;
		if (forms[i].len > left)
			return 0;
		point = p[0] & (uint8_t)~forms[i].mask;
		for (size_t k = 1; k < forms[i].len; k++) {
			if ((p[k] & 0xc0) != 0x80)
				return 0;
			point = point << 6 | (p[k] & 0x3f);
		}
		if (point < forms[i].min || point > 0x10ffff ||
		    (point >= 0xd800 && point <= 0xdfff))
			return 0;
		return forms[i].len;
	}
	return 0;
}

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

/* Text in quotes; zeros that fill the field up are cut off. */
static char *
string_put(char *p, struct bytes v)
{
	size_t i = 0;

	while (v.len > 0 && v.ptr[v.len - 1] == 0)
		v.len--;
	*p++ = '"';
	while (i < v.len) {
		size_t n = utf8_len(v.ptr + i, v.len - i);

		if (n == 0) {
			memcpy(p, "\\ufffd", 6);
			p += 6;
			i++;
		} else if (n == 1 && (v.ptr[i] < ' ' || v.ptr[i] == 0x7f ||
			       v.ptr[i] == '"' || v.ptr[i] == '\\')) {
			p = escape_put(p, v.ptr[i++]);
		} else {
			memcpy(p, v.ptr + i, n);
			p += n;
			i += n;
		}
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

static char *
signed_put(char *p, struct bytes v)
{
	unsigned spare = 64 - 8 * (unsigned)v.len;

	/* Up to the sign bit and, by a division, down again with it. */
	return text_i64(p, (int64_t)(load_be(v.ptr, v.len) << spare) /
		(INT64_C(1) << spare));
}

static char *
float_put(char *p, struct bytes v)
{
	double d;
	int n;

	if (v.len == 4) {
		uint32_t bits = load_be32(v.ptr);
		float f;

		memcpy(&f, &bits, sizeof(f));
		d = (double)f;
	} else {
		uint64_t bits = load_be64(v.ptr);

		memcpy(&d, &bits, sizeof(d));
	}
	if (!isfinite(d)) {
		memcpy(p, "null", 4);
		return p + 4;
	}
	n = snprintf(p, VALUE_MAX, "%.17g", d);
	return p + n;
}

/* Seconds since 1970 and nanoseconds; NTP's epoch is 1900. */
static char *
time_put(char *p, struct bytes v, uint8_t type, struct clock *clock)
{
	const int64_t second_ns = 1000000000;
	const uint32_t ntp_epoch = UINT32_C(2208988800);
	uint64_t n = load_be(v.ptr, v.len);
	int64_t ns;

	if (type == ELEMENT_SECONDS)
		ns = n < INT64_MAX / 1000000000
		    ? (int64_t)n * second_ns
		    : INT64_MAX;
	else if (type == ELEMENT_MILLISECONDS)
		ns = n < INT64_MAX / 1000000 ? (int64_t)n * 1000000
					     : INT64_MAX;
	else
		ns = (uint32_t)((uint32_t)(n >> 32) - ntp_epoch) * second_ns +
		    (int64_t)(((n & UINT32_MAX) * 1000000000) >> 32);
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

/* Which lengths a type can have on the wire (RFC 7011, 6.1 and 6.2). */
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

/* "octetDeltaCount", "reverseOctetDeltaCount", "33000", "6871.40" */
static char *
key_put(char *p, const struct other *o, const struct element_text *text)
{
	*p++ = '"';
	if (text->name == NULL) {
		if (o->pen != PEN_IANA) {
			p = text_u64(p, o->pen);
			*p++ = '.';
		}
		p = text_u64(p, o->id);
	} else {
		size_t len = strlen(text->name);
		char *from;

		if (text->reverse) {
			memcpy(p, "reverse", 7);
			p += 7;
		}
		from = p;
		memcpy(p, text->name, len);
		if (text->reverse && *from >= 'a' && *from <= 'z')
			*from = (char)(*from - 'a' + 'A');
		p += len;
	}
	*p++ = '"';
	*p++ = ':';
	return p;
}

/* Which elements a list may hold more than once: a filter, then a look. */
struct repeats {
	uint64_t seen[8];
	uint64_t twice[8];
};

static unsigned
repeats_bit(const struct other *o)
{
	return (o->id ^ o->id >> 9 ^ o->pen ^ o->pen >> 9) % 512;
}

static void
repeats_find(struct repeats *r, struct bytes list)
{
	struct wire w;
	struct other o;

	memset(r, 0, sizeof(*r));
	wire_init(&w, list);
	while (other_next(&w, &o)) {
		unsigned bit = repeats_bit(&o);

		if (bitmap_test(r->seen, bit))
			bitmap_set(r->twice, bit);
		bitmap_set(r->seen, bit);
	}
}

static bool
same_element(const struct other *a, const struct other *b)
{
	return a->pen == b->pen && a->id == b->id;
}

/* How often o occurs in list before its own place, and in all. */
static size_t
occurrences(struct bytes list, const struct other *o, bool *first)
{
	struct wire w;
	struct other other;
	size_t n = 0;

	*first = true;
	wire_init(&w, list);
	while (other_next(&w, &other)) {
		if (!same_element(&other, o))
			continue;
		if (n++ == 0)
			*first = other.value.ptr == o->value.ptr;
		if (!*first)
			break;
	}
	return n;
}

static void
append_value(struct buf *out, const struct other *o, uint8_t type,
    struct clock *clock)
{
	char *p = (char *)buf_room(out, VALUE_MAX + o->value.len * ESCAPED_MAX),
	     *from = p;

	if (p == NULL)
		return;
	p = element_put(p, o->value, type, clock);
	out->len += (size_t)(p - from);
}

static void
append_array(struct buf *out, struct bytes list, const struct other *o,
    uint8_t type, struct clock *clock)
{
	struct wire w;
	struct other other;
	char before = '[';

	wire_init(&w, list);
	while (other_next(&w, &other)) {
		if (!same_element(&other, o))
			continue;
		buf_append_char(out, before);
		append_value(out, &other, type, clock);
		before = ',';
	}
	buf_append_char(out, ']');
}

static void
append_key(struct buf *out, const struct other *o,
    const struct element_text *text, char before)
{
	char *p = (char *)buf_room(out, NAME_MAX_OCTETS), *from = p;

	if (p == NULL)
		return;
	*p++ = before;
	p = key_put(p, o, text);
	out->len += (size_t)(p - from);
}

void
other_put(struct buf *out, struct bytes list, struct formatter *f)
{
	struct repeats repeats;
	struct wire w;
	struct other o;
	char before = '{';

	repeats_find(&repeats, list);
	wire_init(&w, list);
	while (other_next(&w, &o)) {
		struct element_text text;
		bool first = true;
		size_t n = 1;

		if (bitmap_test(repeats.twice, repeats_bit(&o)))
			n = occurrences(list, &o, &first);
		if (!first)
			continue;
		f->lookup(o.pen, o.id, &text);
		append_key(out, &o, &text, before);
		if (n > 1)
			append_array(out, list, &o, text.type, &f->utc);
		else
			append_value(out, &o, text.type, &f->utc);
		before = ',';
	}
	buf_append_text(out, before == '{' ? "{}" : "}");
}
