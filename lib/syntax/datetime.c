/*
 * Times as text; see datetime.h.
 *
 *	word		now, today, yesterday, tomorrow
 *	span		-15m, from now; +1h, from the start of a range
 *	seconds		@1795428000.25, or ten digits that are no date
 *	date		2026-11-23T10:05+01:00, or the front of it
 *	digits		20261123T100500Z, with or without the T, likewise
 *	clock		10:05, of today or of the day of the start
 */
#include <string.h>

#include "datetime.h"
#include "quantity.h"

enum {
	DAY_SEC = 86400,
	YEAR_FIRST = 1970,
	YEAR_LAST = 2261, /* the last whole year in 64 bits of nanoseconds */
	DAYS_MAX = 100 * 366, /* maximum of a span */
	OFFSET_HOURS_MAX = 14,
	EPOCH_DIGITS = 10
};

enum { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, PARTS };

static const int64_t second_ns = 1000000000;

/* The state of the reader of a time. */
struct datetime_reader {
	const char *text, *at;
	const struct datetime_view *view;
	struct flowd_error *err;
	int part[PARTS];
	unsigned first, n; /* the first part, and the number of parts */
	int64_t nano, nano_step; /* fraction of a second; step 0: none */
	struct zone zone;
	bool marked, zoned;
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static size_t
count_digits(const char *text)
{
	return strspn(text, "0123456789");
}

static int
fail_with(const struct datetime_reader *r, const char *why)
{
	return flowd_fail(
	    r->err, FLOWD_EINVAL, "\"%.64s\" %s", r->text, why);
}

/* Is it a span without its sign? */
static bool
is_bare_span(const char *text)
{
	struct quantity_days span;

	return is_digit(*text) && quantity_days(text, &span) == 0 &&
	    count_digits(text) < strlen(text);
}

static int
fail_bare_span(const struct datetime_reader *r)
{
	const char *text = r->text;

	if (r->view->start != NULL)
		return flowd_fail(r->err, FLOWD_EINVAL, "\"%.64s\" is not a "
		    "time; write -%.64s for %.64s ago, +%.64s for %.64s after "
		    "the start", text, text, text, text, text);
	return flowd_fail(r->err, FLOWD_EINVAL,
	    "\"%.64s\" is not a time; write -%.64s for %.64s ago", text, text,
	    text);
}

static int
fail_form(const struct datetime_reader *r)
{
	if (r->view->now_ns != 0 && is_bare_span(r->text))
		return fail_bare_span(r);
	if (r->view->now_ns == 0)
		return fail_with(r, "is not a time: 2026-11-23, "
		    "2026-11-23T10:05, 20261123100500, @1795428300");
	if (r->view->start != NULL)
		return fail_with(r, "is not a time: 2026-11-23T10:05, 10:05, "
		    "@1795428300, -15m, +1h, today, now");
	return fail_with(r, "is not a time: 2026-11-23T10:05, 10:05, "
	    "@1795428300, -15m, today, now");
}

static int
fail_range(const struct datetime_reader *r)
{
	return fail_with(
	    r, "is out of range: a time is of the years 1970 to 2261");
}

/*
 * A configuration outlives the moment at which it is read, so a relative time
 * makes no sense in it.
 */
static int
fail_relative(const struct datetime_reader *r)
{
	return fail_with(
	    r, "hangs on when it is read; here a time has its date");
}

static struct zone
default_zone(const struct datetime_view *view)
{
	return (struct zone){ .local = !view->utc };
}

static int64_t
floor_sec(int64_t ns)
{
	return ns / second_ns - (ns % second_ns < 0);
}

/*
 * Keeps a time between 1970 and 2261 in UTC, which a zone offset could leave.
 */
static int64_t
clamp_sec(int64_t sec)
{
	const int64_t last_sec = INT64_C(9214646399);

	if (sec < 0)
		return 0;
	return sec > last_sec ? last_sec : sec;
}

static bool
is_in_range(int64_t sec)
{
	return sec == clamp_sec(sec);
}

/* The last nanosecond before the end. */
static int64_t
stretch_last(const struct stretch *s)
{
	if (s->from_sec == s->to_sec)
		return clamp_sec(s->from_sec) * second_ns - 1;
	return clamp_sec(s->to_sec - 1) * second_ns + second_ns - 1;
}

/* The time during which the clocks of a zone show [from, to). */
static void
set_stretch(struct datetime *d, struct zone zone, int64_t from, int64_t to)
{
	struct instants begin = civil_instants(zone, from);
	struct stretch s[2];
	unsigned last = civil_stretches(zone, from, to, s) - 1;

	*d = (struct datetime){
		.first_ns = clamp_sec(s[0].from_sec) * second_ns,
		.last_ns = stretch_last(&s[0]),
		.again_first_ns = clamp_sec(s[last].from_sec) * second_ns,
		.again_last_ns = stretch_last(&s[last]),
		.begin_late_ns = clamp_sec(begin.late_sec) * second_ns,
		.skipped = begin.skipped,
		.zone = zone,
	};
}

/* Narrows d, a whole second, to some nanoseconds of it. */
static void
datetime_narrow(struct datetime *d, int64_t nano, int64_t step)
{
	if (d->last_ns < d->first_ns)
		return;
	d->first_ns += nano;
	d->again_first_ns += nano;
	d->begin_late_ns += nano;
	d->last_ns = d->first_ns + step - 1;
	d->again_last_ns = d->again_first_ns + step - 1;
}

static void
set_instants(struct datetime *d, struct zone zone, int64_t early_ns,
    int64_t late_ns)
{
	*d = (struct datetime){ early_ns, early_ns, late_ns, late_ns, late_ns,
		false, zone };
}

/* now, or a day relative to today */
static int
read_word(const struct datetime_reader *r, struct datetime *d)
{
	static const struct {
		const char *word;
		int64_t day;
	} days[] = { { "today", 0 }, { "yesterday", -1 }, { "tomorrow", 1 } };
	struct zone zone = default_zone(r->view);
	int64_t now = r->view->now_ns, day;

	if (strcmp(r->text, "now") == 0 && now != 0) {
		set_instants(d, zone, now, now);
		return 0;
	}
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
		if (strcmp(r->text, days[i].word) != 0)
			continue;
		if (now == 0)
			return fail_relative(r);
		day = civil_at(zone, floor_sec(now)) / DAY_SEC + days[i].day;
		set_stretch(d, zone, day * DAY_SEC, (day + 1) * DAY_SEC);
		return 0;
	}
	return strcmp(r->text, "now") == 0 ? fail_relative(r) : fail_form(r);
}

