/* Numbers with units and times; see quantity.h. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "quantity.h"
#include "result.h"

struct unit {
	const char *name;
	uint64_t size;
};

static const struct unit count_units[] = {
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

static const struct unit span_units[] = {
	{ "ms", UINT64_C(1000000) },
	{ "s", UINT64_C(1000000000) },
	{ "m", UINT64_C(60000000000) },
	{ "h", UINT64_C(3600000000000) },
	{ "d", UINT64_C(86400000000000) },
	{ "w", UINT64_C(604800000000000) },
	{ NULL, 0 },
};

enum {
	FRACTION_DIGITS = 9,
	YEAR_FIRST = 1970,
	YEAR_LAST = 2261 /* the last whole one in 64 bits of nanoseconds */
};

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

/* Digits behind the point; those past the ninth are left out. */
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

	/* Signs and blanks, which strtoull() takes, are no number here. */
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

/* n times size; a size that is a power of ten or two loses nothing. */
static int
multiply(const struct number *n, uint64_t size, uint64_t *out)
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

/* The unit that text is the whole of, or NULL. */
static const struct unit *
find_unit(const struct unit *units, const char *text, size_t len)
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
	const struct unit *unit;
	struct number number;
	int bad = read_number(&text, &number);

	if (bad != 0)
		return bad;
	unit = find_unit(count_units, text, strlen(text));
	if (unit == NULL || (number.nano != 0 && unit->size == 1))
		return FLOWD_EINVAL;
	return multiply(&number, unit->size, n);
}

static size_t
unit_len(const char *text)
{
	size_t n = 0;

	while (text[n] >= 'a' && text[n] <= 'z')
		n++;
	return n;
}

/* A number and its unit; text goes on behind it. */
static int
read_span(const char **text, uint64_t *ns)
{
	const struct unit *unit;
	struct number number;
	size_t len;
	int bad = read_number(text, &number);

	if (bad != 0)
		return bad;
	len = unit_len(*text);
	unit = find_unit(span_units, *text, len);
	if (unit == NULL)
		return FLOWD_EINVAL;
	*text += len;
	return multiply(&number, unit->size, ns);
}

static int
read_plain(const char *text, uint64_t plain_ns, uint64_t *ns)
{
	struct number number;
	int bad = read_number(&text, &number);

	if (bad != 0)
		return bad;
	return *text == '\0' ? multiply(&number, plain_ns, ns) : FLOWD_EINVAL;
}

int
quantity_span(const char *text, uint64_t plain_ns, uint64_t *ns)
{
	uint64_t sum = 0, part;
	int bad = read_plain(text, plain_ns, ns);

	if (bad != FLOWD_EINVAL)
		return bad;
	do {
		bad = read_span(&text, &part);
		if (bad != 0)
			return bad;
		if (part > UINT64_MAX - sum)
			return FLOWD_ERANGE;
		sum += part;
	} while (*text != '\0');
	*ns = sum;
	return 0;
}

/* The parts of a time; n of them are there, the others at their least. */
struct parts {
	int part[6]; /* year, month, day, hour, minute, second */
	unsigned n;
	uint64_t nano, nano_step; /* 0: no fraction */
	bool zone;
	int offset_sec; /* of the zone, to the east */
};

enum { PART_YEAR, PART_MONTH, PART_DAY, PART_HOUR, PART_MINUTE, PART_SECOND };

static bool
read_digits(const char **text, unsigned n, int *out)
{
	int v = 0;

	for (unsigned i = 0; i < n; i++) {
		if (!is_digit((*text)[i]))
			return false;
		v = v * 10 + ((*text)[i] - '0');
	}
	*text += n;
	*out = v;
	return true;
}

/* Z, +hh, +hhmm, +hh:mm */
static bool
read_zone(const char **text, struct parts *p)
{
	int hour, minute = 0;
	bool west = **text == '-';

	if (**text == 'Z') {
		p->zone = true;
		(*text)++;
		return true;
	}
	if (**text != '+' && **text != '-')
		return true;
	(*text)++;
	if (!read_digits(text, 2, &hour))
		return false;
	if (**text == ':')
		(*text)++;
	if (is_digit(**text) && !read_digits(text, 2, &minute))
		return false;
	if (hour > 14 || minute > 59)
		return false;
	p->zone = true;
	p->offset_sec = (hour * 60 + minute) * (west ? -60 : 60);
	return true;
}

static void
read_second_fraction(const char **text, struct parts *p)
{
	const char *begin;

	if (p->n != PART_SECOND + 1 || **text != '.' || !is_digit((*text)[1]))
		return;
	begin = ++*text;
	p->nano = read_fraction(text);
	p->nano_step = 1000000000;
	for (; begin < *text && p->nano_step > 1; begin++)
		p->nano_step /= 10;
}

