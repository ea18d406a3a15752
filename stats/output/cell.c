/* Cells as text; see cell.h. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cell.h"
#include "civil.h"
#include "human.h"
#include "protocol.h"
#include "resolve.h"
#include "service_name.h"
#include "utf8.h"
#include "value.h"

typedef void cell_put(
    const struct aggregate_value *v, struct style *style, struct buf *out);

/* The shortest text that is read as the same number. */
static void
put_real(double real, struct buf *out)
{
	char text[40];

	for (int digits = 15; digits <= 17; digits++) {
		(void)snprintf(text, sizeof(text), "%.*g", digits, real);
		if (!(strtod(text, NULL) < real || strtod(text, NULL) > real))
			break;
	}
	buf_append_text(out, text);
}

static void
put_end(struct buf *out, const char *text, const char *end)
{
	buf_append(out, text, (size_t)(end - text));
}

/* --- For programs --- */

static void
write_number(
    const struct aggregate_value *v, struct style *style, struct buf *out)
{
	(void)style;
	if (v->kind == VALUE_REAL)
		put_real(v->real, out);
	else
		buf_printf(out, "%" PRIu64, v->uint);
}

/* Seconds, with as many digits behind the point as there are. */
static void
write_span(
    const struct aggregate_value *v, struct style *style, struct buf *out)
{
	uint64_t ns = (uint64_t)v->ns;
	char text[40];
	int len;

	(void)style;
	if (v->kind != VALUE_NS) {
		write_number(v, style, out);
		return;
	}
	len = snprintf(text, sizeof(text), "%" PRIu64 ".%09" PRIu64,
	    ns / 1000000000, ns % 1000000000);
	while (text[len - 1] == '0')
		len--;
	if (text[len - 1] == '.')
		len--;
	buf_append(out, text, (size_t)len);
}

static void
write_time(
    const struct aggregate_value *v, struct style *style, struct buf *out)
{
	char text[TEXT_MAX];

	put_end(out, text, text_rfc3339(text, &style->utc, v->ns));
}

/* An address, or its network. */
static void
write_addr(
    const struct aggregate_value *v, struct style *style, struct buf *out)
{
	char text[ADDR_TEXT_MAX];

	(void)style;
	buf_append(out, text, addr_format(&v->addr, text));
	if (v->prefix != (v->addr.family == ADDR_V4 ? 32 : 128))
		buf_printf(out, "/%u", v->prefix);
}

/* Texts of exporters, without what terminals obey and what is no UTF-8. */
static void
put_text(struct bytes text, struct buf *out)
{
	while (text.len > 0) {
		size_t n = utf8_len(text.ptr, text.len);

		if (n == 0 || utf8_control(text.ptr, n) >= 0)
			buf_append_char(out, '?');
		else
			buf_append(out, text.ptr, n);
		text = bytes_behind(text, n > 0 ? n : 1);
	}
}

/* As flowd-reader --json has it, without quotes. */
static void
write_element(
    const struct aggregate_value *v, struct style *style, struct buf *out)
{
	size_t start = out->len, len;

	if (v->element == ELEMENT_STRING) {
		put_text(v->octets, out);
		return;
	}
	other_value(out, v->octets, v->element, &style->utc);
	len = out->len - start;
	if (len < 2 || !buf_ok(out) || out->ptr[start] != '"')
		return;
	memmove(out->ptr + start, out->ptr + start + 1, len - 2);
	out->len -= 2;
}

/* What has no name is a network or a number. */
static void
write_name(
    const struct aggregate_value *v, struct style *style, struct buf *out)
{
	if (v->kind == VALUE_TEXT)
		put_text((struct bytes) { (const uint8_t *)v->text,
			     strlen(v->text) }, out);
	else if (v->kind == VALUE_ADDR)
		write_addr(v, style, out);
	else
		write_number(v, style, out);
}

static void
write_mac(const struct aggregate_value *v, struct style *style, struct buf *out)
{
	char text[TEXT_MAX];

	(void)style;
	put_end(out, text, text_mac(text, v->uint));
}

static void
write_service(
    const struct aggregate_value *v, struct style *style, struct buf *out)
{
	(void)style;
	service_put(out, (uint32_t)v->uint);
}

/* Years, months and days of the Gregorian calendar from days since 1970. */
static void
write_day(const struct aggregate_value *v, struct style *style, struct buf *out)
{
	char text[TEXT_MAX];

	(void)text_time(text, &style->utc, (int64_t)v->uint * 86400);
	buf_append(out, text, strcspn(text, "T"));
}

/* --- For people --- */

/* Three digits of a number that may be less than 1. */
static void
show_si(const struct aggregate_value *v, const char *unit, struct buf *out)
{
	double n = v->kind == VALUE_REAL ? v->real : (double)v->uint;
	char text[HUMAN_MAX];

	if (v->kind == VALUE_REAL && n > 0 && n < 999.5)
		buf_printf(out, "%.*f%s%s",
		    n < 9.995       ? 2
			: n < 99.95 ? 1
				    : 0,
		    n, unit[0] != '\0' ? " " : "", unit);
	else
		buf_append_text(out,
		    human_si(text,
			v->kind != VALUE_REAL ? v->uint
			    : n < 1.8e19      ? (uint64_t)(n + 0.5)
					      : UINT64_MAX,
			unit));
}