/* Sets an instant that is some calendar days and nanoseconds away. */
static int
set_away(const struct datetime_reader *r, struct datetime *d, struct zone zone,
    int64_t from_ns, int64_t days, int64_t ns)
{
	int64_t sec = floor_sec(from_ns), rest = from_ns - sec * second_ns + ns;
	struct instants i = { sec, sec, false };

	if (days != 0)
		i = civil_instants(zone, civil_at(zone, sec) + days * DAY_SEC);
	if (!is_in_range(i.early_sec + rest / second_ns) ||
	    !is_in_range(i.late_sec + rest / second_ns))
		return fail_range(r);
	set_instants(d, zone, i.early_sec * second_ns + rest,
	    i.late_sec * second_ns + rest);
	return 0;
}

/* A range of this length excludes its last nanosecond. */
static int
set_behind(const struct datetime_reader *r, struct datetime *d, int64_t days,
    int64_t ns)
{
	const struct datetime *start = r->view->start;
	int bad;

	if (start == NULL)
		return fail_with(r, "is so long after the start of a range, "
		    "and there is none");
	bad = set_away(r, d, start->zone, start->first_ns, days, ns);
	if (bad == 0) {
		d->last_ns--;
		d->again_last_ns--;
	}
	return bad;
}

/* -SPAN, +SPAN */
static int
read_span(const struct datetime_reader *r, struct datetime *d)
{
	struct quantity_days span;
	int64_t days, ns;

	if (quantity_days(r->text + 1, &span) != 0)
		return fail_form(r);
	if (span.days > DAYS_MAX || span.ns / (DAY_SEC * second_ns) > DAYS_MAX)
		return fail_range(r);
	days = (int64_t)span.days;
	ns = (int64_t)span.ns;
	if (*r->text == '+')
		return set_behind(r, d, days, ns);
	if (r->view->now_ns == 0)
		return fail_relative(r);
	return set_away(r, d, default_zone(r->view), r->view->now_ns, -days,
	    -ns);
}