/* In front of a part: its own mark, or none in the form without marks. */
static bool
read_mark(const char **text, unsigned part, bool marked)
{
	static const char marks[] = "\0--T::";
	char c = **text;

	if (part == 0)
		return true;
	if (!marked)
		return is_digit(c);
	if (c != marks[part] && !(part == PART_HOUR && c == ' '))
		return false;
	(*text)++;
	return true;
}

/* The form without marks is the classic one, and takes February 30. */
static bool
is_day_of_month(const struct parts *p)
{
	static const int days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	int year = p->part[PART_YEAR], month = p->part[PART_MONTH];
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return p->part[PART_DAY] <= days[month - 1] - (month == 2 && !leap);
}

static bool
in_bounds(const struct parts *p)
{
	return p->part[PART_MONTH] >= 1 && p->part[PART_MONTH] <= 12 &&
	    p->part[PART_DAY] >= 1 && p->part[PART_DAY] <= 31 &&
	    p->part[PART_HOUR] <= 23 && p->part[PART_MINUTE] <= 59 &&
	    p->part[PART_SECOND] <= 59;
}

static bool
read_parts(const char *text, struct parts *p)
{
	bool marked;

	*p = (struct parts){ .part = { 0, 1, 1, 0, 0, 0 } };
	if (strlen(text) < 4)
		return false;
	marked = !is_digit(text[4]);
	while (p->n < 6 && *text != '\0' &&
	    (p->n == 0 || read_mark(&text, p->n, marked))) {
		if (!read_digits(&text, p->n == 0 ? 4 : 2, &p->part[p->n]))
			return false;
		p->n++;
		if (p->n > PART_HOUR && marked &&
		    (*text == 'Z' || *text == '+' || *text == '-'))
			break;
	}
	read_second_fraction(&text, p);
	if (p->n > PART_HOUR && !read_zone(&text, p))
		return false;
	return *text == '\0' && in_bounds(p) &&
	    (!marked || is_day_of_month(p));
}

/* Days from 1970-01-01 to a date of the Gregorian calendar; month from 1. */
static int64_t
days_of(int64_t year, int64_t month, int64_t day)
{
	/* Years from March on, so that a leap day is the last of its year. */
	int64_t y = month > 2 ? year : year - 1;
	int64_t since_march = month > 2 ? month - 3 : month + 9;
	int64_t of_year = (153 * since_march + 2) / 5 + day - 1;

	return 365 * y + y / 4 - y / 100 + y / 400 + of_year - 719468;
}

/* Seconds since 1970 of parts that may be one past their ends. */
static int64_t
seconds_of(const struct parts *p)
{
	struct tm tm;
	int64_t month = p->part[PART_MONTH] - 1;

	if (p->zone)
		return days_of(p->part[PART_YEAR] + month / 12, month % 12 + 1,
			   p->part[PART_DAY]) * 86400 +
		    p->part[PART_HOUR] * 3600 + p->part[PART_MINUTE] * 60 +
		    p->part[PART_SECOND] - p->offset_sec;
	memset(&tm, 0, sizeof(tm));
	tm.tm_year = p->part[PART_YEAR] - 1900;
	tm.tm_mon = p->part[PART_MONTH] - 1;
	tm.tm_mday = p->part[PART_DAY];
	tm.tm_hour = p->part[PART_HOUR];
	tm.tm_min = p->part[PART_MINUTE];
	tm.tm_sec = p->part[PART_SECOND];
	tm.tm_isdst = -1;
	return (int64_t)mktime(&tm);
}

/* Between 1970 and 2261 in UTC, where a zone would lead out of it. */
static int64_t
clamp_sec(int64_t sec)
{
	const int64_t last_sec = INT64_C(9214646399);

	if (sec < 0)
		return 0;
	return sec > last_sec ? last_sec : sec;
}

int
quantity_time(const char *text, struct moment *moment)
{
	const int64_t second_ns = 1000000000;
	struct parts p;
	int64_t first, last;

	if (!read_parts(text, &p))
		return FLOWD_EINVAL;
	if (p.part[PART_YEAR] < YEAR_FIRST || p.part[PART_YEAR] > YEAR_LAST)
		return FLOWD_ERANGE;
	first = clamp_sec(seconds_of(&p));
	if (p.nano_step > 0) {
		moment->first_ns = first * second_ns + (int64_t)p.nano;
		moment->last_ns = moment->first_ns + (int64_t)p.nano_step - 1;
		return 0;
	}
	p.part[p.n - 1]++;
	last = clamp_sec(seconds_of(&p) - 1);
	/* An hour that a clock skips in spring is none. */
	if (last < first)
		return FLOWD_EINVAL;
	moment->first_ns = first * second_ns;
	moment->last_ns = last * second_ns + second_ns - 1;
	return 0;
}