static void
show_count(
    const struct aggregate_value *v, struct style *style, struct buf *out)
{
	(void)style;
	show_si(v, "", out);
}

static void
show_octets(
    const struct aggregate_value *v, struct style *style, struct buf *out)
{
	(void)style;
	show_si(v, "B", out);
}

static void
show_bits_rate(
    const struct aggregate_value *v, struct style *style, struct buf *out)
{
	(void)style;
	show_si(v, "b/s", out);
}

static void
show_rate(const struct aggregate_value *v, struct style *style, struct buf *out)
{
	(void)style;
	show_si(v, "/s", out);
}

static void
show_percent(
    const struct aggregate_value *v, struct style *style, struct buf *out)
{
	(void)style;
	buf_printf(out, "%.1f %%", v->real);
}

static void
show_span(const struct aggregate_value *v, struct style *style, struct buf *out)
{
	char text[HUMAN_MAX];

	(void)style;
	buf_append_text(out, human_duration(text, v->ns));
}

static void
show_time(const struct aggregate_value *v, struct style *style, struct buf *out)
{
	int64_t sec = v->ns / 1000000000 - (v->ns % 1000000000 < 0);
	char text[TEXT_MAX];

	put_end(out, text, text_time(text, &style->clock, sec));
}

static void
show_hex(const struct aggregate_value *v, struct style *style, struct buf *out)
{
	(void)style;
	buf_printf(out, "0x%02" PRIx64, v->uint);
}

static void
show_protocol(
    const struct aggregate_value *v, struct style *style, struct buf *out)
{
	const char *name =
	    v->uint < 256 ? protocol_name((unsigned)v->uint) : NULL;

	if (name != NULL)
		buf_append_text(out, name);
	else
		write_number(v, style, out);
}

static void
show_weekday(
    const struct aggregate_value *v, struct style *style, struct buf *out)
{
	static const char *const days[] = { "Sunday", "Monday", "Tuesday",
		"Wednesday", "Thursday", "Friday", "Saturday" };

	(void)style;
	buf_append_text(out, days[v->uint % 7]);
}

static void
show_addr(const struct aggregate_value *v, struct style *style, struct buf *out)
{
	const char *name = style->resolver != NULL
	    ? resolver_name(style->resolver, &v->addr)
	    : NULL;

	/* A network has the first of its hosts here. */
	if (name != NULL && v->prefix == (v->addr.family == ADDR_V4 ? 32 : 128))
		buf_append_text(out, name);
	else
		write_addr(v, style, out);
}

static void
show_name(const struct aggregate_value *v, struct style *style, struct buf *out)
{
	if (v->kind == VALUE_ADDR)
		show_addr(v, style, out);
	else
		write_name(v, style, out);
}

/* How each form is written and, for people, shown and shown plainly. */
static const struct {
	bool text, number;
	cell_put *write, *show, *raw;
} forms[] = {
	[FORM_NUMBER] = { false, true, write_number, write_number,
	    write_number },
	[FORM_HEX] = { false, true, write_number, show_hex, show_hex },
	[FORM_PROTOCOL] = { false, false, write_number, show_protocol,
	    write_number },
	[FORM_SERVICE] = { true, false, write_service, write_service,
	    write_service },
	[FORM_MAC] = { true, false, write_mac, write_mac, write_mac },
	[FORM_ADDR] = { true, false, write_addr, show_addr, show_addr },
	[FORM_NAME] = { true, false, write_name, show_name, show_name },
	[FORM_ELEMENT] = { true, false, write_element, write_element,
	    write_element },
	[FORM_WEEKDAY] = { false, false, write_number, show_weekday,
	    show_weekday },
	[FORM_DAY] = { true, false, write_day, write_day, write_day },
	[FORM_TIME] = { true, false, write_time, show_time, show_time },
	[FORM_SPAN] = { false, true, write_span, show_span, write_span },
	[FORM_COUNT] = { false, true, write_number, show_count, write_number },
	[FORM_OCTETS] = { false, true, write_number, show_octets,
	    write_number },
	[FORM_BITS_RATE] = { false, true, write_number, show_bits_rate,
	    write_number },
	[FORM_RATE] = { false, true, write_number, show_rate, write_number },
	[FORM_PERCENT] = { false, true, write_number, show_percent,
	    write_number },
	[FORM_TEXT] = { true, false, NULL, NULL, NULL },
};

bool
form_is_number(enum form form)
{
	return forms[form].number;
}

bool
form_is_text(enum form form)
{
	return forms[form].text;
}

void
cell_show(const struct cell *cell, enum form form, struct style *style,
    struct buf *out)
{
	if (cell->text != NULL) {
		buf_append_text(out, cell->text);
		return;
	}
	if (cell->v.kind == VALUE_NONE)
		return;
	if (cell->v.estimate)
		buf_append_char(out, '~');
	if (cell->sign != 0)
		buf_append_char(out, cell->sign < 0 ? '-' : '+');
	(style->raw ? forms[form].raw : forms[form].show)(&cell->v, style, out);
}

void
cell_write(const struct cell *cell, enum form form, struct style *style,
    struct buf *out)
{
	if (cell->text != NULL) {
		buf_append_text(out, cell->text);
		return;
	}
	if (cell->v.kind == VALUE_NONE)
		return;
	if (cell->sign < 0)
		buf_append_char(out, '-');
	forms[form].write(&cell->v, style, out);
}