/* Reads a point and up to nine digits. */
static bool
read_fraction(struct datetime_reader *r)
{
	if (*r->at != '.')
		return true;
	r->nano_step = second_ns;
	while (is_digit(*++r->at)) {
		if (r->nano_step == 1)
			return false;
		r->nano_step /= 10;
		r->nano += (*r->at - '0') * r->nano_step;
	}
	return r->nano_step != second_ns;
}

/* Seconds since 1970 */
static int
read_seconds(struct datetime_reader *r, struct datetime *d)
{
	const struct zone utc = { .local = false };
	size_t n = count_digits(r->at);
	int64_t sec = 0;

	if (n == 0)
		return fail_form(r);
	for (; n > 0; n--, r->at++)
		if (is_in_range(sec))
			sec = sec * 10 + (*r->at - '0');
	if (!read_fraction(r) || *r->at != '\0')
		return fail_form(r);
	if (!is_in_range(sec))
		return fail_range(r);
	set_stretch(d, utc, sec, sec + 1);
	if (r->nano_step != 0)
		datetime_narrow(d, r->nano, r->nano_step);
	return 0;
}

static bool
read_digits(struct datetime_reader *r, unsigned n, int *out)
{
	int v = 0;

	for (; n > 0; n--) {
		if (!is_digit(*r->at))
			return false;
		v = v * 10 + (*r->at++ - '0');
	}
	*out = v;
	return true;
}

/* Z, +hh, +hhmm, +hh:mm */
static bool
read_zone(struct datetime_reader *r)
{
	bool west = *r->at == '-';
	int hour, minute = 0;

	if (*r->at == 'Z' || *r->at == 'z') {
		r->zoned = true;
		r->zone = (struct zone){ .local = false };
		r->at++;
		return true;
	}
	if (*r->at != '+' && *r->at != '-')
		return true;
	r->at++;
	if (!read_digits(r, 2, &hour))
		return false;
	if (*r->at == ':')
		r->at++;
	if (*r->at != '\0' && !read_digits(r, 2, &minute))
		return false;
	r->zoned = true;
	r->zone = (struct zone){ .local = false,
		.east_sec = (hour * 60 + minute) * (west ? -60 : 60) };
	return hour <= OFFSET_HOURS_MAX && minute < 60;
}

/* Reads the separator of a part, if this form has separators. */
static bool
read_mark(struct datetime_reader *r)
{
	static const char marks[] = "\0--T::";
	char c = *r->at == 't' || *r->at == ' ' ? 'T' : *r->at;

	if (r->n == r->first)
		return true;
	if (!r->marked && r->n != HOUR)
		return is_digit(c);
	if (!r->marked && is_digit(c))
		return true;
	if (c != marks[r->n])
		return false;
	r->at++;
	return true;
}

/* A part has two digits, a year four; an hour before minutes may have one. */
static unsigned
part_digits(const struct datetime_reader *r)
{
	if (r->n == YEAR)
		return 4;
	return r->n == HOUR && r->marked && r->at[0] != '\0' &&
		r->at[1] == ':'
	    ? 1
	    : 2;
}

/* Is what follows the hour a zone, or the end? */
static bool
at_zone(const struct datetime_reader *r)
{
	return r->n > HOUR && strchr("Zz+-.", *r->at) != NULL;
}

static bool
read_parts(struct datetime_reader *r)
{
	while (r->n < PARTS && *r->at != '\0' && !at_zone(r)) {
		if (!read_mark(r) ||
		    !read_digits(r, part_digits(r), &r->part[r->n]))
			return false;
		r->n++;
	}
	if (r->n == PARTS && !read_fraction(r))
		return false;
	if (r->n > HOUR && !read_zone(r))
		return false;
	return *r->at == '\0' && r->n > r->first;
}

static bool
is_day_of_month(const struct datetime_reader *r)
{
	static const int days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	int year = r->part[YEAR], month = r->part[MONTH];
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	if (r->view->classic && !r->marked)
		return true;
	return r->part[DAY] <= days[month - 1] - (month == 2 && !leap);
}

