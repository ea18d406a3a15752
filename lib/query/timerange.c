/* Ranges of time; see timerange.h. */
#define _DEFAULT_SOURCE /* timegm(3), which the BSDs and musl have, too */
#include <string.h>
#include <time.h>

#include "timerange.h"

enum {
	TEXT = 32 /* octets of the longest time, with its ending 0 */
};

static const int64_t second_ns = 1000000000;
static const int64_t span_max_sec = INT64_C(100) * 366 * 86400;

struct moment {
	int64_t now_ns, start_ns;
	bool is_end, utc;
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int64_t
unit_sec(char c)
{
	static const struct {
		char letter;
		int64_t sec;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 },
		{ 'w', 7 * 86400 } };

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (units[i].letter == c)
			return units[i].sec;
	return 0;
}

/* "1h30m"; false for what is none, or is longer than a century. */
static bool
parse_span(const char *p, int64_t *ns)
{
	int64_t sum = 0;

	do {
		int64_t v = 0;

		if (!is_digit(*p))
			return false;
		for (; is_digit(*p) && v <= span_max_sec; p++)
			v = v * 10 + (*p - '0');
		if (unit_sec(*p) == 0 || v > span_max_sec / unit_sec(*p))
			return false;
		sum += v * unit_sec(*p++);
	} while (*p != '\0' && sum <= span_max_sec);
	*ns = sum * second_ns;
	return sum <= span_max_sec;
}

/* n digits at *p, and the sign behind them if there must be one. */
static bool
take_number(const char **p, int n, char behind, int *v)
{
	*v = 0;
	for (; n > 0; n--, ++*p) {
		if (!is_digit(**p))
			return false;
		*v = *v * 10 + (**p - '0');
	}
	if (behind == '\0')
		return true;
	return *(*p)++ == behind;
}

/* A point and the digits that are known, nine at most. */
static bool
take_fraction(const char **p, int64_t *ns)
{
	int64_t unit = second_ns / 10;

	if (!is_digit(*++*p))
		return false;
	for (; is_digit(**p) && unit > 0; ++*p, unit /= 10)
		*ns += (**p - '0') * unit;
	return !is_digit(**p);
}

static int64_t
to_ns(struct tm *tm, bool utc)
{
	tm->tm_isdst = -1;
	return (int64_t)(utc ? timegm(tm) : mktime(tm)) * second_ns;
}

/* Months and hours are in bounds; days as far as any month goes. */
static bool
in_bounds(const struct tm *tm)
{
	return tm->tm_year >= 70 && tm->tm_year < 300 && tm->tm_mon >= 0 &&
	    tm->tm_mon < 12 && tm->tm_mday >= 1 && tm->tm_mday <= 31 &&
	    tm->tm_hour <= 24 && tm->tm_min < 60 && tm->tm_sec <= 60;
}

/* ":SS" and digits behind a point, if they are there. */
static bool
take_seconds(const char **p, int *sec, int64_t *fraction_ns)
{
	if (**p != ':')
		return true;
	++*p;
	if (!take_number(p, 2, '\0', sec))
		return false;
	return **p != '.' || take_fraction(p, fraction_ns);
}

/* "YYYY-MM-DD", and a T or a blank when a time of the day follows. */
static bool
take_date(const char **p, struct tm *tm, bool *timed)
{
	if (!take_number(p, 4, '-', &tm->tm_year) ||
	    !take_number(p, 2, '-', &tm->tm_mon) ||
	    !take_number(p, 2, '\0', &tm->tm_mday))
		return false;
	tm->tm_year -= 1900;
	tm->tm_mon--;
	*timed = **p == 'T' || **p == ' ';
	*p += *timed;
	return true;
}

/* "HH:MM", and more of it. */
static bool
take_time(const char **p, struct tm *tm, int64_t *fraction_ns)
{
	return take_number(p, 2, ':', &tm->tm_hour) &&
	    take_number(p, 2, '\0', &tm->tm_min) &&
	    take_seconds(p, &tm->tm_sec, fraction_ns);
}

