/* Kinds of values; see value_type.h. */
#include <string.h>

#include "protocol.h"
#include "quantity.h"
#include "service.h"
#include "value_type.h"

static int
read_count(struct value_context *c, const char *text, struct filter_value *v)
{
	int bad = quantity_count(text, &v->lo);

	(void)c;
	v->hi = v->lo;
	return bad;
}

static int
read_port(struct value_context *c, const char *text, struct filter_value *v)
{
	int port = service_by_name(text);

	if (port < 0)
		return read_count(c, text, v);
	v->lo = v->hi = (uint64_t)port;
	return 0;
}

static int
read_protocol(struct value_context *c, const char *text, struct filter_value *v)
{
	int number = protocol_by_name(text), bad;

	if (number >= 0) {
		v->lo = v->hi = (uint64_t)number;
		return 0;
	}
	/* 0 goes by its names: as a number it was never taken. */
	bad = read_count(c, text, v);
	return bad == 0 && v->lo == 0 ? FLOWD_ERANGE : bad;
}

static int
read_icmp(struct value_context *c, const char *text, struct filter_value *v)
{
	const struct icmp_name *name = icmp_by_name(text);

	if (name == NULL)
		return read_count(c, text, v);
	v->kind = VALUE_ICMP;
	v->icmp = name;
	return 0;
}

static bool
hex_digit(char c, uint64_t *v)
{
	static const char digits[] = "0123456789abcdef";
	const char *at;

	if (c >= 'A' && c <= 'F')
		c = (char)(c - 'A' + 'a');
	at = c != '\0' ? strchr(digits, c) : NULL;
	if (at != NULL)
		*v = *v << 4 | (uint64_t)(at - digits);
	return at != NULL;
}

/* 0:1b:21:aa:bb:cc */
static int
read_mac(struct value_context *c, const char *text, struct filter_value *v)
{
	uint64_t mac = 0;

	(void)c;
	for (int octet = 0; octet < 6; octet++) {
		uint64_t n = 0;

		if (octet > 0 && *text++ != ':')
			return FLOWD_EINVAL;
		if (!hex_digit(*text, &n))
			return FLOWD_EINVAL;
		text++;
		if (hex_digit(*text, &n))
			text++;
		mac = mac << 8 | n;
	}
	v->lo = v->hi = mac;
	return *text == '\0' ? 0 : FLOWD_EINVAL;
}

/*
 * Appends the second of the two times that a text names when clocks are set
 * back.
 */
static int
read_again(struct value_context *c, struct filter_value *v)
{
	struct filter_value *again = parser_alloc(c->parser, sizeof(*again));

	if (again == NULL)
		return FLOWD_ENOMEM;
	again->kind = VALUE_EQUAL;
	again->lo = (uint64_t)c->time.again_first_ns;
	again->hi = (uint64_t)c->time.again_last_ns;
	v->next = again;
	return 0;
}

/*
 * All of the named time; the first occurrence if it starts a range, the last if
 * it ends one, so that nothing is lost when clocks are set back.
 */
static int
read_time(struct value_context *c, const char *text, struct filter_value *v)
{
	const struct filter *filter = c->parser->filter;
	const struct datetime_view view = { .now_ns = filter->now_ns,
		.utc = filter->utc, .start = c->start };
	const struct datetime *d = &c->time;
	int bad = datetime_parse(text, &view, &c->time, &c->why);

	if (bad != 0)
		return bad;
	c->skipped |= d->skipped;
	c->inexact |= d->first_ns != d->last_ns;
	v->lo = (uint64_t)(c->op == VALUE_BELOW ? d->begin_late_ns
						: d->first_ns);
	v->hi = (uint64_t)(c->op == VALUE_ABOVE ? d->last_ns
						: d->again_last_ns);
	if (d->again_first_ns == d->first_ns ||
	    (c->op != VALUE_EQUAL && c->op != VALUE_RANGE))
		return 0;
	v->hi = (uint64_t)d->last_ns;
	return read_again(c, v);
}

static int
read_span(struct value_context *c, const char *text, struct filter_value *v)
{
	int bad = quantity_span(text, UINT64_C(1000000000), &v->lo);

	(void)c;
	v->hi = v->lo;
	return bad;
}

/* Whole milliseconds; a fraction matches nothing. */
static int
read_ms(struct value_context *c, const char *text, struct filter_value *v)
{
	int bad = quantity_span(text, UINT64_C(1000000), &v->lo);

	(void)c;
	if (bad == 0 && v->lo % UINT64_C(1000000) != 0)
		return FLOWD_EINVAL;
	v->lo /= UINT64_C(1000000);
	v->hi = v->lo;
	return bad;
}

const struct value_type value_types[] = {
	[FIELD_NUMBER] = { "a number", read_count, NULL, false },
	[FIELD_HEX] = { "a number", read_count, NULL, false },
	[FIELD_TCP_FLAGS] = { "a number", read_count, NULL, false },
	[FIELD_PORT] = { "a port or a service", read_port,
	    service_suggest, false },
	[FIELD_PROTOCOL] = { "a protocol", read_protocol,
	    protocol_suggest, false },
	[FIELD_ICMP_TYPE] = { "an ICMP type", read_icmp, icmp_suggest,
	    false },
	[FIELD_ICMP_CODE] = { "a number", read_count, NULL, false },
	[FIELD_MAC] = { "a MAC address", read_mac, NULL, false },
	[FIELD_TIME] = { "a time", read_time, NULL, true },
	[FIELD_SPAN] = { "a span of time, 1h30m say", read_span, NULL,
	    false },
	[FIELD_MS] = { "a span of time in milliseconds, or 1h30m say",
	    read_ms, NULL, false },
};
