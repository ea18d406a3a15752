/* Numbers with units; see quantity.h. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "quantity.h"
#include "result.h"

struct quantity_unit {
	const char *name;
	uint64_t size;
};

static const struct quantity_unit count_units[] = {
	{ "", 1 },
	{ "k", UINT64_C(1000) },
	{ "K", UINT64_C(1000) },
	{ "M", UINT64_C(1000000) },
	{ "G", UINT64_C(1000000000) },
	{ "T", UINT64_C(1000000000000) },
	{ "Ki", UINT64_C(1) << 10 },
	{ "Mi", UINT64_C(1) << 20 },
	{ "Gi", UINT64_C(1) << 30 },
	{ "Ti", UINT64_C(1) << 40 },
	{ NULL, 0 },
};

static const struct quantity_unit span_units[] = {
	{ "ms", UINT64_C(1000000) },
	{ "s", UINT64_C(1000000000) },
	{ "m", UINT64_C(60000000000) },
	{ "h", UINT64_C(3600000000000) },
	{ "d", UINT64_C(86400000000000) },
	{ "w", UINT64_C(604800000000000) },
	{ NULL, 0 },
};

enum {
	FRACTION_DIGITS = 9
};

static const uint64_t day_ns = UINT64_C(86400000000000);

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A number as it stands in a text: whole.fraction / 10^9. */
struct number {
	uint64_t whole;
	uint64_t nano;
};

/* Reads digits after the point, and ignores those past the ninth. */
static uint64_t
read_fraction(const char **text)
{
	uint64_t nano = 0;
	unsigned n = 0;

	for (; is_digit(**text); (*text)++)
		if (n < FRACTION_DIGITS) {
			nano = nano * 10 + (uint64_t)(**text - '0');
			n++;
		}
	for (; n < FRACTION_DIGITS; n++)
		nano *= 10;
	return nano;
}

static int
read_number(const char **text, struct number *n)
{
	char *end;

	/* strtoull() would accept signs and blanks. */
	if (!is_digit(**text))
		return FLOWD_EINVAL;
	errno = 0;
	n->whole = strtoull(*text, &end, 0);
	n->nano = 0;
	if (errno == ERANGE)
		return FLOWD_ERANGE;
	*text = end;
	if (**text == '.' && is_digit((*text)[1])) {
		(*text)++;
		n->nano = read_fraction(text);
	}
	return 0;
}

/* n times size; exact if size is a power of ten or two. */
static int
number_multiply(const struct number *n, uint64_t size, uint64_t *out)
{
	const uint64_t nano = 1000000000;
	uint64_t part = size / nano * n->nano + size % nano * n->nano / nano;

	if (n->whole > UINT64_MAX / size)
		return FLOWD_ERANGE;
	*out = n->whole * size;
	if (part > UINT64_MAX - *out)
		return FLOWD_ERANGE;
	*out += part;
	return 0;
}

/* The unit whose name is text, or NULL. */
static const struct quantity_unit *
find_unit(const struct quantity_unit *units, const char *text, size_t len)
{
	for (; units->name != NULL; units++)
		if (strlen(units->name) == len &&
		    memcmp(units->name, text, len) == 0)
			return units;
	return NULL;
}

int
quantity_count(const char *text, uint64_t *n)
{
	const struct quantity_unit *unit;
	struct number number;
	int bad = read_number(&text, &number);

	if (bad != 0)
		return bad;
	unit = find_unit(count_units, text, strlen(text));
	if (unit == NULL || (number.nano != 0 && unit->size == 1))
		return FLOWD_EINVAL;
	return number_multiply(&number, unit->size, n);
}

static size_t
unit_len(const char *text)
{
	size_t n = 0;

	while (text[n] >= 'a' && text[n] <= 'z')
		n++;
	return n;
}

/* Decimal, whatever it begins with: 1h05m. */
static int
read_decimal(const char **text, struct number *n)
{
	*n = (struct number){ 0, 0 };
	if (!is_digit(**text))
		return FLOWD_EINVAL;
	for (; is_digit(**text); (*text)++) {
		unsigned digit = (unsigned)(**text - '0');

		if (n->whole > (UINT64_MAX - digit) / 10)
			return FLOWD_ERANGE;
		n->whole = n->whole * 10 + digit;
	}
	if (**text == '.' && is_digit((*text)[1])) {
		(*text)++;
		n->nano = read_fraction(text);
	}
	return 0;
}

/* Reads a number and its unit, and advances text. */
static int
read_part(
    const char **text, struct number *number, const struct quantity_unit **unit)
{
	size_t len;
	int bad = read_decimal(text, number);

	if (bad != 0)
		return bad;
	len = unit_len(*text);
	*unit = find_unit(span_units, *text, len);
	*text += len;
	return *unit != NULL ? 0 : FLOWD_EINVAL;
}

static int
sum_up(uint64_t *sum, const struct number *number, uint64_t size)
{
	uint64_t n;
	int bad = number_multiply(number, size, &n);

	if (bad != 0)
		return bad;
	if (n > UINT64_MAX - *sum)
		return FLOWD_ERANGE;
	*sum += n;
	return 0;
}

/* Counts whole days; the rest of a fraction is nanoseconds. */
static int
add_part(struct quantity_days *span, const struct number *number,
    const struct quantity_unit *unit)
{
	struct number whole = { number->whole, 0 };
	struct number fraction = { 0, number->nano };
	int bad;

	if (unit->size < day_ns)
		return sum_up(&span->ns, number, unit->size);
	bad = sum_up(&span->days, &whole, unit->size / day_ns);
	return bad != 0 ? bad : sum_up(&span->ns, &fraction, unit->size);
}

int
quantity_days(const char *text, struct quantity_days *span)
{
	const struct quantity_unit *unit;
	struct number number;
	int bad;

	*span = (struct quantity_days){ 0, 0 };
	do {
		bad = read_part(&text, &number, &unit);
		if (bad == 0)
			bad = add_part(span, &number, unit);
	} while (bad == 0 && *text != '\0');
	return bad;
}

static int
read_plain(const char *text, uint64_t plain_ns, uint64_t *ns)
{
	struct number number;
	int bad = read_number(&text, &number);

	if (bad != 0)
		return bad;
	return *text == '\0' ? number_multiply(&number, plain_ns, ns)
			     : FLOWD_EINVAL;
}

int
quantity_span(const char *text, uint64_t plain_ns, uint64_t *ns)
{
	int bad = read_plain(text, plain_ns, ns);
	struct quantity_days span;
	struct number days;

	if (bad != FLOWD_EINVAL)
		return bad;
	bad = quantity_days(text, &span);
	if (bad != 0)
		return bad;
	*ns = span.ns;
	days = (struct number){ span.days, 0 };
	return sum_up(ns, &days, day_ns);
}