static void
set_day(int64_t ns, bool utc, struct tm *tm)
{
	time_t sec = (time_t)(ns / second_ns);

	if (utc)
		(void)gmtime_r(&sec, tm);
	else
		(void)localtime_r(&sec, tm);
	tm->tm_hour = tm->tm_min = tm->tm_sec = 0;
}

/* Of a time without a date: that of the start, or today. */
static int64_t
day_meant(const struct moment *m)
{
	return m->is_end && m->start_ns != INT64_MIN ? m->start_ns
						     : m->now_ns;
}

static bool
parse_clock(const char *p, const struct moment *m, int64_t *ns)
{
	bool dated = strchr(p, '-') != NULL, timed = true;
	bool utc = m->utc || strchr(p, 'Z') != NULL;
	struct tm tm = { 0 };
	int64_t fraction_ns = 0;
	int month;

	if (!dated)
		set_day(day_meant(m), utc, &tm);
	else if (!take_date(&p, &tm, &timed))
		return false;
	if (timed && !take_time(&p, &tm, &fraction_ns))
		return false;
	month = tm.tm_mon;
	if (strcmp(p, *p == 'Z' ? "Z" : "") != 0 || !in_bounds(&tm))
		return false;
	*ns = to_ns(&tm, utc) + fraction_ns;
	/* There is no 31st of February; but midnight may be 24:00. */
	return tm.tm_mon == month || (tm.tm_mday == 1 && tm.tm_hour == 0);
}

/* When the day of now began, or one so many days before it. */
static int64_t
day_begin(const struct moment *m, int days)
{
	struct tm tm = { 0 };

	set_day(m->now_ns, m->utc, &tm);
	tm.tm_mday -= days;
	return to_ns(&tm, m->utc);
}

static bool
parse_moment(const char *text, const struct moment *m, int64_t *ns)
{
	if (strcmp(text, "now") == 0) {
		*ns = m->now_ns;
	} else if (strcmp(text, "today") == 0) {
		*ns = day_begin(m, 0);
	} else if (strcmp(text, "yesterday") == 0) {
		*ns = day_begin(m, 1);
	} else if (*text == '-') {
		if (!parse_span(text + 1, ns))
			return false;
		*ns = m->now_ns - *ns;
	} else if (*text == '+' && m->is_end && m->start_ns != INT64_MIN) {
		if (!parse_span(text + 1, ns))
			return false;
		*ns += m->start_ns;
	} else {
		return parse_clock(text, m, ns);
	}
	return true;
}

/* The text in front of the comma, or NULL when it is too long to be a time. */
static const char *
split(const char *text, char start[TEXT])
{
	size_t len = strcspn(text, ",");

	if (len >= TEXT)
		return NULL;
	memcpy(start, text, len);
	start[len] = '\0';
	return text + len + (text[len] == ',');
}

int
timerange_parse(const char *text, int64_t now_ns, bool utc,
    struct timerange *range, struct flowd_error *err)
{
	struct moment m = { .now_ns = now_ns, .start_ns = INT64_MIN,
		.utc = utc };
	char start[TEXT];
	const char *end = split(text, start);

	*range = (struct timerange){ INT64_MIN, INT64_MAX };
	if (end == NULL || (*start == '\0' && *end == '\0') ||
	    (*start != '\0' && !parse_moment(start, &m, &range->after_ns)))
		return flowd_fail(err, FLOWD_EINVAL,
		    "\"%s\" is no time: 2026-11-23T10:00, 10:00, -15m, "
		    "today, now",
		    end == NULL ? text : start);
	m.start_ns = range->after_ns;
	m.is_end = true;
	if (*end != '\0' && !parse_moment(end, &m, &range->before_ns))
		return flowd_fail(err, FLOWD_EINVAL,
		    "\"%s\" is no end of a time range: 2026-11-23T11:00, "
		    "+1h, now",
		    end);
	if (range->before_ns <= range->after_ns)
		return flowd_fail(err, FLOWD_EINVAL,
		    "\"%s\" ends before it begins", text);
	return 0;
}