/* Midnight may be 24:00 of the day before. */
static bool
is_midnight(const struct datetime_reader *r)
{
	return r->part[HOUR] == 24 && r->n > MINUTE && r->part[MINUTE] == 0 &&
	    r->part[SECOND] == 0 && r->nano == 0;
}

static bool
parts_in_bounds(const struct datetime_reader *r)
{
	return r->part[MONTH] >= 1 && r->part[MONTH] <= 12 &&
	    r->part[DAY] >= 1 && r->part[DAY] <= 31 && is_day_of_month(r) &&
	    (r->part[HOUR] <= 23 || is_midnight(r)) &&
	    r->part[MINUTE] <= 59 && r->part[SECOND] <= 59;
}

/* Civil seconds of parts, any of which may be one past its maximum. */
static int64_t
parts_sec(const int part[PARTS])
{
	int64_t month = part[MONTH] - 1;

	return civil_days(part[YEAR] + month / 12, month % 12 + 1, part[DAY]) *
	    DAY_SEC +
	    part[HOUR] * 3600 + part[MINUTE] * 60 + part[SECOND];
}

/* From a civil time up to the next value of its last part. */
static void
set_parts(struct datetime_reader *r, struct datetime *d, int64_t day)
{
	int64_t from = day * DAY_SEC + parts_sec(r->part);

	r->part[r->n - 1]++;
	set_stretch(d, r->zone, from, day * DAY_SEC + parts_sec(r->part));
	if (r->nano_step != 0)
		datetime_narrow(d, r->nano, r->nano_step);
}

/* 2026-11-23T10:05:30.5+01:00, 20261123T100530Z */
static int
read_date(struct datetime_reader *r, struct datetime *d)
{
	r->marked = !is_digit(r->at[4]);
	r->part[MONTH] = r->part[DAY] = 1;
	if (!read_parts(r) || !parts_in_bounds(r))
		return fail_form(r);
	if (r->part[YEAR] < YEAR_FIRST || r->part[YEAR] > YEAR_LAST)
		return fail_range(r);
	set_parts(r, d, 0);
	return 0;
}

/*
 * The day of a time without a date: that of the start of the range, or today.
 */
static int64_t
day_meant(const struct datetime_reader *r)
{
	const struct datetime *start = r->view->start;
	int64_t ns = start != NULL ? start->first_ns : r->view->now_ns;

	return civil_at(r->zone, floor_sec(ns)) / DAY_SEC;
}

/* Reads 10:05:30.5Z, with a date of 1970-01-01. */
static int
read_clock(struct datetime_reader *r, struct datetime *d)
{
	r->marked = true;
	r->first = r->n = HOUR;
	r->part[YEAR] = YEAR_FIRST;
	r->part[MONTH] = r->part[DAY] = 1;
	if (!read_parts(r) || !parts_in_bounds(r))
		return fail_form(r);
	if (r->view->now_ns == 0)
		return fail_relative(r);
	if (r->zoned && r->zone.east_sec < 0)
		return fail_with(r, "is a range, or a time west of Greenwich: "
		    "write the date in front of it");
	set_parts(r, d, day_meant(r));
	return 0;
}

/* Only digits, too many for a date: may they be seconds since 1970? */
static bool
is_epoch(const char *text)
{
	size_t n = count_digits(text);

	return n == EPOCH_DIGITS && (text[n] == '\0' || text[n] == '.') &&
	    strncmp(text, "1970", 4) < 0;
}

static bool
is_clock(const char *text)
{
	size_t n = count_digits(text);

	return (n == 1 || n == 2) && text[n] == ':';
}

int
datetime_parse(const char *text, const struct datetime_view *view,
    struct datetime *d, struct flowd_error *err)
{
	struct datetime_reader r = { .text = text, .at = text, .view = view,
		.err = err, .zone = default_zone(view) };

	if (*text == '-' || *text == '+')
		return read_span(&r, d);
	if (*text == '@')
		r.at++;
	if (*text == '@' || is_epoch(text))
		return read_seconds(&r, d);
	if (is_clock(text))
		return read_clock(&r, d);
	return is_digit(*text) && count_digits(text) >= 4 ? read_date(&r, d)
							  : read_word(&r, d);
}
